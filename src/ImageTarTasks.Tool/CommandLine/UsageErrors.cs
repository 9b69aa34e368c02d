using ImageTarTasks.Core.Text;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>The errors of command lines, in Docker's words.</summary>
internal static class UsageErrors
{
    /// <summary>An option that does not exist or lacks its value.</summary>
    /// <param name="path">The verb or group.</param>
    /// <param name="message">A text that is safe to print.</param>
    public static UsageError InvalidOption(string path, string message)
    {
        var command = GetCommand(path);
        return new UsageError(
            $"{message}\n\nUsage:  {command} [OPTIONS]\n\nRun '{command} --help' for more information",
            ExitCodes.InvalidOption
        );
    }

    /// <summary>A word that is no command and no option of <paramref name="group"/>.</summary>
    public static UsageError UnknownCommand(CommandGroup group, string word)
    {
        if (word.StartsWith('-') && word.Length > 1)
        {
            var isLong = word.StartsWith("--", StringComparison.Ordinal);
            return InvalidOption(group.Path, isLong ? DescribeUnknownLong(word) : DescribeUnknownShort(word[1], word));
        }

        var command = GetCommand(group.Path);
        var similar = group.Names.Where(name => IsSimilar(word, name)).Select(name => $"'{command} {name}'").ToArray();
        var suggestion = similar.Length == 0 ? "" : $"\n\nDid you mean {string.Join(" or ", similar)}?";
        return new UsageError(
            $"{CommandLineTool.Name}: unknown command: {command} {UntrustedText.Show(word)}{suggestion}\n\n"
                + $"Run '{command} --help' for more information",
            ExitCodes.Failure
        );
    }

    /// <summary>The error of too few or too many arguments, or null.</summary>
    public static UsageError? CheckArgumentCount(string path, Verb verb, int count)
    {
        if (DescribeArgumentCountError(verb, count) is not { } error)
        {
            return null;
        }

        var command = GetCommand(path);
        return new UsageError(
            $"{CommandLineTool.Name}: '{command}' {error}\n\nUsage:  {command} {verb.Usage}\n\n"
                + $"See '{command} --help' for more information",
            ExitCodes.Failure
        );
    }

    /// <summary>The message for an unknown option such as <c>--nosuch=x</c>.</summary>
    public static string DescribeUnknownLong(string word) => $"unknown flag: {UntrustedText.Show(word.Split('=')[0])}";

    /// <summary>The message for an unknown <paramref name="letter"/> in a word such as <c>-aZ</c>.</summary>
    public static string DescribeUnknownShort(char letter, string word) =>
        $"unknown shorthand flag: '{UntrustedText.Show(letter.ToString())}' in {UntrustedText.Show(word)}";

    private static string GetCommand(string path) => $"{CommandLineTool.Name} {path}".TrimEnd();

    private static string? DescribeArgumentCountError(Verb verb, int argumentCount)
    {
        var min = verb.MinArguments;
        return verb.MaxArguments switch
        {
            0 when argumentCount > 0 => "accepts no arguments",
            null when argumentCount < min => $"requires at least {FormatArgumentCount(min)}",
            { } max when argumentCount >= min && argumentCount <= max => null,
            { } max when max == min => $"requires {FormatArgumentCount(min)}",
            { } max when min == 0 => $"requires at most {FormatArgumentCount(max)}",
            { } max => $"requires at least {min} and at most {FormatArgumentCount(max)}",
            _ => null,
        };
    }

    private static string FormatArgumentCount(int count) => count == 1 ? "1 argument" : $"{count} arguments";

    /// <summary>
    /// Whether <paramref name="typed"/> becomes <paramref name="name"/> by at most two changes (a letter replaced,
    /// removed or added), and by not much more than one change for every two letters.
    /// </summary>
    private static bool IsSimilar(string typed, string name)
    {
        var previous = Enumerable.Range(0, name.Length + 1).ToArray();
        for (var i = 1; i <= typed.Length; i++)
        {
            var current = new int[name.Length + 1];
            current[0] = i;
            for (var j = 1; j <= name.Length; j++)
            {
                var replaced = previous[j - 1] + (typed[i - 1] == name[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        var distance = previous[^1];
        return distance <= 2 && distance * 2 <= Math.Max(typed.Length, name.Length) + 1;
    }
}
