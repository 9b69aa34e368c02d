using System.Globalization;
using System.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Splits a template of Go's text/template into tokens, without comments and trimmed blanks.</summary>
internal sealed class Lexer(string source)
{
    private const string Whitespace = " \t\r\n";

    private readonly List<Token> _tokens = [];
    private int _position;

    /// <summary>All tokens, the last of which is the end.</summary>
    /// <exception cref="TemplateException">Malformed.</exception>
    public IReadOnlyList<Token> Tokenize()
    {
        var trimStart = false;
        while (true)
        {
            var open = source.IndexOf("{{", _position, StringComparison.Ordinal);
            var text = source[_position..(open < 0 ? source.Length : open)];
            var start = _position;
            if (trimStart)
            {
                start += text.Length - text.TrimStart(Whitespace.ToCharArray()).Length;
                text = text.TrimStart(Whitespace.ToCharArray());
            }

            var trimEnd =
                open >= 0
                && source.Length > open + 3
                && source[open + 2] == '-'
                && Whitespace.Contains(source[open + 3], StringComparison.Ordinal);
            if (trimEnd)
            {
                text = text.TrimEnd(Whitespace.ToCharArray());
            }

            if (text.Length > 0)
            {
                _tokens.Add(new Token(TokenKind.Text, text, start, text));
            }

            if (open < 0)
            {
                _tokens.Add(new Token(TokenKind.End, "", source.Length, "EOF"));
                return _tokens;
            }

            _position = open + (trimEnd ? 3 : 2);
            trimStart = SkipComment(trimEnd) ?? ReadAction(open);
        }
    }

    /// <summary>
    /// Skips a comment. Returns null when there is none, else whether the blanks after it are trimmed.
    /// </summary>
    private bool? SkipComment(bool afterTrim)
    {
        var begin = afterTrim ? _position + 1 : _position;
        if (!source.AsSpan(Math.Min(begin, source.Length)).StartsWith("/*"))
        {
            return null;
        }

        var end = source.IndexOf("*/", begin + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw TemplateException.ParseError(source, begin, "unclosed comment");
        }

        _position = end + 2;
        var trim = IsAtTrimmedClose();
        if (!trim && !source.AsSpan(_position).StartsWith("}}"))
        {
            throw TemplateException.ParseError(source, begin, "comment ends before closing delimiter");
        }

        _position += trim ? 4 : 2;
        return trim;
    }

    private bool IsAtTrimmedClose() =>
        _position < source.Length
        && Whitespace.Contains(source[_position], StringComparison.Ordinal)
        && source.AsSpan(_position + 1).StartsWith("-}}");

    /// <summary>Reads the tokens of an action; answers whether blanks after it are trimmed.</summary>
    private bool ReadAction(int openPosition)
    {
        _tokens.Add(new Token(TokenKind.Open, "{{", openPosition, "{{"));
        var depth = 0;
        while (true)
        {
            var trim = IsAtTrimmedClose();
            if (trim || source.AsSpan(_position).StartsWith("}}"))
            {
                if (depth > 0)
                {
                    throw TemplateException.ParseError(source, _position, "unclosed left paren");
                }

                _tokens.Add(new Token(TokenKind.Close, "}}", _position, "}}"));
                _position += trim ? 4 : 2;
                return trim;
            }

            if (_position == source.Length)
            {
                throw TemplateException.ParseError(source, openPosition, "unclosed action");
            }

            depth += ReadToken();
            if (depth < 0)
            {
                throw TemplateException.ParseError(source, _position, "unexpected right paren");
            }
        }
    }

