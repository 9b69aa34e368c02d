using System.Text.RegularExpressions;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>What the tool changes on disk, as strace sees it.</summary>
internal static partial class FileTrace
{
    private const string TracedCalls =
        "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate";

    /// <summary>
    /// MSBuild's library, when it makes its first item, looks with an empty file that it deletes at once whether the
    /// file system ignores case.
    /// </summary>
    private static readonly string MSBuildsProbe = Path.Combine(Path.GetTempPath(), "CASESENSITIVETEST");

    /// <summary>
    /// Runs the tool, which must succeed; the calls that create, open for writing or rename something in another place
    /// than the <paramref name="allowed"/> ones.
    /// </summary>
    public static IReadOnlyList<string> ChangesOutside(
        IReadOnlyList<string> allowed,
        Imagetar imagetar,
        IReadOnlyList<string> arguments,
        string? inputFile = null
    )
    {
        var trace = Path.GetTempFileName();
        try
        {
            Programs
                .Try(
                    "strace",
                    ["-f", "-qq", "-e", TracedCalls, "-o", trace, Imagetar.Executable, .. arguments],
                    new ProgramOptions
                    {
                        InputFile = inputFile,
                        Environment = new Dictionary<string, string?>
                        {
                            ["IMAGETAR_STORE"] = imagetar.Store,
                            ["DOTNET_EnableDiagnostics"] = "0",
                        },
                    }
                )
                .Succeeds();
            // The tool opens at least its own libraries, so a trace without any call was not taken.
            var calls = Calls(trace).ToList();
            Assert.IsNotEmpty(calls, "the trace shows nothing");
            return
            [
                .. calls.Where(line =>
                    Changes().IsMatch(line)
                    && !line.Contains("= -1 E", StringComparison.Ordinal)
                    && Paths().Matches(line).Select(match => match.Groups[1].Value).Any(path => !IsAllowed(path))
                ),
            ];
        }
        finally
        {
            File.Delete(trace);
        }

        bool IsAllowed(string path) =>
            allowed
                .Append(MSBuildsProbe)
                .Append("/dev/")
                .Append("/proc/")
                .Any(place => path.StartsWith(place, StringComparison.Ordinal));
    }

    /// <summary>The calls of a trace; of one that another thread's came in between, strace writes two halves.</summary>
    public static IEnumerable<string> Calls(string trace)
    {
        var begun = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(trace))
        {
            var process = line.Split(' ')[0];
            if (line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[process] = line;
            }
            else if (line.Contains(" resumed>", StringComparison.Ordinal) && begun.Remove(process, out var first))
            {
                yield return first + line;
            }
            else
            {
                yield return line;
            }
        }

        foreach (var first in begun.Values)
        {
            yield return first;
        }
    }

    /// <summary>A call that may change files: one that creates, opens for writing, or changes names.</summary>
    [GeneratedRegex(@"O_WRONLY|O_RDWR|O_CREAT|^\d+ +(?:creat|mkdir|rename|link|symlink|mknod|truncate)")]
    private static partial Regex Changes();

    [GeneratedRegex(@"""([^""]*)""")]
    private static partial Regex Paths();
}
