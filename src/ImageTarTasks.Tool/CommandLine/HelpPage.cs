using System.CommandLine;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>What <c>--help</c> prints, made of the tasks' docstrings.</summary>
internal sealed class HelpPage(CommandTree tree, HelpTexts texts, TextWriter output)
{
    private const int Width = 100;

    /// <summary>Writes the page of a command: the program, a group or a verb.</summary>
    public void Write(Command command)
    {
        if (tree.FindVerb(command) is { } verb)
        {
            WriteVerb(verb);
        }
        else
        {
            WriteGroup(command);
        }
    }

    private void WriteVerb(VerbCommand command)
    {
        var verb = command.Verb;
        output.WriteLine($"Usage:  {CommandLineTool.Name} {command.Path} {verb.Usage}");
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
        WriteTable(verb.Options.Select(o => (FormatNames(o), FormatDescription(o, defaults))).Append(("-h, --help", "Print this and exit")).ToArray());
        if (verb.Example is { } example)
        {
            output.WriteLine();
            output.WriteLine("Example:");
            output.WriteLine($"  {example}");
        }
    }

    private void WriteGroup(Command group)
    {
        var path = $"{CommandLineTool.Name} {tree.GetPath(group)}".TrimEnd();
        output.WriteLine($"Usage:  {path} COMMAND");
        output.WriteLine();
        WriteParagraph(group == tree.Root
            ? "Container images without a daemon: load, save, import and export image tarballs over an image store of your own."
            : $"Manage {group.Name}s of the store");
        var verbs = group.Subcommands.Where(c => tree.FindVerb(c) is not null).OrderBy(c => c.Name, StringComparer.Ordinal).ToArray();
        var groups = group.Subcommands.Where(c => tree.FindVerb(c) is null).OrderBy(c => c.Name, StringComparer.Ordinal).ToArray();
        output.WriteLine();
        output.WriteLine("Commands:");
        WriteTable(verbs.Select(c => (c.Name, texts.GetSummary(tree.FindVerb(c)!.Verb.TaskType))).ToArray());
        if (groups.Length > 0)
        {
            output.WriteLine();
            output.WriteLine("The same by what they manage:");
            WriteTable(groups.Select(c => (c.Name, string.Join(", ", c.Subcommands.Select(s => s.Name).Order(StringComparer.Ordinal)))).ToArray());
        }

        if (group == tree.Root)
        {
            output.WriteLine();
            output.WriteLine("Options:");
            WriteTable([("-h, --help", "Print this and exit"), ("-v, --version", "Print the version and exit")]);
        }

        output.WriteLine();
        output.WriteLine($"Run '{path} COMMAND --help' for more information on a command.");
    }

    private string FormatDescription(VerbOption option, ImageTask defaults)
    {
        var text = texts.GetSummary(option.Property);
        return option.GetDefault(defaults) is { } value ? $"{text} (default {value})" : text;
    }

    /// <summary><c>-o, --output FILE</c>, long names in one column.</summary>
    private static string FormatNames(VerbOption option)
    {
        var shortNames = option.Names.Where(n => !n.StartsWith("--", StringComparison.Ordinal));
        var longNames = option.Names.Where(n => n.StartsWith("--", StringComparison.Ordinal));
        var names = string.Join(", ", shortNames.Concat(longNames));
        return (names.StartsWith("--", StringComparison.Ordinal) ? "    " : "") + names + (option.ValueName is { } value ? $" {value}" : "");
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