    /// <summary>Reads one token; answers how much deeper in parentheses it leads.</summary>
    private int ReadToken()
    {
        var begin = _position;
        var first = source[_position];
        if (Whitespace.Contains(first, StringComparison.Ordinal))
        {
            while (
                _position < source.Length
                && Whitespace.Contains(source[_position], StringComparison.Ordinal)
                && !IsAtTrimmedClose()
            )
            {
                _position++;
            }

            AddToken(TokenKind.Space, begin, " ");
            return 0;
        }

        switch (first)
        {
            case '"':
                ReadQuoted();
                return 0;
            case '`':
                var close = source.IndexOf('`', _position + 1);
                _position =
                    close < 0
                        ? throw TemplateException.ParseError(source, begin, "unterminated raw quoted string")
                        : close + 1;
                AddToken(TokenKind.Quoted, begin, source[(begin + 1)..close]);
                return 0;
            case '\'':
                ReadCharacter();
                return 0;
            case '$':
                _position++;
                SkipWord();
                ExpectEndOfWord();
                AddToken(TokenKind.Variable, begin, source[begin.._position]);
                return 0;
            case '.' when _position + 1 >= source.Length || !char.IsAsciiDigit(source[_position + 1]):
                _position++;
                SkipWord();
                if (_position > begin + 1)
                {
                    ExpectEndOfWord();
                }

                AddToken(
                    _position > begin + 1 ? TokenKind.Field : TokenKind.Dot,
                    begin,
                    source[(begin + 1).._position]
                );
                return 0;
            case ':':
                if (!source.AsSpan(_position).StartsWith(":="))
                {
                    throw TemplateException.ParseError(source, begin, "expected :=");
                }

                _position += 2;
                AddToken(TokenKind.Symbol, begin, ":=");
                return 0;
            case '=' or '|' or ',' or '(' or ')':
                _position++;
                AddToken(TokenKind.Symbol, begin, first.ToString());
                return first == '(' ? 1
                    : first == ')' ? -1
                    : 0;
            case '+' or '-' or '.' or (>= '0' and <= '9'):
                while (
                    _position < source.Length
                    && (char.IsAsciiLetterOrDigit(source[_position]) || source[_position] is '_' or '.' or '+' or '-')
                )
                {
                    _position++;
                }

                AddToken(TokenKind.Number, begin, source[begin.._position]);
                return 0;
            case var letter when letter == '_' || char.IsLetter(letter):
                SkipWord();
                ExpectEndOfWord();
                AddToken(TokenKind.Word, begin, source[begin.._position]);
                return 0;
            default:
                throw TemplateException.ParseError(
                    source,
                    begin,
                    $"unrecognized character in action: {DescribeCharacter(first)}"
                );
        }
    }

    private void ReadQuoted()
    {
        var begin = _position++;
        var text = new StringBuilder();
        while (true)
        {
            if (_position == source.Length || source[_position] == '\n')
            {
                throw TemplateException.ParseError(source, begin, "unterminated quoted string");
            }

            if (source[_position] == '"')
            {
                _position++;
                AddToken(TokenKind.Quoted, begin, text.ToString());
                return;
            }

            text.Append(ReadCharacterOrEscape(begin));
        }
    }

    /// <summary>A character in single quotes is its number.</summary>
    private void ReadCharacter()
    {
        var begin = _position++;
        if (_position < source.Length && source[_position] is not ('\'' or '\n'))
        {
            var text = ReadCharacterOrEscape(begin);
            if (char.IsHighSurrogate(text[0]) && _position < source.Length)
            {
                text += source[_position++];
            }

            if (_position < source.Length && source[_position] == '\'')
            {
                _position++;
                AddToken(TokenKind.Number, begin, Rune.GetRuneAt(text, 0).Value.ToString(CultureInfo.InvariantCulture));
                return;
            }
        }

        throw TemplateException.ParseError(source, begin, "malformed character constant");
    }

    /// <summary>Reads one UTF-16 unit, or the character of an escape of a Go string.</summary>
    private string ReadCharacterOrEscape(int literalStart)
    {
        var unit = source[_position++];
        if (unit != '\\')
        {
            return unit.ToString();
        }

        var kind = _position < source.Length ? source[_position++] : '\0';
        switch (kind)
        {
            case 'a':
                return "\a";
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case 'v':
                return "\v";
            case '\\' or '"' or '\'':
                return kind.ToString();
            case 'x':
                return Code(2, 16);
            case 'u':
                return Code(4, 16);
            case 'U':
                return Code(8, 16);
            case >= '0' and <= '7':
                _position--;
                return Code(3, 8);
            default:
                throw TemplateException.ParseError(source, literalStart, "invalid syntax");
        }

        string Code(int digits, int radix)
        {
            long code = 0;
            for (var i = 0; i < digits; i++)
            {
                var digit = _position < source.Length ? source[_position++] : '\0';
                var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
                code =
                    value < radix
                        ? code * radix + value
                        : throw TemplateException.ParseError(source, literalStart, "invalid syntax");
            }

            return Rune.IsValid((int)Math.Min(code, int.MaxValue))
                ? new Rune((int)code).ToString()
                : throw TemplateException.ParseError(source, literalStart, "invalid syntax");
        }
    }

    private void SkipWord()
    {
        while (_position < source.Length && (source[_position] == '_' || char.IsLetterOrDigit(source[_position])))
        {
            _position++;
        }
    }

    private void ExpectEndOfWord()
    {
        if (
            _position < source.Length
            && !Whitespace.Contains(source[_position], StringComparison.Ordinal)
            && source[_position] is not ('.' or ',' or '|' or ':' or ')' or '(')
            && !source.AsSpan(_position).StartsWith("}}")
        )
        {
            throw TemplateException.ParseError(
                source,
                _position,
                $"bad character {DescribeCharacter(source[_position])}"
            );
        }
    }

    private static string DescribeCharacter(char unit) =>
        string.Create(CultureInfo.InvariantCulture, $"U+{(int)unit:X4} '{unit}'");

    private void AddToken(TokenKind kind, int begin, string text) =>
        _tokens.Add(new Token(kind, text, begin, source[begin.._position]));
}
