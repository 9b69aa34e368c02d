using System.Globalization;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>
/// Completes command lines for shells that use the global tool dotnet-suggest. It calls a program with
/// <c>[suggest:POSITION] LINE</c> and reads one proposal per line.
/// </summary>
internal static class Completion
{
    private const string Directive = "[suggest";

    /// <summary>
    /// The part of the line before the cursor, or null when <paramref name="words"/> do not ask for completion.
    /// </summary>
    public static string? GetLineToComplete(IReadOnlyList<string> words)
    {
        if (words is not [['[', .., ']'] directive, ..] || !directive.StartsWith(Directive, StringComparison.Ordinal))
        {
            return null;
        }

        var line = string.Join(' ', words.Skip(1));
        return directive[Directive.Length..^1] switch
        {
            "" => line,
            [':', .. var position] => TryParsePosition(position, out var length)
                ? line[..Math.Min(length, line.Length)]
                : null,
            _ => null,
        };
    }

    /// <summary>The words that can stand for the last word of <paramref name="line"/>, in ordinal order.</summary>
    public static IEnumerable<string> Complete(CommandGroup root, string line)
    {
        var words = line.Split(' ');
        var before = words[..^1].Where(w => w.Length > 0).ToArray();
        var hasProgram = before is [var first, ..] && Path.GetFileNameWithoutExtension(first) == CommandLineTool.Name;
        return GetCandidates(root, hasProgram ? before[1..] : before)
            .Where(candidate => candidate.StartsWith(words[^1], StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }

    private static bool TryParsePosition(string text, out int position) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out position);

    private static IEnumerable<string> GetCandidates(CommandGroup group, string[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (group.Verbs.TryGetValue(words[i], out var verb))
            {
                var option = verb.Options.FirstOrDefault(o => o.Names.Contains(words[^1]));
                return option is { IsSwitch: false }
                    ? option.Choices
                    : verb.Options.SelectMany(o => o.Names).Concat(["-h", "--help"]);
            }

            if (group.Groups.TryGetValue(words[i], out var inner))
            {
                group = inner;
            }
        }

        return group.Names.Concat(group.IsRoot ? ["-h", "--help", "-v", "--version"] : ["-h", "--help"]);
    }
}
