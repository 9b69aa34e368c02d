using ImageTarTasks.TaskBases;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>Writes what <c>--help</c> prints, with the docstrings of the tasks as texts.</summary>
internal sealed class HelpPage(HelpTexts texts, TextWriter output)
{
    private const int Width = 100;

    /// <summary>Writes the page of a verb.</summary>
    /// <param name="path">The path the user wrote, such as <c>image save</c>.</param>
    /// <param name="verb">The verb.</param>
    public void Write(string path, Verb verb)
    {
        output.WriteLine($"Usage:  {CommandLineTool.Name} {path} {verb.Usage}");
        output.WriteLine();
        WriteParagraph(texts.GetSummary(verb.TaskType));
        if (texts.GetRemarks(verb.TaskType) is { Length: > 0 } remarks)
        {
            output.WriteLine();
            WriteParagraph(remarks);
        }

        if (verb.Paths.Count > 1)
        {
            output.WriteLine();
            output.WriteLine("Aliases:");
            output.WriteLine("  " + string.Join(", ", verb.Paths.Select(p => $"{CommandLineTool.Name} {p}")));
        }

        if (verb.Arguments.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Arguments:");
            WriteTable(verb.Arguments.Select(a => (a.Name, texts.GetSummary(a.Property))).ToArray());
        }

        var defaults = verb.CreateTask();
        output.WriteLine();
        output.WriteLine("Options:");
        WriteTable(
            verb.Options.Select(o => (FormatNames(o), FormatDescription(o, defaults)))
                .Append(("-h, --help", "Print this and exit"))
                .ToArray()
        );
        if (verb.Example is { } example)
        {
            output.WriteLine();
            output.WriteLine("Example:");
            output.WriteLine($"  {example}");
        }
    }

    /// <summary>Writes the page of the program or a group.</summary>
    public void Write(CommandGroup group)
    {
        var command = $"{CommandLineTool.Name} {group.Path}".TrimEnd();
        output.WriteLine($"Usage:  {command} COMMAND");
        output.WriteLine();
        WriteParagraph(
            group.IsRoot
                ? "Container images without a daemon: load, save, import and export image tarballs "
                    + "over an image store of your own."
                : $"Manage {group.Path.Split(' ')[^1]}s of the store"
        );
        output.WriteLine();
        output.WriteLine("Commands:");
        WriteTable(group.Verbs.Select(v => (v.Key, texts.GetSummary(v.Value.TaskType))).ToArray());
        if (group.Groups.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("The same by what they manage:");
            WriteTable(group.Groups.Select(g => (g.Key, string.Join(", ", g.Value.Names))).ToArray());
        }

        if (group.IsRoot)
        {
            output.WriteLine();
            output.WriteLine("Options:");
            WriteTable([("-h, --help", "Print this and exit"), ("-v, --version", "Print the version and exit")]);
        }

        output.WriteLine();
        output.WriteLine($"Run '{command} COMMAND --help' for more information on a command.");
    }

    private string FormatDescription(VerbOption option, ImageTask defaults)
    {
        var text = texts.GetSummary(option.Property);
        return option.GetDefault(defaults) is { } value ? $"{text} (default {value})" : text;
    }

    /// <summary>Formats an option as <c>-o, --output FILE</c>; long names line up in one column.</summary>
    private static string FormatNames(VerbOption option)
    {
        var shortNames = option.Names.Where(n => !n.StartsWith("--", StringComparison.Ordinal));
        var longNames = option.Names.Where(n => n.StartsWith("--", StringComparison.Ordinal));
        var names = string.Join(", ", shortNames.Concat(longNames));
        var indent = names.StartsWith("--", StringComparison.Ordinal) ? "    " : "";
        return indent + names + (option.ValueName is { } value ? $" {value}" : "");
    }

    private void WriteTable(IReadOnlyList<(string Name, string Text)> rows)
    {
        var column = rows.Max(r => r.Name.Length) + 4;
        foreach (var (name, text) in rows)
        {
            var lines = Wrap(text, Width - column).ToArray();
            output.WriteLine($"  {name.PadRight(column - 2)}{lines.FirstOrDefault()}".TrimEnd());
            foreach (var line in lines.Skip(1))
            {
                output.WriteLine(new string(' ', column) + line);
            }
        }
    }

    private void WriteParagraph(string text)
    {
        foreach (var line in Wrap(text, Width))
        {
            output.WriteLine(line);
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
