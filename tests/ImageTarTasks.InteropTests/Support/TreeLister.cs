using System.Diagnostics;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// The corpus's script that lists trees, normlist.py, in one process for many trees: starting Python takes longer than
/// listing.
/// </summary>
internal sealed class TreeLister : IDisposable
{
    /// <summary>
    /// Takes a path per line; answers with a line per entry, and an empty line at the end or a line that begins with "!
    /// " on failure.
    /// </summary>
    private const string Script = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import normlist
        for path in sys.stdin:
            try:
                for line in normlist.lines(normlist.from_tar(path[:-1]), False, False):
                    print(line)
                print(flush=True)
            except BaseException as e:
                print("!", repr(e), flush=True)
        """;

    private readonly Lazy<Process> _python = new(() =>
        Programs.Start(
            "python3",
            ["-c", Script, SharedInputs.PathOf("corpus")],
            new ProgramOptions { Environment = new Dictionary<string, string?> { ["PYTHONDONTWRITEBYTECODE"] = "1" } }
        )
    );

    /// <summary>The lines of the listing of a tar.</summary>
    public IReadOnlyList<string> List(string tar)
    {
        lock (_python)
        {
            _python.Value.StandardInput.WriteLine(tar);
            _python.Value.StandardInput.Flush();
            var lines = new List<string>();
            while (_python.Value.StandardOutput.ReadLine() is { } line)
            {
                if (line.Length == 0)
                {
                    return lines;
                }

                Assert.IsFalse(line.StartsWith("! ", StringComparison.Ordinal), $"{tar}: {line}");
                lines.Add(line);
            }

            throw new InvalidOperationException("python3 has ended: " + _python.Value.StandardError.ReadToEnd());
        }
    }

    public void Dispose()
    {
        if (_python.IsValueCreated)
        {
            _python.Value.StandardInput.Close();
            _python.Value.WaitForExit();
            _python.Value.Dispose();
        }
    }
}
