using System.Diagnostics.CodeAnalysis;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>
/// Reads the words after a verb by the rules of docker's parser (pflag) and spells them so that no other reading is left: one option per word,
/// <c>--name=value</c>, then <c>--</c> and the arguments. System.CommandLine alone takes <c>-aZ</c> with an unknown <c>Z</c> for <c>-a</c> and the argument
/// <c>Z</c>, an unknown option for an argument, and a value named like an option for that option.
/// </summary>
internal sealed class OptionParser
{
    private readonly Verb _verb;
    private readonly List<string> _options = [];
    private readonly List<string> _arguments = [];
    private string? _error;

    private OptionParser(Verb verb) => _verb = verb;

    /// <summary>Reads <paramref name="words"/>; false when an option is unknown or lacks its value, and <paramref name="error"/> says so in Docker's words.</summary>
    public static bool TryParse(
        Verb verb, IReadOnlyList<string> words, [NotNullWhen(true)] out IReadOnlyList<string>? normalizedWords, [NotNullWhen(false)] out string? error)
    {
        OptionParser reader = new OptionParser(verb);
        reader.ParseWords(new Queue<string>(words));
        error = reader._error;
        normalizedWords = error is null ? [.. reader._options, "--", .. reader._arguments] : null;
        return error is null;
    }

    private void ParseWords(Queue<string> words)
    {
        var endsAtArgument = _verb.Arguments.Any(a => a.IsTrailingCommand);
        while (_error is null && words.TryDequeue(out var word))
        {
            if (word == "--")
            {
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                ParseLong(word, words);
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                ParseShort(word, words);
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

        _arguments.AddRange(words);
    }

    private void ParseLong(string word, Queue<string> remainingWords)
    {
        var (name, value) = word.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (word[..at], word[(at + 1)..]) : (word, null);
        if (name == "--help")
        {
            _options.Add(name);
        }
        else if (FindOption(name) is not { } option)
        {
            _error = $"unknown flag: {UntrustedText.Show(name)}";
        }
        else if (!option.IsSwitch)
        {
            AddOption(option, value ?? TakeValue(remainingWords, name));
        }
        else if (value is null or "true" or "false")
        {
            _options.Add($"{option.LongName}={value ?? "true"}");
        }
        else
        {
            _error = $"invalid argument \"{UntrustedText.Show(value)}\" for \"{string.Join(", ", option.Names)}\" flag: true and false are known";
        }
    }

    /// <summary>A dash and letters: switches, and at their end perhaps an option with its value, here or in the next word.</summary>
    private void ParseShort(string word, Queue<string> remainingWords)
    {
        for (var at = 1; at < word.Length && _error is null; at++)
        {
            var name = $"-{word[at]}";
            if (name == "-h")
            {
                _options.Add("--help");
            }
            else if (FindOption(name) is not { } option)
            {
                _error = $"unknown shorthand flag: '{UntrustedText.Show(word[at].ToString())}' in {UntrustedText.Show(word)}";
            }
            else if (option.IsSwitch)
            {
                _options.Add($"{option.LongName}=true");
            }
            else
            {
                var rest = word[(at + 1)..];
                AddOption(option, rest.Length == 0 ? TakeValue(remainingWords, $"'{word[at]}' in {UntrustedText.Show(word)}") : rest.StartsWith('=') ? rest[1..] : rest);
                return;
            }
        }
    }

    private void AddOption(VerbOption option, string? value)
    {
        if (value is { Length: 0 })
        {
            _options.AddRange([option.LongName, value]);
        }
        else if (value is not null)
        {
            _options.Add($"{option.LongName}={value}");
        }
    }

    private string? TakeValue(Queue<string> remainingWords, string optionText)
    {
        if (!remainingWords.TryDequeue(out var value))
        {
            _error = $"flag needs an argument: {optionText}";
        }

        return value;
    }

    private VerbOption? FindOption(string name) => _verb.Options.FirstOrDefault(o => o.Names.Contains(name));
}
