using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>A group of commands: the program itself, or a word such as <c>image</c> before its verbs.</summary>
/// <param name="path">The words that name the group, such as <c>image</c>; empty for the program itself.</param>
internal sealed class CommandGroup(string path)
{
    private readonly SortedDictionary<string, CommandGroup> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Verb> _verbs = new(StringComparer.Ordinal);

    /// <summary>The words that name the group; empty for the program itself.</summary>
    public string Path => path;

    /// <summary>Whether this is the program itself.</summary>
    public bool IsRoot => path.Length == 0;

    /// <summary>The groups inside this one by name, in ordinal order.</summary>
    public IReadOnlyDictionary<string, CommandGroup> Groups => _groups;

    /// <summary>The verbs of this group by name, in ordinal order.</summary>
    public IReadOnlyDictionary<string, Verb> Verbs => _verbs;

    /// <summary>The names of the groups and verbs in this group, in ordinal order.</summary>
    public IEnumerable<string> Names => _groups.Keys.Concat(_verbs.Keys).Order(StringComparer.Ordinal);

    /// <summary>Puts each path of <paramref name="verbs"/> into the group its first words name.</summary>
    /// <returns>The program's group.</returns>
    public static CommandGroup Create(IEnumerable<Verb> verbs)
    {
        var root = new CommandGroup("");
        foreach (var verb in verbs)
        {
            foreach (var words in verb.Paths.Select(p => p.Split(' ')))
            {
                var group = root;
                foreach (var word in words[..^1])
                {
                    group = group.GetOrAddGroup(word);
                }

                group._verbs.Add(words[^1], verb);
            }
        }

        return root;
    }

    /// <summary>
    /// The path of a command in this group: <c>image save</c> for <c>save</c> in the group <c>image</c>.
    /// </summary>
    public string GetPath(string name) => IsRoot ? name : $"{path} {name}";

    private CommandGroup GetOrAddGroup(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            group = new CommandGroup(GetPath(name));
            _groups.Add(name, group);
        }

        return group;
    }
}
