using System.Text;
using System.Text.RegularExpressions;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// Runs a page in an empty folder, in one shell, and compares the output it shows with the real one. A page shows that
/// folder as <c>/home/me</c>. With <c>IMAGETAR_WRITE_DOCS=1</c> the real output is written into the page instead.
/// </summary>
internal static partial class PageRun
{
    private const string ShownFolder = "/home/me";

    /// <summary>Separates the outputs of the steps; no program prints it.</summary>
    private const char Mark = '\x1e';

    public static void Run(string page, PageFolder folder) => Run(Page.Read(page), folder);

    private static void Run(Page page, PageFolder folder)
    {
        var (script, steps) = Compose(page);
        var result = Dotnet.Run("bash", folder.Root, folder.Environment, "--noprofile", "--norc", "-c", script);
        var outputs = Outputs(result.Output, folder.Root);
        if (result.ExitCode != 0)
        {
            var failed = steps[outputs.Count - 1];
            Assert.Fail(
                $"{page.Path}:{failed.Block.Start + 1}: exit code {result.ExitCode}\n{failed.Command}\n"
                    + $"{outputs[^1]}\n{result.Error}"
            );
        }

        var shown = page
            .Blocks.Where(block => block.Kind == BlockKind.Session)
            .ToDictionary(
                block => block,
                block =>
                    string.Concat(
                        steps
                            .Index()
                            .Where(step => step.Item.Block == block)
                            .Select(step => Prompt(step.Item.Command) + outputs[step.Index])
                    )
            );
        if (Environment.GetEnvironmentVariable("IMAGETAR_WRITE_DOCS") == "1")
        {
            Write(page, shown);
            return;
        }

        foreach (var (block, text) in shown)
        {
            var (expected, actual) = block.Varies ? (Normal(block.Text), Normal(text)) : (block.Text, text);
            Assert.AreEqual(
                expected,
                actual,
                $"{page.Path}:{block.Start + 1} shows another output; IMAGETAR_WRITE_DOCS=1 writes the real one"
            );
        }
    }

    /// <summary>
    /// One script of the whole page, so that folders and variables stay from block to block, and its steps.
    /// </summary>
    private static (string Script, IReadOnlyList<(Block Block, string Command)> Steps) Compose(Page page)
    {
        var script = new StringBuilder("exec 2>&1\nset -eo pipefail\n");
        var steps = new List<(Block Block, string Command)>();
        foreach (var block in page.Blocks)
        {
            switch (block.Kind)
            {
                case BlockKind.Session:
                    foreach (var command in Commands(block.Text))
                    {
                        Add(block, command);
                    }

                    break;
                case BlockKind.Script:
                    Add(block, block.Text);
                    break;
                case BlockKind.File:
                    Add(
                        block,
                        $"mkdir -p \"$(dirname '{block.FileName}')\"\ncat > '{block.FileName}' "
                            + $"<<'END-OF-PAGE-FILE'\n{block.Text}END-OF-PAGE-FILE"
                    );
                    break;
            }
        }

        return (script.ToString(), steps);

        void Add(Block block, string command)
        {
            steps.Add((block, command));
            script.Append("printf '\\036'\n").Append(command).Append('\n');
        }
    }

    /// <summary>The commands of a session. One goes on after a backslash at the end of its line.</summary>
    private static IEnumerable<string> Commands(string session)
    {
        var lines = session.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].StartsWith("$ ", StringComparison.Ordinal))
            {
                var command = lines[index][2..];
                while (command.EndsWith('\\'))
                {
                    command += "\n" + lines[++index];
                }

                yield return command;
            }
        }
    }

    /// <summary>A command as a session shows it.</summary>
    private static string Prompt(string command) => "$ " + command + "\n";

    private static List<string> Outputs(string output, string folder) =>
        [
            .. output
                .Split(Mark)
                .Skip(1)
                .Select(text => LineEnd().Replace(text.Replace(folder, ShownFolder, StringComparison.Ordinal), "\n")),
        ];

    /// <summary>The text without what differs from machine to machine.</summary>
    private static string Normal(string text) => Blanks().Replace(Varying().Replace(text, "#"), " ");

    private static void Write(Page page, Dictionary<Block, string> shown)
    {
        var text = new StringBuilder();
        var line = 0;
        foreach (var (block, session) in shown.OrderBy(pair => pair.Key.Start))
        {
            foreach (var kept in page.Lines.Take(block.Start).Skip(line))
            {
                text.Append(kept).Append('\n');
            }

            text.Append(session);
            line = block.End;
        }

        foreach (var kept in page.Lines.Skip(line))
        {
            text.Append(kept).Append('\n');
        }

        File.WriteAllText(page.Path, text.ToString());
    }

    [GeneratedRegex(@"[ \t\r]*\n")]
    private static partial Regex LineEnd();

    [GeneratedRegex(@" {2,}|(?<=\n) ")]
    private static partial Regex Blanks();

    [GeneratedRegex(
        """
            \b[0-9a-f]{64}\b | \b(?=[a-f]*[0-9])[0-9a-f]{12}\b | \b\d\d:\d\d(:\d\d(\.\d+)?)?\b | \b\d{4}-\d\d-\d\d\b |
            \b(\d+|an?|about\ an?|less\ than\ a)\ (second|minute|hour|day|week|month|year)s?(\ ago)?\b |
            \b\d+(\.\d+)?\ ?(B|kB|MB|ms|s|K|M)\b | \b\d{4,}\b
            """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase
    )]
    private static partial Regex Varying();
}
