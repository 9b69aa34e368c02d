using System.Reflection;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Verbs;

/// <summary>
/// The types that a task's property may have: those that MSBuild can pass to a task in another process and that a
/// command line can express.
/// </summary>
internal static class PropertyTypes
{
    /// <summary>The name of a value of <paramref name="type"/> in help.</summary>
    public static string GetValueName(Type type) =>
        typeof(ITaskItem).IsAssignableFrom(type.IsArray ? type.GetElementType() : type) ? "FILE" : "TEXT";

    /// <summary>
    /// Sets <paramref name="property"/> of <paramref name="task"/> to the words of the user: the last one, or all of
    /// them for an array.
    /// </summary>
    public static void SetValue(ImageTask task, PropertyInfo property, IReadOnlyList<string> words) =>
        property.SetValue(
            task,
            property.PropertyType switch
            {
                var type when type == typeof(bool) => words[^1] == "true",
                var type when type == typeof(string) => words[^1],
                var type when type == typeof(string[]) => words.ToArray(),
                // An empty file name means no file, as an empty property does in a build.
                var type when type == typeof(ITaskItem) => words[^1].Length == 0 ? null : TaskItems.FromPath(words[^1]),
                var type when type == typeof(ITaskItem[]) => words
                    .Where(w => w.Length > 0)
                    .Select(TaskItems.FromPath)
                    .ToArray(),
                var type => throw new NotSupportedException(
                    $"{task.GetType().Name}.{property.Name} is a {type}: a property must be string, bool, "
                        + $"ITaskItem or an array"
                ),
            }
        );
}
