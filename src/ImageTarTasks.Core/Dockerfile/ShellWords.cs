using System.Text;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// Replaces variables and takes away quotes in an argument of a Dockerfile instruction, as BuildKit's shell lexer does:
/// <c>$X ${X} ${X:-d} ${X-d} ${X:+a} ${X+a} ${X:?e} ${X?e} ${X#p} ${X##p} ${X%p} ${X%%p} ${X/p/r} ${X//p/r}</c>.
/// </summary>
internal sealed class ShellWords
{
    /// <summary>The maximum nesting of <c>${X:-${Y:-...}}</c>, far above that of real command lines.</summary>
    private const int MaxDepth = 64;

    private const char None = '\0';

    private readonly string _source;
    private readonly char _escape;
    private readonly Func<string, string?> _variables;
    private int _at;
    private int _depth;

    private ShellWords(string source, char escape, Func<string, string?> variables)
    {
        _source = source;
        _escape = escape;
        _variables = variables;
    }

    /// <summary>Replaces variables and removes quotes; blanks stay.</summary>
    /// <exception cref="ImageTarException">ITT1212.</exception>
    public static string Expand(string source, char escape, Func<string, string?> variables) =>
        new ShellWords(source, escape, variables).Run(None, rawEscapes: false).Text;

    /// <summary>The same, split at blanks outside quotes, including blanks that come from variables.</summary>
    /// <exception cref="ImageTarException">ITT1212.</exception>
    public static IReadOnlyList<string> ExpandToWords(string source, char escape, Func<string, string?> variables) =>
        new ShellWords(source, escape, variables).Run(None, rawEscapes: false).Words;

    private (string Text, IReadOnlyList<string> Words) Run(char stop, bool rawEscapes)
    {
        if (++_depth > MaxDepth)
        {
            throw SubstitutionError("substitutions are nested too deeply");
        }

        var text = new StringBuilder();
        var words = new WordList();
        while (_at < _source.Length)
        {
            var c = _source[_at];
            if (stop != None && c == stop)
            {
                _at++;
                _depth--;
                return (text.ToString(), words.Finish());
            }

            switch (c)
            {
                case '\'':
                    var single = SingleQuoted();
                    text.Append(single);
                    words.AddQuoted(single);
                    break;
                case '"':
                    var quoted = DoubleQuoted(rawEscapes);
                    text.Append(quoted);
                    words.AddQuoted(quoted);
                    break;
                case '$':
                    var value = Dollar();
                    text.Append(value);
                    words.AddSplitting(value);
                    break;
                default:
                    _at++;
                    if (c != _escape)
                    {
                        text.Append(c);
                        words.AddSplitting(c.ToString());
                        break;
                    }

                    var escaped =
                        (rawEscapes ? c.ToString() : "") + (_at < _source.Length ? _source[_at++].ToString() : "");
                    text.Append(escaped);
                    words.AddQuoted(escaped);
                    break;
            }
        }

        _depth--;
        return stop == None
            ? (text.ToString(), words.Finish())
            : throw SubstitutionError(stop == '/' ? "syntax error: missing '/' in ${}" : "syntax error: missing '}'");
    }

    private string SingleQuoted()
    {
        var end = _source.IndexOf('\'', _at + 1);
        if (end < 0)
        {
            _at = _source.Length;
            throw SubstitutionError("unexpected end of statement while looking for matching single-quote");
        }

        var content = _source[(_at + 1)..end];
        _at = end + 1;
        return content;
    }

    private string DoubleQuoted(bool rawEscapes)
    {
        var text = new StringBuilder();
        _at++;
        while (_at < _source.Length)
        {
            var c = _source[_at];
            if (c == '"')
            {
                _at++;
                return text.ToString();
            }

            if (c == '$')
            {
                text.Append(Dollar());
                continue;
            }

            _at++;
            if (c == _escape)
            {
                if (rawEscapes)
                {
                    text.Append(c);
                }

                if (_at == _source.Length)
                {
                    break;
                }

                // Between double quotes only these can be escaped. Before any other character the escape character is
                // literal.
                if (_source[_at] is '"' or '$' || _source[_at] == _escape)
                {
                    c = _source[_at++];
                }
            }

            text.Append(c);
        }

        throw SubstitutionError("unexpected end of statement while looking for matching double-quote");
    }

