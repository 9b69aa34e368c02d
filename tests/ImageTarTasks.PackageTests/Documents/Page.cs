namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// A Markdown page, as the tests run it: its fenced blocks in order, and the comments that say what to do with them.
/// </summary>
/// <remarks>
/// A <c>console</c> block is a session: lines that begin with <c>$ </c> are commands, the others are their output. A
/// <c>sh</c> block is a script. Every other block needs a comment before it. The comments are <c>&lt;!-- file: NAME
/// --&gt;</c>: the next block is the content of that file; <c>&lt;!-- varies --&gt;</c>: digests, sizes and times in
/// the next block differ from machine to machine; <c>&lt;!-- not run: REASON --&gt;</c>: the next block is only shown;
/// <c>&lt;!-- test: SCRIPT --&gt;</c>: a script that runs at this place and is not shown.
/// </remarks>
internal sealed class Page
{
    private Page(string path, IReadOnlyList<string> lines, IReadOnlyList<Block> blocks)
    {
        Path = path;
        Lines = lines;
        Blocks = blocks;
    }

    public string Path { get; }

    public IReadOnlyList<string> Lines { get; }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Reads a page of the repository.</summary>
    /// <exception cref="InvalidDataException">
    /// A block or comment does not end, or nothing says what to do with a block.
    /// </exception>
    public static Page Read(string name)
    {
        var path = System.IO.Path.Combine(Feed.Repository, name);
        var lines = File.ReadAllLines(path);
        var blocks = new List<Block>();
        var comments = new List<string>();
        for (var start = 0; start < lines.Length; start++)
        {
            if (lines[start].StartsWith("<!--", StringComparison.Ordinal))
            {
                var end = IndexOf(lines, start, line => line.EndsWith("-->", StringComparison.Ordinal), name);
                var comment = string.Join('\n', lines[start..(end + 1)])[4..^3].Trim();
                if (Value(comment, "test") is { } script)
                {
                    blocks.Add(new Block(BlockKind.Script, script, start + 1, end, null, false));
                }
                else
                {
                    comments.Add(comment);
                }

                start = end;
            }
            else if (lines[start].StartsWith("```", StringComparison.Ordinal))
            {
                var end = IndexOf(lines, start + 1, line => line == "```", name);
                var text = string.Concat(lines[(start + 1)..end].Select(line => line + "\n"));
                var file = comments
                    .Select(comment => Value(comment, "file"))
                    .FirstOrDefault(value => value is not null);
                var kind =
                    comments.Any(comment => Value(comment, "not run") is not null) ? BlockKind.Shown
                    : file is not null ? BlockKind.File
                    : lines[start] switch
                    {
                        "```console" => BlockKind.Session,
                        "```sh" => BlockKind.Script,
                        _ => throw new InvalidDataException(
                            $"{name}:{start + 1}: nothing says what to do with this block"
                        ),
                    };
                blocks.Add(new Block(kind, text, start + 1, end, file, comments.Contains("varies")));
                comments.Clear();
                start = end;
            }
        }

        return new Page(path, lines, blocks);
    }

    private static int IndexOf(string[] lines, int start, Predicate<string> found, string name)
    {
        var index = Array.FindIndex(lines, start, found);
        return index >= 0 ? index : throw new InvalidDataException($"{name}:{start + 1}: this does not end");
    }

    private static string? Value(string comment, string key) =>
        comment.StartsWith(key + ":", StringComparison.Ordinal) ? comment[(key.Length + 1)..].Trim() : null;
}

/// <summary>What to do with a block.</summary>
internal enum BlockKind
{
    /// <summary>Run its commands and compare their output.</summary>
    Session,

    /// <summary>Run it.</summary>
    Script,

    /// <summary>Write it to a file.</summary>
    File,

    /// <summary>Nothing.</summary>
    Shown,
}

/// <summary>A fenced block, or a script in a comment.</summary>
/// <param name="Kind">What to do with it.</param>
/// <param name="Text">Its text, without the fences.</param>
/// <param name="Start">The index of its first line in the page.</param>
/// <param name="End">The index of the line after its last one.</param>
/// <param name="FileName">The file it is the content of.</param>
/// <param name="Varies">Digests, sizes and times in its output differ from machine to machine.</param>
internal sealed record Block(BlockKind Kind, string Text, int Start, int End, string? FileName, bool Varies);
