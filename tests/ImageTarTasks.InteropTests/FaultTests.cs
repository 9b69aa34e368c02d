using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Every call of the system that a verb makes in its store or for its output fails once. The seam is the system itself:
/// strace lets the call fail, so nothing in between can hide it.
/// </summary>
[TestClass, OSCondition(OperatingSystems.Linux)]
public sealed partial class FaultTests
{
    /// <summary>The calls, as the kernel names them, each with its variants.</summary>
    private static readonly string[] Calls =
    [
        "/^openat2?$",
        "/^mkdir(at)?$",
        "pwrite64",
        "/^fsync|fdatasync$",
        "/^rename(at2?)?$",
        "/^link(at)?$",
        "/^unlink(at)?$",
        "rmdir",
        "ftruncate",
        "utimensat",
        "close",
    ];

    private static readonly string[] Errors = ["ENOSPC", "EIO", "EROFS", "EACCES"];

    [TestMethod, RequiresProgram("strace")]
    [DataRow("load", "-q", "-i", "more.tar")]
    [DataRow("import", "root.tar", "more:1")]
    [DataRow("tag", "app:1", "more:1")]
    [DataRow("rmi", "app:spare")]
    [DataRow("create", "--name", "two", "app:1")]
    [DataRow("cp", "root.tar", "one:/file")]
    [DataRow("commit", "one", "more:1")]
    [DataRow("rename", "one", "two")]
    [DataRow("rm", "one")]
    [DataRow("save", "-o", "output/a", "app:1")]
    [DataRow("save", "--layer-compression", "gzip", "-o", "output/a", "app:1")]
    [DataRow("save", "--format", "oci-dir", "-o", "output/a", "app:1")]
    [DataRow("export", "-o", "output/a", "--config", "output/b", "app:1")]
    [DataRow("export", "-o", "output/a", "one")]
    [DataRow("image", "prune", "-af")]
    [DataRow("container", "prune", "-f")]
    [DataRow("system", "prune", "-af")]
    [DataRow("fsck", "--repair")]
    public void A_call_that_fails_fails_the_verb_or_changes_nothing_that_counts(params string[] verb)
    {
        using var trial = new Trial(isDamaged: verb[0] == "fsck");
        trial.Begin();
        trial.Run(verb).Succeeds();
        var done = trial.Seen();
        var failures = 0;
        for (var i = 0; i < Calls.Length; i++)
        {
            trial.Begin();
            var before = trial.Seen();
            foreach (var number in trial.FindCalls(Calls[i], verb))
            {
                trial.Begin();
                var error = Errors[(i + number) % Errors.Length];
                var (run, isInjected) = trial.RunWithFault(Calls[i], error, number, verb);
                if (!isInjected)
                {
                    // Another thread made the call this time.
                    continue;
                }

                failures++;
                var what = $"{Calls[i]} number {number} failed with {error}\n{run}";
                Assert.IsTrue(run.ExitCode is 0 or 1, what);
                Assert.DoesNotContain("   at ", run.Error, what);
                Assert.DoesNotContain("Unhandled", run.Error, what);
                var seen = trial.Seen();
                if (run.ExitCode == 0)
                {
                    // A prune leaves what it cannot read, and says so.
                    Assert.IsTrue(
                        seen == done || run.Error.Contains("warning ITT9301", StringComparison.Ordinal),
                        $"{what}\nis incomplete: {seen}"
                    );
                }
                else
                {
                    Assert.MatchesRegex(@"error ITT\d{4}: ", run.Error, what);
                    Assert.IsTrue(
                        seen == before || IsNamed(run) || IsOneOfSeveralSteps(verb),
                        $"{what}\nbefore {before}\nafter {seen}"
                    );
                }

                if (verb[0] != "fsck")
                {
                    trial.Run("fsck").Succeeds();
                }

                if (run.ExitCode != 0 && seen != done)
                {
                    trial.Run(verb).Succeeds();
                    Assert.AreEqual(done, trial.Seen(), $"{what}\na second try differs");
                }
            }
        }

        Assert.IsGreaterThan(5, failures, "hardly anything failed");
    }

