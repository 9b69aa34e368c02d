using System.CommandLine;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>A command line that cannot be run: what to print, and the exit code.</summary>
internal sealed record UsageError(string Text, int ExitCode);

/// <summary>What is wrong with a command line, in Docker's words.</summary>
internal static class UsageErrors
{
    /// <summary>The first fault of a command line, or null.</summary>
    public static UsageError? Find(CommandTree tree, ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        if (tree.FindVerb(command) is not { } verb)
        {
            return parseResult.UnmatchedTokens is [var word, ..] ? UnknownCommand(tree, command, word) : null;
        }

        if (DescribeArgumentCountError(verb.Verb, Binder.GetArguments(verb, parseResult).Count) is { } wrong)
        {
            var path = $"{CommandLineTool.Name} {verb.Path}";
            return new UsageError(
                $"{CommandLineTool.Name}: '{path}' {wrong}\n\nUsage:  {path} {verb.Verb.Usage}\n\nSee '{path} --help' for more information", ExitCodes.Failure);
        }

        // Nothing known is left for the parser to object to; if it does, that is no crash.
        return parseResult.Errors is [var error, ..] ? InvalidOption(verb.Path, UntrustedText.Show(error.Message)) : null;
    }

    /// <summary>An option that does not exist or lacks its value.</summary>
    /// <param name="path">The verb or group.</param>
    /// <param name="message">Safe to print.</param>
    public static UsageError InvalidOption(string path, string message)
    {
        var command = $"{CommandLineTool.Name} {path}".TrimEnd();
        return new UsageError($"{message}\n\nUsage:  {command} [OPTIONS]\n\nRun '{command} --help' for more information", ExitCodes.InvalidOption);
    }

    private static UsageError UnknownCommand(CommandTree tree, Command group, string word)
    {
        var path = $"{CommandLineTool.Name} {tree.GetPath(group)}".TrimEnd();
        if (word.StartsWith('-') && word.Length > 1)
        {
            return InvalidOption(tree.GetPath(group), word.StartsWith("--", StringComparison.Ordinal)
                ? $"unknown flag: {UntrustedText.Show(word.Split('=')[0])}" : $"unknown shorthand flag: '{UntrustedText.Show(word[1..2])}' in {UntrustedText.Show(word)}");
        }

        var alike = group.Subcommands.Select(c => c.Name).Where(name => IsSimilar(word, name)).Order(StringComparer.Ordinal).ToArray();
        var suggestion = alike.Length == 0 ? "" : $"\n\nDid you mean {string.Join(" or ", alike.Select(name => $"'{path} {name}'"))}?";
        return new UsageError(
            $"{CommandLineTool.Name}: unknown command: {path} {UntrustedText.Show(word)}{suggestion}\n\nRun '{path} --help' for more information", ExitCodes.Failure);
    }

    private static string? DescribeArgumentCountError(Verb verb, int argumentCount)
    {
        var fewest = verb.MinArguments;
        return verb.MaxArguments switch
        {
            0 when argumentCount > 0 => "accepts no arguments",
            null when argumentCount < fewest => $"requires at least {FormatArgumentCount(fewest)}",
            { } most when argumentCount < fewest || argumentCount > most => most == fewest ? $"requires {FormatArgumentCount(fewest)}"
                : fewest == 0 ? $"requires at most {FormatArgumentCount(most)}"
                : $"requires at least {fewest} and at most {FormatArgumentCount(most)}",
            _ => null,
        };
    }

    private static string FormatArgumentCount(int number) => number == 1 ? "1 argument" : $"{number} arguments";

    /// <summary>At most two letters changed, left out or added, and not much more than half of the word.</summary>
    private static bool IsSimilar(string typed, string name)
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
