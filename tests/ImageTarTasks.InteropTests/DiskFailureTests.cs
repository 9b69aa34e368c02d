using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>A disk that fails at one call: what the verb says, and what it leaves.</summary>
[TestClass, OSCondition(OperatingSystems.Linux)]
public sealed class DiskFailureTests
{
    /// <summary>More calls of one kind than any verb makes here.</summary>
    private const int MaxCalls = 60;

    [TestMethod, RequiresProgram("strace")]
    [DataRow("EIO", "load", "-i", "app.tar")]
    [DataRow("ENOSPC", "load", "-i", "app.tar")]
    [DataRow("EIO", "import", "root.tar", "app:9")]
    [DataRow("EIO", "save", "-o", "output/a", "app:1")]
    [DataRow("EIO", "save", "--format", "oci-dir", "-o", "output/a", "app:1")]
    [DataRow("EIO", "save", "--layer-compression", "gzip", "-o", "output/a", "app:1")]
    [DataRow("EIO", "export", "-o", "output/a", "--config", "output/b", "app:1")]
    [DataRow("ENOSPC", "export", "-o", "output/a", "--config", "output/b", "app:1")]
    [DataRow("EIO", "tag", "app:1", "app:2")]
    [DataRow("EIO", "rmi", "app:spare")]
    [DataRow("EIO", "create", "app:1")]
    [DataRow("EIO", "cp", "root.tar", "one:/file")]
    public void A_failed_sync_fails_the_verb_and_nothing_gets_a_name(string error, params string[] verb)
    {
        using var trial = new Trial();
        var failures = trial.FailEachCall(
            "fsync",
            error,
            verb,
            (run, isUnnamed) =>
            {
                Assert.AreEqual(1, run.ExitCode, run.ToString());
                Assert.Contains(trial.Folder.Root, run.Error);
                var isNamed = run.Error.Contains("ITT1012") || run.Error.Contains("ITT3008");
                Assert.IsTrue(
                    isNamed || run.Error.Contains("ITT1006") || run.Error.Contains("ITT3006"),
                    run.ToString()
                );
                Assert.IsTrue(isNamed || isUnnamed, $"{run}\na name was given");
            }
        );
        Assert.IsGreaterThanOrEqualTo(2, failures);
    }

    [TestMethod, RequiresProgram("strace")]
    [DataRow("load", "-i", "app.tar")]
    [DataRow("import", "root.tar", "app:9")]
    [DataRow("cp", "root.tar", "one:/file")]
    public void A_failed_write_is_a_coded_error_whatever_was_written(params string[] verb)
    {
        using var trial = new Trial();
        var failures = trial.FailEachCall(
            "pwrite64",
            "ENOSPC",
            verb,
            (run, isUnnamed) =>
            {
                Assert.AreEqual(1, run.ExitCode, run.ToString());
                Assert.Contains("ITT3006", run.Error);
                Assert.DoesNotContain("   at ", run.Error);
                Assert.IsTrue(isUnnamed, $"{run}\na name was given");
            }
        );
        Assert.IsGreaterThanOrEqualTo(4, failures);
    }

    [TestMethod, RequiresProgram("strace")]
    [DataRow("unlink", "export", "-o", "output/a", "app:1")]
    [DataRow("unlink", "save", "-o", "output/a", "app:1")]
    [DataRow("unlink", "load", "-i", "app.tar")]
    [DataRow("rmdir", "load", "-i", "app.tar")]
    public void A_session_that_cannot_be_removed_does_not_fail_what_is_complete(string call, params string[] verb)
    {
        using var trial = new Trial();
        trial.Begin();
        var run = trial.RunWith(call, "EIO", "1+", verb);
        Assert.IsTrue(run.IsInjected, "nothing failed");
        run.Result.Succeeds();
        trial.Imagetar.Run("tag", "app:1", "app:after");
        Assert.IsEmpty(Directory.GetDirectories(Path.Combine(trial.Imagetar.Store, ".imagetar/sessions")));
    }

    [TestMethod, RequiresProgram("strace")]
    public void A_folder_that_cannot_be_made_leaves_no_temporary_one()
    {
        using var trial = new Trial();
        var failures = trial.FailEachCall(
            "mkdir",
            "ENOSPC",
            ["save", "--format", "oci-dir", "-o", "output/a", "app:1"],
            (run, isUnnamed) =>
            {
                Assert.AreEqual(1, run.ExitCode, run.ToString());
                Assert.IsTrue(isUnnamed, $"{run}\na name was given");
            }
        );
        Assert.IsGreaterThanOrEqualTo(4, failures);
    }

    [TestMethod, RequiresProgram("strace")]
    public void A_configuration_does_not_appear_beside_an_archive_that_failed()
    {
        using var trial = new Trial();
        foreach (var call in new[] { "fsync", "rename" })
        {
            trial.FailEachCall(
                call,
                "EIO",
                ["export", "-o", "output/a", "--config", "output/b", "app:1"],
                (run, _) =>
                    Assert.IsTrue(
                        !File.Exists(trial.Folder["output/b"]) || File.Exists(trial.Folder["output/a"]),
                        run.ToString()
                    )
            );
        }
    }

    /// <summary>Lets calls of a verb fail.</summary>
    private sealed class Trial : IDisposable
    {
        private readonly StoreTrial _store = new();

        public TestFolder Folder => _store.Folder;

        public Imagetar Imagetar => _store.Imagetar;

        public void Dispose() => _store.Dispose();

        public void Begin() => _store.Begin();

        /// <summary>
        /// Lets the first call fail, then the second, until the verb makes no more; the number of failures. After each
        /// one the same command must succeed.
        /// </summary>
        public int FailEachCall(string call, string error, string[] verb, Action<ProgramResult, bool> check)
        {
            for (var number = 1; number < MaxCalls; number++)
            {
                Begin();
                var before = Names();
                var (run, isInjected) = RunWith(call, error, $"{number}", verb);
                if (!isInjected)
                {
                    return number - 1;
                }

                check(run, before.SequenceEqual(Names()));
                Imagetar.Run("ps", "-a");
                if (verb[0] != "rmi" || before.SequenceEqual(Names()))
                {
                    _store.Run(verb).Succeeds();
                }
            }

            throw new InvalidOperationException($"{verb[0]} makes more than {MaxCalls} calls");
        }

        public (ProgramResult Result, bool IsInjected) RunWith(string call, string error, string when, string[] verb)
        {
            // Which of the two a C library calls depends on the processor.
            var calls = $"/^{call}(at)?2?$";
            var run = _store.Trace(["-e", $"trace={calls}", "-e", $"inject={calls}:error={error}:when={when}"], verb);
            return (run, File.ReadAllText(_store.TraceFile).Contains("(INJECTED)", StringComparison.Ordinal));
        }

        /// <summary>What others can see: outputs, temporary ones among them, names and containers.</summary>
        private string[] Names() =>
            [
                .. Directory.EnumerateFileSystemEntries(Folder["output"]).Order(StringComparer.Ordinal),
                .. File.ReadLines(Path.Combine(Imagetar.Store, "index.json")),
                .. Directory
                    .EnumerateFiles(Path.Combine(Imagetar.Store, ".imagetar/containers"))
                    .Order(StringComparer.Ordinal)
                    .Select(file => file + File.ReadAllText(file)),
            ];
    }
}
