using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tool;

/// <summary>
/// Writes docs/reference/tasks.md from the types that the parser and the help of the tool are made of.
/// </summary>
internal static partial class TasksPage
{
    private const int Width = 120;
    private const string StoreName = "Store";

    public static string Text(IReadOnlyList<Verb> verbs)
    {
        var docs = new HelpTexts(HelpTexts.Embedded());
        var sorted = verbs
            .Where(v => v.TaskType.IsPublic)
            .OrderBy(v => v.TaskType.Name, StringComparer.Ordinal)
            .ToArray();
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Tasks and verbs

            For authors of projects and scripts: every parameter of every task, which is an option or argument of a verb of the tool
            `imagetar`.

            <!--
            Generated from the docstrings of the tasks:
            IMAGETAR_WRITE_DOCS=1 dotnet test --project tests/ImageTarTasks.Tests --filter FullyQualifiedName~TasksPage
            -->

            Below each task are its inputs, then its outputs, which only a build has. Relative paths start at the project in a
            build and at the current directory in the tool. `texts` and `items` are lists: separated by `;` in a build; in the tool
            the option or argument is repeated. An item is a path, in a build with metadata. "Required" applies to a build.

            Every task also has this input:

            {Item(Input(sorted[0].Options.Single(o => o.Property.Name == StoreName).Property, sorted[0], docs))}
            The tasks are:


            """
        );
        foreach (var verb in sorted)
        {
            page.Append(
                Item(
                    $"[{verb.TaskType.Name}](#{verb.TaskType.Name.ToLowerInvariant()}), `imagetar "
                        + $"{verb.Paths[0]}`: {Prose(docs.GetSummary(verb.TaskType))}"
                )
            );
        }

        foreach (var verb in sorted)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"\n## {verb.TaskType.Name}\n\n{Wrap(Prose(docs.GetSummary(verb.TaskType)), "")}\n"
            );
            if (docs.GetRemarks(verb.TaskType) is { Length: > 0 } remarks)
            {
                page.Append(CultureInfo.InvariantCulture, $"{Wrap(Prose(remarks), "")}\n");
            }

            page.Append("```\n");
            foreach (var path in verb.Paths)
            {
                page.Append(CultureInfo.InvariantCulture, $"imagetar {path} {verb.Usage}\n");
            }

            page.Append("```\n\n");
            foreach (var property in Inputs(verb))
            {
                page.Append(Item(Input(property, verb, docs)));
            }

            var outputs = verb
                .TaskType.GetProperties()
                .Where(p => p.IsDefined(typeof(OutputAttribute)))
                .OrderBy(p => p.Name, StringComparer.Ordinal)
                .ToArray();
            page.Append(outputs.Length == 0 ? "" : "\nOutputs:\n\n");
            foreach (var property in outputs)
            {
                page.Append(
                    Item($"`{property.Name}` ({TypeName(property.PropertyType)}): {Prose(docs.GetSummary(property))}")
                );
            }

            page.Append(CultureInfo.InvariantCulture, $"\nExample:\n\n```sh\n{verb.Example}\n```\n");
        }

        return page.ToString();
    }

    /// <summary>
    /// Arguments in their order, then options by name, then what only a build can set; without the store, which every
    /// task has.
    /// </summary>
    private static IEnumerable<PropertyInfo> Inputs(Verb verb) =>
        verb
            .Arguments.Select(a => a.Property)
            .Concat(verb.Options.Select(o => o.Property))
            .Union(
                verb.TaskType.GetProperties()
                    .Where(p => p.DeclaringType == verb.TaskType && !p.IsDefined(typeof(OutputAttribute)))
            )
            .Where(p => p.Name != StoreName);

    private static string Input(PropertyInfo property, Verb verb, HelpTexts docs)
    {
        var option = verb.Options.FirstOrDefault(o => o.Property == property);
        var argument = verb.Arguments.FirstOrDefault(a => a.Property == property);
        var kind =
            TypeName(property.PropertyType)
            + (property.IsDefined(typeof(RequiredAttribute)) ? ", required" : "")
            + (option?.GetDefault(verb.CreateTask()) is { Length: > 0 } value ? $", default `{value}`" : "");
        var spelled =
            argument is not null ? $"`{argument.Name}`"
            : option is null ? "only in a build"
            : string.Join(", ", option.Names.Select(n => $"`{n}`"));
        return $"`{property.Name}` ({kind}), {spelled}: {Prose(docs.GetSummary(property))}";
    }

    private static string TypeName(Type type) =>
        type switch
        {
            _ when type == typeof(bool) => "bool",
            _ when type == typeof(string) => "text",
            _ when type == typeof(string[]) => "texts",
            _ when type == typeof(ITaskItem) => "item",
            _ when type == typeof(ITaskItem[]) => "items",
            _ => throw new NotSupportedException($"{type}: a property must be string, bool, ITaskItem or an array"),
        };

    /// <summary>
    /// A docstring as Markdown: characters that would be markup are escaped, and documents are links.
    /// </summary>
    private static string Prose(string text) => Document().Replace(Markup().Replace(text, @"\$0"), "[$1]($1)");

    private static string Item(string text) => Wrap("* " + text, "  ");

    /// <summary>
    /// Breaks a paragraph into lines, each after the first with an indentation. No line begins with what would be a
    /// list.
    /// </summary>
    private static string Wrap(string text, string indentation)
    {
        var lines = new StringBuilder();
        var line = "";
        foreach (Match word in Word().Matches(text))
        {
            if (line.Length + word.Length > Width)
            {
                lines.Append(line.TrimEnd()).Append('\n');
                line = indentation;
            }

            line += word.Value + " ";
        }

        return lines.Append(line.TrimEnd()).Append('\n').ToString();
    }

    /// <summary>A word, with signs that stand alone behind it.</summary>
    [GeneratedRegex(@"\S+(?: (?:[-+#>]|\d+\.)(?=\s|$))*")]
    private static partial Regex Word();

    [GeneratedRegex(@"[*<]")]
    private static partial Regex Markup();

    [GeneratedRegex(@"docs/(?:[a-z]+/)?([a-z]+\.md)")]
    private static partial Regex Document();
}
