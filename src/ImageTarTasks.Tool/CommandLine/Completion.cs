using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Verbs;

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
    /// <param name="root">The commands.</param>
    /// <param name="line">The line up to the cursor.</param>
    /// <param name="openStore">Opens the store, for names of images and containers.</param>
    public static IEnumerable<string> Complete(CommandGroup root, string line, Func<ImageStore> openStore)
    {
        var words = line.Split(' ');
        var before = words[..^1].Where(w => w.Length > 0).ToArray();
        var hasProgram = before is [var first, ..] && Path.GetFileNameWithoutExtension(first) == CommandLineTool.Name;
        return GetCandidates(root, hasProgram ? before[1..] : before, openStore)
            .Where(candidate => candidate.StartsWith(words[^1], StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }

    private static bool TryParsePosition(string text, out int position) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out position);

    private static IEnumerable<string> GetCandidates(CommandGroup group, string[] words, Func<ImageStore> openStore)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (group.Verbs.TryGetValue(words[i], out var verb))
            {
                var option = verb.Options.FirstOrDefault(o => o.Names.Contains(words[^1]));
                return option is { IsSwitch: false }
                    ? option.Choices
                    : verb
                        .Options.SelectMany(o => o.Names)
                        .Concat(["-h", "--help"])
                        .Concat(GetNames(verb, words[(i + 1)..], openStore));
            }

            if (group.Groups.TryGetValue(words[i], out var inner))
            {
                group = inner;
            }
        }

        return group.Names.Concat(group.IsRoot ? ["-h", "--help", "-v", "--version"] : ["-h", "--help"]);
    }

    /// <summary>
    /// What can stand for the next argument of a verb: images, containers, or one of its choices. Files are completed
    /// by the shell.
    /// </summary>
    private static IEnumerable<string> GetNames(Verb verb, string[] words, Func<ImageStore> openStore)
    {
        // Values of options count as arguments here. That can only offer too much.
        var given = words.Count(word => !word.StartsWith('-'));
        if (verb.Arguments.LastOrDefault(argument => argument.Position <= given) is not { } next)
        {
            return [];
        }

        try
        {
            var offersImages = next.Name.Contains("IMAGE", StringComparison.Ordinal) || next.Name.StartsWith("NAME");
            var offersContainers =
                next.Name.Contains("CONTAINER", StringComparison.Ordinal) || next.Name.StartsWith("NAME");
            var images = offersImages ? openStore().Names().Select(name => name.Familiar) : [];
            var containers = offersContainers ? openStore().Containers().Select(container => container.Name) : [];
            return next.Choices.Concat(images).Concat(containers);
        }
        catch (ImageTarException)
        {
            // The user is typing. The verb will say what is wrong with the store.
            return [];
        }
    }
}