    /// <summary>The rename is done, and then the disk failed to keep it: the message says so.</summary>
    private static bool IsNamed(ProgramResult run) =>
        run.Error.Contains("ITT1012", StringComparison.Ordinal)
        || run.Error.Contains("ITT3008", StringComparison.Ordinal);

    /// <summary>These do one thing after another, and what is done stays done.</summary>
    private static bool IsOneOfSeveralSteps(string[] verb) =>
        verb is ["container" or "system", ..] or ["fsck", ..] || verb.Contains("--config");

    private sealed partial class Trial : IDisposable
    {
        private readonly StoreTrial _store = new();

        public Trial(bool isDamaged)
        {
            if (isDamaged)
            {
                File.WriteAllText(Path.Combine(_store.Prepared, "index.json"), "{");
                File.Delete(Directory.GetFiles(Path.Combine(_store.Prepared, "blobs/sha256")).MaxBy(SizeOf)!);
            }
        }

        private TestFolder Folder => _store.Folder;

        private Imagetar Imagetar => _store.Imagetar;

        public void Dispose() => _store.Dispose();

        public void Begin() => _store.Begin();

        public ProgramResult Run(params string[] verb) => _store.Run(verb);

        /// <summary>What others can see: outputs, names, and containers.</summary>
        public string Seen()
        {
            var outputs = Directory
                .EnumerateFiles(Folder["output"], "*", SearchOption.AllDirectories)
                .Where(file => !Temporary().IsMatch(file))
                .Select(file => $"{Path.GetRelativePath(Folder.Root, file)} {SizeOf(file)}");
            var containers = Directory
                .EnumerateFiles(Path.Combine(Imagetar.Store, ".imagetar/containers"))
                .Select(file => Random().Replace(File.ReadAllText(file), ""));
            return string.Join(
                '\n',
                outputs
                    .Order(StringComparer.Ordinal)
                    .Append(
                        Path.Exists(Path.Combine(Imagetar.Store, "index.json"))
                            ? Random().Replace(File.ReadAllText(Path.Combine(Imagetar.Store, "index.json")), "")
                            : "no index"
                    )
                    .Concat(containers.Order(StringComparer.Ordinal))
            );
        }

        /// <summary>Which calls of a kind concern the trial's folder; counted in each thread, as strace does.</summary>
        public IReadOnlyList<int> FindCalls(string call, string[] verb)
        {
            Trace(call, [], verb).Succeeds();
            var counts = new Dictionary<string, int>(StringComparer.Ordinal);
            var numbers = new SortedSet<int>();
            foreach (var line in File.ReadLines(_store.TraceFile))
            {
                var thread = line.Split(' ')[0];
                if (line.Contains(" resumed>", StringComparison.Ordinal) || !line.Contains('('))
                {
                    continue;
                }

                counts[thread] = counts.GetValueOrDefault(thread) + 1;
                if (Concerns(line))
                {
                    numbers.Add(counts[thread]);
                }
            }

            return [.. numbers];
        }

        public (ProgramResult Run, bool IsInjected) RunWithFault(string call, string error, int number, string[] verb)
        {
            var run = Trace(call, ["-e", $"inject={call}:error={error}:when={number}"], verb);
            var injected = File.ReadLines(_store.TraceFile).Where(line => line.Contains("(INJECTED)")).ToList();
            return (run, injected.Count > 0 && injected.All(Concerns));
        }

        private bool Concerns(string line) =>
            (
                line.Contains(Folder["store"], StringComparison.Ordinal)
                || line.Contains("output/", StringComparison.Ordinal)
            ) && !line.Contains("= -1 ENOENT", StringComparison.Ordinal);

        private ProgramResult Trace(string call, string[] inject, string[] verb) =>
            _store.Trace(["-y", "-e", $"trace={call}", .. inject], verb);

        private static long SizeOf(string file) => new FileInfo(file).Length;

        /// <summary>What could not be deleted stays for a later process and is no output.</summary>
        [GeneratedRegex(@"/\.[^/]*\.tmp(/|$)")]
        private static partial Regex Temporary();

        /// <summary>What differs between two runs of the same verb: IDs of containers and times.</summary>
        [GeneratedRegex(@"""id"":""[0-9a-f]{64}""|""created"":""[^""]*""|sha256:[0-9a-f]{64}|""size"":\d+")]
        private static partial Regex Random();
    }
}
