using System.Globalization;
using System.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Cuts a template of Go's text/template into tokens; comments and trimmed blanks are gone.</summary>
internal sealed class Lexer(string source)
{
    private const string Blanks = " \t\r\n";

    private readonly List<Token> _tokens = [];
    private int _at;

    /// <summary>All tokens, the last of which is the end.</summary>
    /// <exception cref="TemplateFault">Malformed.</exception>
    public IReadOnlyList<Token> Read()
    {
        var trimStart = false;
        while (true)
        {
            var open = source.IndexOf("{{", _at, StringComparison.Ordinal);
            var text = source[_at..(open < 0 ? source.Length : open)];
            var start = _at;
            if (trimStart)
            {
                start += text.Length - text.TrimStart(Blanks.ToCharArray()).Length;
                text = text.TrimStart(Blanks.ToCharArray());
            }

            var trimEnd = open >= 0 && source.Length > open + 3 && source[open + 2] == '-' && Blanks.Contains(source[open + 3], StringComparison.Ordinal);
            if (trimEnd)
            {
                text = text.TrimEnd(Blanks.ToCharArray());
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

            _at = open + (trimEnd ? 3 : 2);
            trimStart = SkipComment(trimEnd) ?? ReadAction(open);
        }
    }

    /// <summary>Skips a comment; null when there is none, else whether blanks after it are trimmed.</summary>
    private bool? SkipComment(bool afterTrim)
    {
        var begin = afterTrim ? _at + 1 : _at;
        if (!source.AsSpan(Math.Min(begin, source.Length)).StartsWith("/*"))
        {
            return null;
        }

        var end = source.IndexOf("*/", begin + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw TemplateFault.Reading(source, begin, "unclosed comment");
        }

        _at = end + 2;
        var trim = AtTrimmedClose();
        if (!trim && !source.AsSpan(_at).StartsWith("}}"))
        {
            throw TemplateFault.Reading(source, begin, "comment ends before closing delimiter");
        }

        _at += trim ? 4 : 2;
        return trim;
    }

    private bool AtTrimmedClose() =>
        _at < source.Length && Blanks.Contains(source[_at], StringComparison.Ordinal) && source.AsSpan(_at + 1).StartsWith("-}}");

    /// <summary>Reads the tokens of an action; answers whether blanks after it are trimmed.</summary>
    private bool ReadAction(int open)
    {
        _tokens.Add(new Token(TokenKind.Open, "{{", open, "{{"));
        var depth = 0;
        while (true)
        {
            var trim = AtTrimmedClose();
            if (trim || source.AsSpan(_at).StartsWith("}}"))
            {
                if (depth > 0)
                {
                    throw TemplateFault.Reading(source, _at, "unclosed left paren");
                }

                _tokens.Add(new Token(TokenKind.Close, "}}", _at, "}}"));
                _at += trim ? 4 : 2;
                return trim;
            }

            if (_at == source.Length)
            {
                throw TemplateFault.Reading(source, open, "unclosed action");
            }

            depth += ReadToken();
            if (depth < 0)
            {
                throw TemplateFault.Reading(source, _at, "unexpected right paren");
            }
        }
    }

    /// <summary>Reads one token; answers how much deeper in parentheses it leads.</summary>
    private int ReadToken()
    {
        var begin = _at;
        var first = source[_at];
        if (Blanks.Contains(first, StringComparison.Ordinal))
        {
            while (_at < source.Length && Blanks.Contains(source[_at], StringComparison.Ordinal) && !AtTrimmedClose())
            {
                _at++;
            }

            Add(TokenKind.Space, begin, " ");
            return 0;
        }

        switch (first)
        {
            case '"':
                ReadQuoted();
                return 0;
            case '`':
                var close = source.IndexOf('`', _at + 1);
                _at = close < 0 ? throw TemplateFault.Reading(source, begin, "unterminated raw quoted string") : close + 1;
                Add(TokenKind.Quoted, begin, source[(begin + 1)..close]);
                return 0;
            case '\'':
                ReadCharacter();
                return 0;
            case '$':
                _at++;
                SkipWord();
                ExpectEndOfWord();
                Add(TokenKind.Variable, begin, source[begin.._at]);
                return 0;
            case '.' when _at + 1 >= source.Length || !char.IsAsciiDigit(source[_at + 1]):
                _at++;
                SkipWord();
                if (_at > begin + 1)
                {
                    ExpectEndOfWord();
                }

                Add(_at > begin + 1 ? TokenKind.Field : TokenKind.Dot, begin, source[(begin + 1).._at]);
                return 0;
            case ':':
                if (!source.AsSpan(_at).StartsWith(":="))
                {
                    throw TemplateFault.Reading(source, begin, "expected :=");
                }

                _at += 2;
                Add(TokenKind.Symbol, begin, ":=");
                return 0;
            case '=' or '|' or ',' or '(' or ')':
                _at++;
                Add(TokenKind.Symbol, begin, first.ToString());
                return first == '(' ? 1 : first == ')' ? -1 : 0;
            case '+' or '-' or '.' or (>= '0' and <= '9'):
                while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] is '_' or '.' or '+' or '-'))
                {
                    _at++;
                }

