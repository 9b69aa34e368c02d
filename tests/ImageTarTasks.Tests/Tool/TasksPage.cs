using System.Globalization;
using System.Reflection;
using System.Text;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tool;

/// <summary>docs/tasks.md, made of what the tool's parser and its help are made of.</summary>
internal static class TasksPage
{
    public static string Text(IReadOnlyList<Verb> verbs)
    {
        var docs = new HelpTexts(HelpTexts.Embedded());
        var page = new StringBuilder();
        page.Append("""
            # Tasks and verbs

            <!-- Generated from the docstrings of the tasks: IMAGETAR_WRITE_DOCS=1 dotnet test --project tests/ImageTarTasks.Tests --filter FullyQualifiedName~TasksPage -->

            Each MSBuild task is a verb of the tool `imagetar`, and each property that is no output an option or argument of that verb. A bold property is required
            in a build. Relative paths start at the project in a build, at the current directory in the tool. Lists are separated by `;` in a build; in the tool
            an argument is repeated, and so is an option.


            """);
        foreach (var verb in verbs.OrderBy(v => v.TaskType.Name, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"## {verb.TaskType.Name}\n\n{docs.GetSummary(verb.TaskType)}\n\n");
            if (docs.GetRemarks(verb.TaskType) is { Length: > 0 } remarks)
            {
                page.Append(remarks).Append("\n\n");
            }

            page.Append(CultureInfo.InvariantCulture, $"`imagetar {verb.Paths[0]} {verb.Usage}`");
            page.Append(verb.Paths.Count == 1 ? "\n\n" : $", also {string.Join(" and ", verb.Paths.Skip(1).Select(p => $"`imagetar {p}`"))}\n\n");
            page.Append("| property | type | in the tool | default | what |\n|---|---|---|---|---|\n");
            var defaults = verb.CreateTask();
            foreach (var property in Inputs(verb))
            {
                var option = verb.Options.FirstOrDefault(o => o.Property == property);
                var argument = verb.Arguments.FirstOrDefault(a => a.Property == property);
                var name = property.IsDefined(typeof(RequiredAttribute)) ? $"**{property.Name}**" : property.Name;
                var spelled = argument is not null ? $"`{argument.Name}`" : option is null ? "" : string.Join(' ', option.Names.Select(n => $"`{n}`"));
                page.Append(CultureInfo.InvariantCulture,
                    $"| {name} | {TypeName(property.PropertyType)} | {Cell(spelled)} | {option?.GetDefault(defaults)} | {Cell(docs.GetSummary(property))} |\n");
            }

            foreach (var property in verb.TaskType.GetProperties().Where(p => p.IsDefined(typeof(OutputAttribute))).OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                page.Append(CultureInfo.InvariantCulture, $"| {property.Name} | output, {TypeName(property.PropertyType)} | | | {Cell(docs.GetSummary(property))} |\n");
            }

            page.Append(CultureInfo.InvariantCulture, $"\n```\n{verb.Example}\n```\n\n");
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>Arguments in their order, then options by name, then what only a build can set.</summary>
    private static IEnumerable<PropertyInfo> Inputs(Verb verb) => verb.Arguments.Select(a => a.Property)
        .Concat(verb.Options.Select(o => o.Property))
        .Union(verb.TaskType.GetProperties().Where(p => p.DeclaringType == verb.TaskType && !p.IsDefined(typeof(OutputAttribute))));

    private static string TypeName(Type type) => type switch
    {
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(string) => "text",
        _ when type == typeof(string[]) => "texts",
        _ when type == typeof(ITaskItem) => "item",
        _ when type == typeof(ITaskItem[]) => "items",
        _ => throw new NotSupportedException($"{type}: a property must be string, bool, ITaskItem or an array"),
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
