using System.Text.RegularExpressions;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests;

/// <summary>The form of all Markdown files of the repository: line lengths, first sentences and links.</summary>
[TestClass]
public sealed partial class MarkdownTests
{
    private const int Width = 120;

    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "node_modules", "TestResults"];

    private static readonly IReadOnlyList<string> Pages =
    [
        .. Files(SharedInputs.Repository).Where(file => file.EndsWith(".md", StringComparison.Ordinal)),
    ];

    [TestMethod]
    public void No_line_is_longer_than_120_characters()
    {
        var faults = new List<string>();
        foreach (var page in Pages)
        {
            foreach (var (number, line, code) in Lines(page))
            {
                // A line of code cannot be broken inside a URL or a digest.
                if (line.Length > Width && !(code && Unbreakable().IsMatch(line)))
                {
                    faults.Add($"{page}:{number}: {line.Length} characters");
                }
            }
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    [TestMethod]
    public void Every_page_begins_with_a_title_and_a_sentence()
    {
        // The templates of GitHub are forms, not pages.
        foreach (var page in Pages.Where(page => !page.Contains(".github", StringComparison.Ordinal)))
        {
            var lines = File.ReadAllLines(page);
            StringAssert.StartsWith(lines[0], "# ", page);
            Assert.AreEqual("", lines[1], page);
            Assert.IsTrue(char.IsLetter(lines[2][0]), $"{page}: {lines[2]}");
        }
    }

    [TestMethod]
    public void Every_link_to_a_file_of_the_repository_leads_to_a_file_and_a_heading()
    {
        var faults = new List<string>();
        foreach (var page in Pages)
        {
            foreach (var (number, line, _) in Lines(page).Where(line => !line.Code))
            {
                foreach (Match link in Link().Matches(line))
                {
                    var (path, anchor) = (link.Groups[1].Value, link.Groups[2].Value);
                    var target =
                        path.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, path));
                    if (!Path.Exists(target))
                    {
                        faults.Add($"{page}:{number}: there is no {path}");
                    }
                    else if (anchor.Length > 0 && !Anchors(target).Contains(anchor))
                    {
                        faults.Add($"{page}:{number}: {path} has no heading #{anchor}");
                    }
                }
            }
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    [TestMethod]
    public void Every_document_that_other_files_name_exists()
    {
        var faults = new List<string>();
        foreach (
            var file in ((string[])["src", "eng", "build", ".ci", ".github", "samples"]).SelectMany(folder =>
                Files(Path.Combine(SharedInputs.Repository, folder))
            )
        )
        {
            foreach (Match name in Document().Matches(File.ReadAllText(file)))
            {
                if (!File.Exists(Path.Combine(SharedInputs.Repository, name.Value)))
                {
                    faults.Add($"{file}: there is no {name.Value}");
                }
            }
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Concat(
                Directory
                    .EnumerateDirectories(folder)
                    .Where(child => !NotOurs.Contains(Path.GetFileName(child)))
                    .SelectMany(Files)
            );

    private static IEnumerable<(int Number, string Line, bool Code)> Lines(string page)
    {
        var code = false;
        foreach (var (index, line) in File.ReadLines(page).Index())
        {
            var fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            code ^= fence;
            yield return (index + 1, line, code && !fence);
        }
    }

    /// <summary>The names GitHub gives to the headings of a page.</summary>
    private static HashSet<string> Anchors(string page) =>
        [
            .. Lines(page)
                .Where(line => !line.Code && line.Line.StartsWith('#'))
                .Select(line =>
                    NotInAnchor().Replace(line.Line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
                ),
        ];

    [GeneratedRegex(@"https?://|\b[0-9a-f]{64}\b")]
    private static partial Regex Unbreakable();

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"\bdocs/[a-z/-]+\.md\b")]
    private static partial Regex Document();
}
