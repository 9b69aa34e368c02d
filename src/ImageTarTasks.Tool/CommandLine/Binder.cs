using ImageTarTasks.TaskBases;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>Creates the task of a verb and sets its properties from a command line without errors.</summary>
internal static class Binder
{
    /// <summary>Creates a task that is ready to execute.</summary>
    public static ImageTask Bind(RunVerb command)
    {
        var task = command.Verb.CreateTask();
        foreach (var values in command.Words.Options.GroupBy(o => o.Option, o => o.Value))
        {
            PropertyTypes.SetValue(task, values.Key.Property, values.ToArray());
        }

        var words = command.Words.Arguments;
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
}
