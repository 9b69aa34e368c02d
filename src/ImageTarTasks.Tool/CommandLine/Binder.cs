using System.CommandLine;
using System.CommandLine.Parsing;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>Makes a verb's task and sets its properties from a command line that <see cref="Usage"/> found no fault in.</summary>
internal static class Binder
{
    /// <summary>The task, ready to be executed.</summary>
    public static ImageTask Bind(VerbCommand command, ParseResult parsed)
    {
        var task = command.Verb.NewTask();
        foreach (var (option, symbol) in command.Options)
        {
            if (parsed.GetResult(symbol) is not { Implicit: false } given)
            {
                continue;
            }

            ValueKind.Set(task, option.Property, Values(given));
        }

        var words = Words(command, parsed);
        var next = 0;
        foreach (var argument in command.Verb.Arguments)
        {
            var after = command.Verb.Arguments.Count(other => other.Position > argument.Position);
            var count = argument.TakesRest ? words.Count - next - after : Math.Min(1, words.Count - next);
            if (count > 0)
            {
                ValueKind.Set(task, argument.Property, words.Skip(next).Take(count).ToArray());
                next += count;
            }
        }

        return task;
    }

    /// <summary>The positional arguments.</summary>
    public static IReadOnlyList<string> Words(VerbCommand command, ParseResult parsed) => Values(parsed.GetResult(command.Words));

    private static string[] Values(SymbolResult? result) => result?.Tokens.Select(t => t.Value).ToArray() ?? [];
}
