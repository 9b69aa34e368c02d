using System.CommandLine;
using System.CommandLine.Completions;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>One path of a verb and what the parser knows about it.</summary>
/// <param name="Path">Such as <c>image save</c>.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Arguments">All its positional arguments; how many there may be is checked by <see cref="UsageErrors"/>, in Docker's words.</param>
/// <param name="Options">The parser's options by the verb's.</param>
internal sealed record VerbCommand(string Path, Verb Verb, Argument<string[]> Arguments, IReadOnlyDictionary<VerbOption, Option<string[]>> Options);

/// <summary>The verbs as System.CommandLine's commands: <c>save</c>, <c>image save</c>...</summary>
internal sealed class CommandTree
{
    private readonly Dictionary<Command, VerbCommand> _verbs = [];
    private readonly Dictionary<Command, string> _groups = [];

    /// <summary>Builds the commands of <paramref name="verbs"/>.</summary>
    public CommandTree(IEnumerable<Verb> verbs)
    {
        Root = new RootCommand();
        Root.Options.Clear();
        Root.Options.Add(Help);
        Root.Options.Add(Version);
        _groups.Add(Root, "");
        foreach (var verb in verbs)
        {
            foreach (var path in verb.Paths)
            {
                Add(verb, path);
            }
        }
    }

    /// <summary>The command of the program itself.</summary>
    public RootCommand Root { get; }

    /// <summary><c>--help</c>, wherever it stands.</summary>
    public Option<bool> Help { get; } = new("--help", "-h") { Recursive = true, Arity = ArgumentArity.Zero };

    /// <summary><c>--version</c>.</summary>
    public Option<bool> Version { get; } = new("--version", "-v") { Arity = ArgumentArity.Zero };

    /// <summary>The verb of a command, or null for a group.</summary>
    public VerbCommand? FindVerb(Command command) => _verbs.GetValueOrDefault(command);

    /// <summary>The path of a group: empty for the program itself.</summary>
    public string GetPath(Command command) => _groups.TryGetValue(command, out var path) ? path : _verbs[command].Path;

    /// <summary>The verb that the first words name, and how many they are; null when they name none.</summary>
    public VerbCommand? FindVerb(IReadOnlyList<string> words, out int wordCount)
    {
        var command = (Command)Root;
        for (wordCount = 0; wordCount < words.Count; wordCount++)
        {
            var word = words[wordCount];
            if (FindVerb(command) is { } found)
            {
                return found;
            }

            if (command.Subcommands.FirstOrDefault(c => c.Name == word) is not { } next)
            {
                return null;
            }

            command = next;
        }

        return FindVerb(command);
    }

    private void Add(Verb verb, string path)
    {
        var parent = (Command)Root;
        var words = path.Split(' ');
        for (var depth = 1; depth < words.Length; depth++)
        {
            var name = words[depth - 1];
            if (parent.Subcommands.FirstOrDefault(c => c.Name == name) is not { } group)
            {
                group = new Command(name);
                _groups.Add(group, string.Join(' ', words[..depth]));
                parent.Subcommands.Add(group);
            }

            parent = group;
        }

        var positional = new Argument<string[]>("ARGS") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(words[^1]) { positional };
        var options = new Dictionary<VerbOption, Option<string[]>>();
        foreach (var option in verb.Options)
        {
            var parsed = CreateOption(option);
            options.Add(option, parsed);
            command.Options.Add(parsed);
        }

        parent.Subcommands.Add(command);
        _verbs.Add(command, new VerbCommand(path, verb, positional, options));
    }

    /// <summary>A value may be given again, and then the last one counts, as with Docker. That of a switch is true or false: <see cref="OptionParser"/> spells it.</summary>
    private static Option<string[]> CreateOption(VerbOption option)
    {
        var others = option.Names.Where(n => n != option.LongName).ToArray();
        var parsed = new Option<string[]>(option.LongName, others) { Arity = ArgumentArity.OneOrMore };
        parsed.CompletionSources.Add(_ => option.Choices.Select(c => new CompletionItem(c)));
        return parsed;
    }
}
