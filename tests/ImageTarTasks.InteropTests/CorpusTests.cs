using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Flatten cases as data, through the tool; a third-party script beside the corpus judges the trees.</summary>
[TestClass, RequiresShared("corpus"), RequiresProgram("python3"), TestCategory("Shared")]
public sealed class CorpusTests
{
    // The cases let "d/.wh." pass as nothing; the image specification has it refused, and so have the hostile inputs.
    private const string BareWhiteout = "wh-bare";

    [TestMethod]
    public void The_checker_of_the_flatten_cases_finds_no_difference()
    {
        using var folder = new TestFolder();
        var script = SharedInputs.PathOf("corpus/flatten/flatten_cases.py");
        Programs.Run("python3", script, "make", SharedInputs.PathOf("corpus/flatten/cases.json"), folder["cases"]);
        var cases = Directory.GetFiles(folder["cases"], "*.expect.json").Order(StringComparer.Ordinal).ToList();
        var failures = Each(
            cases,
            expectation =>
            {
                var name = Path.GetFileName(expectation)[..^".expect.json".Length];
                var imagetar = new Imagetar(folder["stores/" + name]);
                var load = imagetar.Try([
                    "load",
                    "-i",
                    Path.ChangeExtension(Path.ChangeExtension(expectation, null), ".tar"),
                ]);
                var export =
                    load.ExitCode == 0
                        ? imagetar.Try([
                            "export",
                            "-o",
                            folder[name + ".tar"],
                            $"flatten.test/{name.ToLowerInvariant()}:1",
                        ])
                        : load;
                if (name == BareWhiteout)
                {
                    return export.ExitCode != 0 ? null : "it was accepted";
                }

                if (export.ExitCode != 0)
                {
                    return export.Error;
                }

                var check = Programs.Try("python3", [script, "check", expectation, folder[name + ".tar"]]);
                return check.ExitCode == 0 ? null : check.Output + check.Error;
            }
        );

        Assert.IsGreaterThan(50, cases.Count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private static List<string> Each<T>(IReadOnlyList<T> items, Func<T, string?> judge)
    {
        var failures = new List<string>();
        Parallel.ForEach(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            item =>
            {
                if (judge(item) is { } failure)
                {
                    lock (failures)
                    {
                        failures.Add(failure);
                    }
                }
            }
        );
        return failures;
    }
}
