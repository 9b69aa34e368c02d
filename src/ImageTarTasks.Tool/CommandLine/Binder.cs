using System.CommandLine;
using System.CommandLine.Parsing;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>Makes a verb's task and sets its properties from a command line that <see cref="UsageErrors"/> found no fault in.</summary>
internal static class Binder
{
    /// <summary>The task, ready to be executed.</summary>
    public static ImageTask Bind(VerbCommand command, ParseResult parseResult)
    {
        var task = command.Verb.CreateTask();
        foreach (var (option, symbol) in command.Options)
        {
            if (parseResult.GetResult(symbol) is not { Implicit: false } given)
            {
                continue;
            }

            PropertyTypes.SetValue(task, option.Property, GetValues(given));
        }

        var words = GetArguments(command, parseResult);
        var next = 0;
        foreach (var argument in command.Verb.Arguments)
        {
            var after = command.Verb.Arguments.Count(other => other.Position > argument.Position);
            var count = argument.IsRepeatable ? words.Count - next - after : Math.Min(1, words.Count - next);
            if (count > 0)
            {
                PropertyTypes.SetValue(task, argument.Property, words.Skip(next).Take(count).ToArray());
                next += count;
            }
        }

        return task;
    }

    /// <summary>The positional arguments.</summary>
    public static IReadOnlyList<string> GetArguments(VerbCommand command, ParseResult parseResult) => GetValues(parseResult.GetResult(command.Arguments));

    private static string[] GetValues(SymbolResult? result) => result?.Tokens.Select(t => t.Value).ToArray() ?? [];
}
