using System.Diagnostics.CodeAnalysis;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>
/// Parses the words behind a verb by the rules of Docker's parser (github.com/spf13/pflag, <c>FlagSet.parseArgs</c>):
/// options and arguments in any order, <c>--</c> before arguments that look like options, several short switches in one
/// word.
/// </summary>
internal sealed class OptionParser
{
    private readonly Verb _verb;
    private readonly Queue<string> _words;
    private readonly List<(VerbOption Option, string Value)> _options = [];
    private readonly List<string> _arguments = [];
    private bool _helpRequested;
    private string? _error;

    private OptionParser(Verb verb, IEnumerable<string> words)
    {
        _verb = verb;
        _words = new Queue<string>(words);
    }

    /// <summary>Parses <paramref name="words"/>; false when an option is unknown or lacks its value.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="words">The words behind it.</param>
    /// <param name="parsed">The options and arguments.</param>
    /// <param name="error">The error in Docker's words, safe to print.</param>
    public static bool TryParse(
        Verb verb,
        IEnumerable<string> words,
        [NotNullWhen(true)] out VerbWords? parsed,
        [NotNullWhen(false)] out string? error
    )
    {
        var parser = new OptionParser(verb, words);
        parser.ParseWords();
        error = parser._error;
        parsed = error is null ? new VerbWords(parser._options, parser._arguments, parser._helpRequested) : null;
        return error is null;
    }

    private void ParseWords()
    {
        var endsAtArgument = _verb.Arguments.Any(a => a.IsTrailingCommand);
        while (_error is null && _words.TryDequeue(out var word))
        {
            if (word == "--")
            {
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                ParseLong(word);
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                ParseShort(word);
            }
            else
            {
                _arguments.Add(word);
                if (endsAtArgument)
                {
                    break;
                }
            }
        }

        _arguments.AddRange(_words);
    }

    private void ParseLong(string word)
    {
        var (name, value) = word.IndexOf('=', StringComparison.Ordinal) is var index and > 0
            ? (word[..index], word[(index + 1)..])
            : (word, null);
        if (name is "--" || word[2] is '-')
        {
            _error = $"bad flag syntax: {UntrustedText.Show(word)}";
        }
        else if (name == "--help")
        {
            _helpRequested = ParseSwitch("-h, --help", value) ?? false;
        }
        else if (FindOption(name) is not { } option)
        {
            _error = UsageErrors.DescribeUnknownLong(word);
        }
        else if (!option.IsSwitch)
        {
            AddOption(option, value ?? TakeValue(name));
        }
        else
        {
            AddSwitch(option, value);
        }
    }

    /// <summary>
    /// Parses a dash and letters: switches, and as the last letter perhaps an option whose value is the rest of the
    /// word or the next word.
    /// </summary>
    private void ParseShort(string word)
    {
        for (var i = 1; i < word.Length && _error is null; i++)
        {
            var name = $"-{word[i]}";
            // An equals sign behind a letter, and something behind that: a value.
            var value = word.Length > i + 2 && word[i + 1] == '=' ? word[(i + 2)..] : null;
            if (name == "-h")
            {
                _helpRequested = ParseSwitch("-h, --help", value) ?? false;
            }
            else if (FindOption(name) is not { } option)
            {
                _error = UsageErrors.DescribeUnknownShort(word[i], word);
            }
            else if (option.IsSwitch)
            {
                AddSwitch(option, value);
            }
            else
            {
                var rest = value ?? word[(i + 1)..];
                AddOption(option, rest.Length > 0 ? rest : TakeValue($"'{word[i]}' in {UntrustedText.Show(word)}"));
                return;
            }

            if (value is not null)
            {
                return;
            }
        }
    }

    private void AddSwitch(VerbOption option, string? value)
    {
        if (ParseSwitch(string.Join(", ", option.Names), value) is { } isOn)
        {
            AddOption(option, isOn ? "true" : "false");
        }
    }

    /// <summary>
    /// The value of a switch, as Go's <c>strconv.ParseBool</c> reads it. Null, and an error, when it is no such value.
    /// </summary>
    private bool? ParseSwitch(string names, string? value)
    {
        switch (value)
        {
            case null or "1" or "t" or "T" or "true" or "TRUE" or "True":
                return true;
            case "0" or "f" or "F" or "false" or "FALSE" or "False":
                return false;
            default:
                _error =
                    $"invalid argument \"{UntrustedText.Show(value)}\" for \"{names}\" flag: true and false are known";
                return null;
        }
    }

    private void AddOption(VerbOption option, string? value)
    {
        if (value is not null)
        {
            _options.Add((option, value));
        }
    }

    private string? TakeValue(string optionText)
    {
        if (!_words.TryDequeue(out var value))
        {
            _error = $"flag needs an argument: {optionText}";
        }

        return value;
    }

    private VerbOption? FindOption(string name) => _verb.Options.FirstOrDefault(o => o.Names.Contains(name));
}
