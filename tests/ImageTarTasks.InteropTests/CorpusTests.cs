using System.Text;
using System.Text.Json;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Real images, and flatten cases as data, through the tool; third-party scripts beside the corpus judge the trees.</summary>
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
        var failures = Each(cases, expectation =>
        {
            var name = Path.GetFileName(expectation)[..^".expect.json".Length];
            var imagetar = new Imagetar(folder["stores/" + name]);
            var load = imagetar.Try(["load", "-i", Path.ChangeExtension(Path.ChangeExtension(expectation, null), ".tar")]);
            var export = load.ExitCode == 0 ? imagetar.Try(["export", "-o", folder[name + ".tar"], $"flatten.test/{name.ToLowerInvariant()}:1"]) : load;
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
        });

        Assert.IsGreaterThan(50, cases.Count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    [TestMethod]
    public void Exported_trees_of_real_images_are_those_engines_and_umoci_agree_on()
    {
        using var folder = new TestFolder();
        var facts = File.ReadLines(SharedInputs.PathOf("corpus/facts/images.jsonl")).SelectMany(AgreedTrees).DistinctBy(fact => (fact.Id, fact.Tree)).ToList();
        var failures = Each(facts, fact =>
        {
            var number = facts.IndexOf(fact);
            var imagetar = new Imagetar(folder[$"{number}/store"]);
            var load = imagetar.Try(["load", "-i", SharedInputs.PathOf("corpus/" + fact.File)]);
            var export = load.ExitCode == 0 ? imagetar.Try(["export", "-o", folder[$"{number}/out.tar"], fact.Id]) : load;
            if (export.ExitCode != 0)
            {
                return $"{fact.File}: {export.Error}";
            }

            var listing = Programs.Run("python3", SharedInputs.PathOf("corpus/normlist.py"), folder[$"{number}/out.tar"]);
            var seen = listing.Lines.Where(line => !line.StartsWith(".\t", StringComparison.Ordinal)).ToList();
            var expected = File.ReadLines(SharedInputs.PathOf($"corpus/facts/trees/{fact.Tree}.tsv"), Encoding.UTF8).ToList();
            Directory.Delete(folder[$"{number}"], recursive: true);
            var differences = expected.Except(seen).Select(line => "- " + line).Concat(seen.Except(expected).Select(line => "+ " + line)).Take(6).ToList();
            return differences.Count == 0 && expected.Count == seen.Count ? null : $"{fact.File} {fact.Id}:\n{string.Join('\n', differences)}";
        });

        Assert.IsGreaterThan(80, facts.Count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private sealed record Fact(string File, string Id, string Tree);

    private static IEnumerable<Fact> AgreedTrees(string line)
    {
        using var fact = JsonDocument.Parse(line);
        var file = fact.RootElement.GetProperty("file").GetString()!;
        List<Fact> facts = [];
        foreach (var image in fact.RootElement.GetProperty("images").EnumerateArray())
        {
            // An image all of whose sources give one tree; where they do not, ExportTests have the case.
            if (image.TryGetProperty("tree", out var tree) && image.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && !image.TryGetProperty("contested", out _) && file.EndsWith(".tar", StringComparison.Ordinal))
            {
                facts.Add(new Fact(file, id.GetString()!, tree.GetString()!));
            }
        }

        return facts;
    }

    private static List<string> Each<T>(IReadOnlyList<T> items, Func<T, string?> judge)
    {
        var failures = new List<string>();
        Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = 2 }, item =>
        {
            if (judge(item) is { } failure)
            {
                lock (failures)
                {
                    failures.Add(failure);
                }
            }
        });
        return failures;
    }
}
