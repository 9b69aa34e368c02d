using System.CommandLine;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>A command line that cannot be run: what to print, and the exit code.</summary>
internal sealed record UsageFault(string Text, int ExitCode);

/// <summary>What is wrong with a command line, in Docker's words.</summary>
internal static class Usage
{
    /// <summary>The first fault of a command line, or null.</summary>
    public static UsageFault? FaultOf(CommandTree tree, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (tree.VerbOf(command) is not { } verb)
        {
            return parsed.UnmatchedTokens is [var word, ..] ? UnknownWord(tree, command, word) : null;
        }

        if (WrongNumber(verb.Verb, Binder.Words(verb, parsed).Count) is { } wrong)
        {
            var path = $"{CommandLineTool.Name} {verb.Path}";
            return new UsageFault(
                $"{CommandLineTool.Name}: '{path}' {wrong}\n\nUsage:  {path} {verb.Verb.Usage}\n\nSee '{path} --help' for more information", ExitCodes.Failure);
        }

        // Nothing known is left for the parser to object to; if it does, that is no crash.
        return parsed.Errors is [var error, ..] ? BadOption(verb.Path, UntrustedText.Show(error.Message)) : null;
    }

    /// <summary>An option that does not exist or lacks its value.</summary>
    /// <param name="path">The verb or group.</param>
    /// <param name="what">Safe to print.</param>
    public static UsageFault BadOption(string path, string what)
    {
        var command = $"{CommandLineTool.Name} {path}".TrimEnd();
        return new UsageFault($"{what}\n\nUsage:  {command} [OPTIONS]\n\nRun '{command} --help' for more information", ExitCodes.BadOption);
    }

    private static UsageFault UnknownWord(CommandTree tree, Command group, string word)
    {
        var path = $"{CommandLineTool.Name} {tree.PathOf(group)}".TrimEnd();
        if (word.StartsWith('-') && word.Length > 1)
        {
            return BadOption(tree.PathOf(group), word.StartsWith("--", StringComparison.Ordinal)
                ? $"unknown flag: {UntrustedText.Show(word.Split('=')[0])}" : $"unknown shorthand flag: '{UntrustedText.Show(word[1..2])}' in {UntrustedText.Show(word)}");
        }

        var alike = group.Subcommands.Select(c => c.Name).Where(name => IsAlike(word, name)).Order(StringComparer.Ordinal).ToArray();
        var suggestion = alike.Length == 0 ? "" : $"\n\nDid you mean {string.Join(" or ", alike.Select(name => $"'{path} {name}'"))}?";
        return new UsageFault(
            $"{CommandLineTool.Name}: unknown command: {path} {UntrustedText.Show(word)}{suggestion}\n\nRun '{path} --help' for more information", ExitCodes.Failure);
    }

    private static string? WrongNumber(Verb verb, int given)
    {
        var fewest = verb.Fewest;
        return verb.Most switch
        {
            0 when given > 0 => "accepts no arguments",
            null when given < fewest => $"requires at least {Arguments(fewest)}",
            { } most when given < fewest || given > most => most == fewest ? $"requires {Arguments(fewest)}"
                : fewest == 0 ? $"requires at most {Arguments(most)}"
                : $"requires at least {fewest} and at most {Arguments(most)}",
            _ => null,
        };
    }

    private static string Arguments(int number) => number == 1 ? "1 argument" : $"{number} arguments";

    /// <summary>At most two letters changed, left out or added, and not much more than half of the word.</summary>
    private static bool IsAlike(string typed, string name)
    {
        var previous = Enumerable.Range(0, name.Length + 1).ToArray();
        for (var i = 1; i <= typed.Length; i++)
        {
            var current = new int[name.Length + 1];
            current[0] = i;
            for (var j = 1; j <= name.Length; j++)
            {
                var changed = previous[j - 1] + (typed[i - 1] == name[j - 1] ? 0 : 1);
                current[j] = Math.Min(changed, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[^1] <= 2 && previous[^1] * 2 <= Math.Max(typed.Length, name.Length) + 1;
    }
}
