using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>Parses a command line: groups and a verb, then the verb's options and arguments.</summary>
internal static class CommandParser
{
    /// <summary>Parses <paramref name="words"/>, starting at the commands of <paramref name="root"/>.</summary>
    public static ParsedCommand Parse(CommandGroup root, IReadOnlyList<string> words)
    {
        var group = root;
        var helpRequested = false;
        var common = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (group.Verbs.TryGetValue(word, out var verb))
            {
                var path = group.GetPath(word);
                return helpRequested
                    ? new ShowVerbHelp(path, verb)
                    : ParseVerb(path, verb, [.. common, .. words.Skip(i + 1)]);
            }

            if (group.Groups.TryGetValue(word, out var inner))
            {
                group = inner;
            }
            else if (group.IsRoot && IsFlag(word, "-v", "--version"))
            {
                return new PrintVersion();
            }
            else if (IsHelp(word))
            {
                helpRequested = true;
            }
            else if (IsCommonOption(root, word))
            {
                common.Add(word);
                if (!word.Contains('=', StringComparison.Ordinal) && i + 1 < words.Count)
                {
                    common.Add(words[++i]);
                }
            }
            else
            {
                return ParseUnknown(group, words.Skip(i), helpRequested);
            }
        }

        return new ShowGroupHelp(group);
    }

    private static ParsedCommand ParseVerb(string path, Verb verb, IEnumerable<string> words)
    {
        if (!OptionParser.TryParse(verb, words, out var parsed, out var error))
        {
            return new ReportUsageError(UsageErrors.InvalidOption(path, error));
        }

        if (parsed.HelpRequested)
        {
            return new ShowVerbHelp(path, verb);
        }

        return UsageErrors.CheckArgumentCount(path, verb, parsed.Arguments.Count) is { } wrongCount
            ? new ReportUsageError(wrongCount)
            : new RunVerb(verb, parsed);
    }

    /// <summary>
    /// Parses words that begin with one the group does not know. A request for help counts more than an error.
    /// </summary>
    private static ParsedCommand ParseUnknown(CommandGroup group, IEnumerable<string> words, bool helpRequested)
    {
        if (helpRequested || words.TakeWhile(w => w != "--").Any(IsHelp))
        {
            return new ShowGroupHelp(group);
        }

        // Nothing can follow "--" at a group: no verb is named, and a group has no arguments.
        return words.FirstOrDefault(w => w != "--") is { } word
            ? new ReportUsageError(UsageErrors.UnknownCommand(group, word))
            : new ShowGroupHelp(group);
    }

    /// <summary>
    /// Whether a word is an option with a value that every verb has, such as <c>--store DIR</c>. Docker takes its own
    /// such options before the verb, too.
    /// </summary>
    private static bool IsCommonOption(CommandGroup root, string word) =>
        word.StartsWith("--", StringComparison.Ordinal)
        && word.Split('=')[0] is var name
        && root.Verbs.Values.All(verb =>
            verb.Options.Any(option => !option.IsSwitch && option.Names.Contains(name, StringComparer.Ordinal))
        );

    private static bool IsHelp(string word) => IsFlag(word, "-h", "--help");

    private static bool IsFlag(string word, string shortName, string longName) =>
        word.Split('=')[0] is var name && (name == shortName || name == longName);
}