                Add(TokenKind.Number, begin, source[begin.._at]);
                return 0;
            case var letter when letter == '_' || char.IsLetter(letter):
                SkipWord();
                ExpectEndOfWord();
                Add(TokenKind.Word, begin, source[begin.._at]);
                return 0;
            default:
                throw TemplateFault.Reading(source, begin, $"unrecognized character in action: {Name(first)}");
        }
    }

    private void ReadQuoted()
    {
        var begin = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (_at == source.Length || source[_at] == '\n')
            {
                throw TemplateFault.Reading(source, begin, "unterminated quoted string");
            }

            if (source[_at] == '"')
            {
                _at++;
                Add(TokenKind.Quoted, begin, text.ToString());
                return;
            }

            text.Append(ReadPossiblyEscaped(begin));
        }
    }

    /// <summary>A character in single quotes is its number.</summary>
    private void ReadCharacter()
    {
        var begin = _at++;
        if (_at < source.Length && source[_at] is not ('\'' or '\n'))
        {
            var text = ReadPossiblyEscaped(begin);
            if (char.IsHighSurrogate(text[0]) && _at < source.Length)
            {
                text += source[_at++];
            }

            if (_at < source.Length && source[_at] == '\'')
            {
                _at++;
                Add(TokenKind.Number, begin, Rune.GetRuneAt(text, 0).Value.ToString(CultureInfo.InvariantCulture));
                return;
            }
        }

        throw TemplateFault.Reading(source, begin, "malformed character constant");
    }

    /// <summary>One UTF-16 unit, or what an escape of a Go string stands for.</summary>
    private string ReadPossiblyEscaped(int literal)
    {
        var unit = source[_at++];
        if (unit != '\\')
        {
            return unit.ToString();
        }

        var kind = _at < source.Length ? source[_at++] : '\0';
        switch (kind)
        {
            case 'a': return "\a";
            case 'b': return "\b";
            case 'f': return "\f";
            case 'n': return "\n";
            case 'r': return "\r";
            case 't': return "\t";
            case 'v': return "\v";
            case '\\' or '"' or '\'': return kind.ToString();
            case 'x': return Code(2, 16);
            case 'u': return Code(4, 16);
            case 'U': return Code(8, 16);
            case >= '0' and <= '7':
                _at--;
                return Code(3, 8);
            default:
                throw TemplateFault.Reading(source, literal, "invalid syntax");
        }

        string Code(int digits, int radix)
        {
            long code = 0;
            for (var i = 0; i < digits; i++)
            {
                var digit = _at < source.Length ? source[_at++] : '\0';
                var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
                code = value < radix ? code * radix + value : throw TemplateFault.Reading(source, literal, "invalid syntax");
            }

            return Rune.IsValid((int)Math.Min(code, int.MaxValue)) ? new Rune((int)code).ToString() : throw TemplateFault.Reading(source, literal, "invalid syntax");
        }
    }

    private void SkipWord()
    {
        while (_at < source.Length && (source[_at] == '_' || char.IsLetterOrDigit(source[_at])))
        {
            _at++;
        }
    }

    private void ExpectEndOfWord()
    {
        if (_at < source.Length && !Blanks.Contains(source[_at], StringComparison.Ordinal) && source[_at] is not ('.' or ',' or '|' or ':' or ')' or '(')
            && !source.AsSpan(_at).StartsWith("}}"))
        {
            throw TemplateFault.Reading(source, _at, $"bad character {Name(source[_at])}");
        }
    }

    private static string Name(char unit) => string.Create(CultureInfo.InvariantCulture, $"U+{(int)unit:X4} '{unit}'");

    private void Add(TokenKind kind, int begin, string text) => _tokens.Add(new Token(kind, text, begin, source[begin.._at]));
}