    private string Dollar()
    {
        _at++;
        if (Peek() != '{')
        {
            var plain = Name();
            return plain.Length == 0 ? "$" : _variables(plain) ?? "";
        }

        _at++;
        switch (Peek())
        {
            case None:
                throw SubstitutionError("syntax error: missing '}'");
            case '{' or '}' or ':':
                throw SubstitutionError("syntax error: bad substitution");
        }

        var name = Name();
        var value = _variables(name);
        var modifier = Next();
        switch (modifier)
        {
            case '}':
                return value ?? "";
            case ':':
                modifier = Next();
                return modifier is '-' or '+' or '?'
                    ? Default(name, value, modifier, emptyIsUnset: true)
                    : throw Unsupported(":" + modifier);
            case '-' or '+' or '?':
                return Default(name, value, modifier, emptyIsUnset: false);
            case '#' or '%':
                return Trim(value ?? "", modifier);
            case '/':
                return Replace(value ?? "");
            default:
                throw Unsupported(modifier.ToString());
        }
    }

    private string Default(string name, string? value, char modifier, bool emptyIsUnset)
    {
        var word = Run('}', rawEscapes: false).Text;
        var isSet = value is not null && !(emptyIsUnset && value.Length == 0);
        return modifier switch
        {
            '-' => isSet ? value! : word,
            '+' => isSet ? word : "",
            _ when isSet => value!,
            _ => throw SubstitutionError(
                $"{name}: "
                    + (
                        word.Length > 0 ? word
                        : value is null ? "is not allowed to be unset"
                        : "is not allowed to be empty"
                    )
            ),
        };
    }

    private string Trim(string value, char side)
    {
        var word = Run('}', rawEscapes: true).Text;
        var longest = word.StartsWith(side);
        var pattern = Pattern(longest ? word[1..] : word);
        return side == '#' ? pattern.TrimStart(value, longest) : pattern.TrimEnd(value, longest);
    }

    private string Replace(string value)
    {
        var all = Peek() == '/';
        if (all)
        {
            _at++;
        }

        var pattern = Pattern(Run('/', rawEscapes: true).Text);
        return pattern.Replace(value, Run('}', rawEscapes: true).Text, all);
    }

    private ShellPattern Pattern(string text) =>
        ShellPattern.TryParse(text, out var reason)
        ?? throw SubstitutionError($"invalid pattern ({text}) in substitution: {reason}");

    /// <summary>
    /// A variable's name; digits are a name of their own, and so is one of the shell's special parameters.
    /// </summary>
    private string Name()
    {
        var start = _at;
        if (char.IsDigit(Peek()))
        {
            while (char.IsDigit(Peek()))
            {
                _at++;
            }
        }
        else if (Peek() is '@' or '*' or '#' or '?' or '-' or '$' or '!')
        {
            _at++;
        }
        else
        {
            while (char.IsLetterOrDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }
        }

        return _source[start.._at];
    }

    private char Peek() => _at < _source.Length ? _source[_at] : None;

    private char Next() => _at < _source.Length ? _source[_at++] : throw SubstitutionError("syntax error: missing '}'");

    private ImageTarException Unsupported(string modifier) =>
        SubstitutionError($"unsupported modifier ({modifier}) in substitution");

    /// <summary>
    /// Makes the error. At the end of the text, the enclosing construct is not closed either, and Docker reports that.
    /// </summary>
    private ImageTarException SubstitutionError(string reason) =>
        DockerfileDiagnostics.InvalidSubstitution(
            _source,
            _depth > 1 && _at >= _source.Length && !reason.Contains("missing", StringComparison.Ordinal)
                ? "syntax error: missing '}'"
                : reason
        );

    /// <summary>Collects words. Quoted text never splits, and an empty quoted text is not a word of its own.</summary>
    private sealed class WordList
    {
        private readonly List<string> _words = [];
        private readonly StringBuilder _word = new();

        public void AddQuoted(string text) => _word.Append(text);

        public void AddSplitting(string text)
        {
            foreach (var c in text)
            {
                if (char.IsWhiteSpace(c))
                {
                    EndWord();
                }
                else
                {
                    _word.Append(c);
                }
            }
        }

        public List<string> Finish()
        {
            EndWord();
            return _words;
        }

        private void EndWord()
        {
            if (_word.Length > 0)
            {
                _words.Add(_word.ToString());
                _word.Clear();
            }
        }
    }
}
