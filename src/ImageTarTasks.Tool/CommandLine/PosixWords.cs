using System.Diagnostics.CodeAnalysis;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>
/// Reads the words after a verb by the rules of docker's parser (pflag) and spells them so that no other reading is left: one option per word,
/// <c>--name=value</c>, then <c>--</c> and the arguments. System.CommandLine alone takes <c>-aZ</c> with an unknown <c>Z</c> for <c>-a</c> and the argument
/// <c>Z</c>, an unknown option for an argument, and a value named like an option for that option.
/// </summary>
internal sealed class PosixWords
{
    private readonly Verb _verb;
    private readonly List<string> _options = [];
    private readonly List<string> _arguments = [];
    private string? _fault;

    private PosixWords(Verb verb) => _verb = verb;

    /// <summary>Reads <paramref name="words"/>; false when an option is unknown or lacks its value, and <paramref name="fault"/> says so in Docker's words.</summary>
    public static bool TryRead(
        Verb verb, IReadOnlyList<string> words, [NotNullWhen(true)] out IReadOnlyList<string>? spelled, [NotNullWhen(false)] out string? fault)
    {
        var reader = new PosixWords(verb);
        reader.Read(new Queue<string>(words));
        fault = reader._fault;
        spelled = fault is null ? [.. reader._options, "--", .. reader._arguments] : null;
        return fault is null;
    }

    private void Read(Queue<string> words)
    {
        var endsAtArgument = _verb.Arguments.Any(a => a.IsCommandLine);
        while (_fault is null && words.TryDequeue(out var word))
        {
            if (word == "--")
            {
                break;
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                ReadLong(word, words);
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                ReadShort(word, words);
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

    private void ReadLong(string word, Queue<string> following)
    {
        var (name, value) = word.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (word[..at], word[(at + 1)..]) : (word, null);
        if (name == "--help")
        {
            _options.Add(name);
        }
        else if (Find(name) is not { } option)
        {
            _fault = $"unknown flag: {UntrustedText.Show(name)}";
        }
        else if (!option.IsSwitch)
        {
            Add(option, value ?? Next(following, name));
        }
        else if (value is null or "true" or "false")
        {
            _options.Add($"{option.LongName}={value ?? "true"}");
        }
        else
        {
            _fault = $"invalid argument \"{UntrustedText.Show(value)}\" for \"{string.Join(", ", option.Names)}\" flag: true and false are known";
        }
    }

    /// <summary>A dash and letters: switches, and at their end perhaps an option with its value, here or in the next word.</summary>
    private void ReadShort(string word, Queue<string> following)
    {
        for (var at = 1; at < word.Length && _fault is null; at++)
        {
            var name = $"-{word[at]}";
            if (name == "-h")
            {
                _options.Add("--help");
            }
            else if (Find(name) is not { } option)
            {
                _fault = $"unknown shorthand flag: '{UntrustedText.Show(word[at].ToString())}' in {UntrustedText.Show(word)}";
            }
            else if (option.IsSwitch)
            {
                _options.Add($"{option.LongName}=true");
            }
            else
            {
                var rest = word[(at + 1)..];
                Add(option, rest.Length == 0 ? Next(following, $"'{word[at]}' in {UntrustedText.Show(word)}") : rest.StartsWith('=') ? rest[1..] : rest);
                return;
            }
        }
    }

    private void Add(VerbOption option, string? value)
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

    private string? Next(Queue<string> following, string asking)
    {
        if (!following.TryDequeue(out var value))
        {
            _fault = $"flag needs an argument: {asking}";
        }

        return value;
    }

    private VerbOption? Find(string name) => _verb.Options.FirstOrDefault(o => o.Names.Contains(name));
}
