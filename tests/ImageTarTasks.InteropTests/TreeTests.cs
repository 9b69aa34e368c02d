using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Every tree that engines, umoci and tar programs made of the corpus, against what the tool exports: of images, of
/// each platform of an index, and of root filesystems that were imported. Where they disagree, umoci goes by the
/// specification.
/// </summary>
[TestClass, RequiresShared("corpus"), RequiresProgram("python3"), TestCategory("Shared")]
public sealed partial class TreeTests
{
    /// <summary>Refused here, though some tool makes a tree of it; docs/design/decisions.md has the reasons.</summary>
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["bad-layer-dotdot.tar"] = "ITT2401",
        ["bad-layer-wh-root.tar"] = "ITT2401",
        ["bad-layer-name-dots.tar"] = "ITT2402",
        ["bad-layer-name-empty.tar"] = "ITT2012",
        ["bad-layer-wh-dot.tar"] = "ITT2407",
        ["bad-layer-wh-empty.tar"] = "ITT2407",
        ["bad-oci-count.tar"] = "ITT2314",

        // Root filesystems: cut off, damaged, ambiguous, or leading out of the root.
        ["COMPRESS-117.tar"] = "ITT2410",
        ["COMPRESS-335.tar"] = "ITT2410",
        ["COMPRESS-355.tar"] = "ITT2410",
        ["gnu-long-path.tar"] = "ITT2410",
        ["links-strip.tar"] = "ITT2410",
        ["null_date.tar"] = "ITT2410",
        ["incomplete.tar"] = "ITT2003",
        ["testdir.tar.zst"] = "ITT2003",
        ["bad-cksum.tar"] = "ITT2002",
        ["pax-bad-mtime-file.tar"] = "ITT2004",
        ["test_read_format_tar_pax_timestamps.tar"] = "ITT2004",
        ["pax-multi-hdrs.tar"] = "ITT2008",
        ["SunOS_cAEf.tar"] = "ITT2010",
        ["test_compat_tar_directory_1.tar"] = "ITT2011",
        ["test_compat_tar_hardlink_1.tar"] = "ITT2011",
        ["dir-not-dir/test.tar"] = "ITT2012",
        ["tar_relative.tar"] = "ITT2401",
        ["test_patterns_4.tar"] = "ITT2401",

        // Image archives, which load is for.
        ["docker-hello-world.tar"] = "ITT2411",
        ["podman-hello-world.tar"] = "ITT2411",

        // The folders of skopeo's dir: are not archives.
        ["uncompressed-image-s2"] = "ITT2306",
    };

    private enum Door
    {
        Load,
        Import,
    }

    [TestMethod]
    public void Exported_trees_are_those_engines_and_umoci_agree_on()
    {
        var facts = Images().Concat(Platforms()).DistinctBy(fact => fact.Tree).ToList();
        Assert.IsGreaterThan(110, facts.Count);
        Judge(facts);
    }

    [TestMethod]
    public void Exported_trees_of_imported_tars_are_those_tar_programs_and_engines_agree_on()
    {
        var facts = Tars().DistinctBy(fact => fact.Tree).ToList();
        Assert.IsGreaterThan(190, facts.Count);
        Judge(facts);
    }

    private static void Judge(List<Fact> facts)
    {
        using var folder = new TestFolder();
        using var lister = new TreeLister();
        var failures = new List<string>();
        Parallel.For(
            0,
            facts.Count,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            number =>
            {
                var place = folder[$"{number}"];
                if (Judge(facts[number], place, lister) is { } failure)
                {
                    lock (failures)
                    {
                        failures.Add($"{facts[number].File}: {failure}");
                    }
                }

                Directory.Delete(place, recursive: true);
            }
        );
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private static string? Judge(Fact fact, string place, TreeLister lister)
    {
        Directory.CreateDirectory(place);
        var imagetar = new Imagetar(place + "/store");
        var flat = place + "/out.tar";
        var run =
            fact.Door == Door.Load
                ? imagetar.Try(["load", "-i", SharedInputs.PathOf("corpus/" + fact.File)])
                : imagetar.Try(["import", SharedInputs.PathOf("corpus/" + fact.File), "tar:1"]);
        if (run.ExitCode == 0)
        {
            var name = fact.Door == Door.Import ? "tar:1" : NameOf(fact, run.Lines);
            run = imagetar.Try([
                "export",
                "-o",
                flat,
                .. fact.Platform is { } platform ? new[] { "--platform", platform } : [],
                name,
            ]);
        }

        // Neither Docker nor the specification knows these compressions.
        var extension = Path.GetExtension(fact.File);
        var code = extension is ".Z" or ".lz4"
            ? "ITT2001"
            : Refused.FirstOrDefault(file => fact.File.EndsWith("/" + file.Key, StringComparison.Ordinal)).Value;
        if (code is not null)
        {
            return run.ExitCode != 0 && run.Error.Contains($"error {code}:", StringComparison.Ordinal)
                ? null
                : $"not refused with {code}: {run.Error}";
        }

        if (run.ExitCode != 0)
        {
            return run.Error;
        }

        // Attributes of no name space of Linux are kept here, and cannot be set by programs that extract.
        var seen = lister
            .List(flat)
            .Where(line => !line.StartsWith(".\t", StringComparison.Ordinal))
            .Select(line => OtherAttributes().Replace(line, "\t-"))
            .ToList();
        var expected = File.ReadLines(SharedInputs.PathOf($"corpus/facts/trees/{fact.Tree}.tsv"), Encoding.UTF8)
            .ToList();
        if (Path.GetFileName(fact.File).StartsWith("raw-aufs-meta.", StringComparison.Ordinal))
        {
            expected = WithoutAufs(expected);
        }

        var differences = expected
            .Except(seen)
            .Select(line => "- " + line)
            .Concat(seen.Except(expected).Select(line => "+ " + line))
            .Take(6)
            .ToList();
        return differences.Count == 0 && expected.Count == seen.Count
            ? null
            : $"{fact.Id}:\n{string.Join('\n', differences)}";
    }

    /// <summary>
    /// Engines of today have AUFS's own files in the tree; here a file linked to from there has one name less.
    /// </summary>
    private static List<string> WithoutAufs(List<string> tree) =>
        [
            .. tree.Where(line => !line.StartsWith(".wh..wh.", StringComparison.Ordinal))
                .Select(line => line.Replace("\t.wh..wh.plnk/1.2\t", "\t-\t", StringComparison.Ordinal)),
        ];

    /// <summary>
    /// Legacy archives and those skopeo writes anew have other IDs with each tool: of an archive of one image, that
    /// image is meant.
    /// </summary>
    private static string NameOf(Fact fact, IReadOnlyList<string> loaded)
    {
        var names = loaded
            .Where(line => line.StartsWith("Loaded image", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..])
            .ToList();
        return names.Count == 1 ? names[0] : fact.Id!;
    }

    [GeneratedRegex(@"\tcom\.apple\.[^\t,]*\z")]
    private static partial Regex OtherAttributes();

    private sealed record Fact(Door Door, string File, string? Id, string? Platform, string Tree);

    private static IEnumerable<JsonElement> Lines(string file)
    {
        foreach (var line in File.ReadLines(SharedInputs.PathOf("corpus/facts/" + file)))
        {
            using var fact = JsonDocument.Parse(line);
            yield return fact.RootElement.Clone();
        }
    }

    private static string? Text(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<Fact> Images()
    {
        foreach (var fact in Lines("images.jsonl"))
        {
            var images = fact.GetProperty("images").EnumerateArray().ToList();
            foreach (var image in images)
            {
                var contested = image.TryGetProperty("contested", out var trees)
                    ? trees
                        .EnumerateObject()
                        .Single(tree => tree.Value.EnumerateArray().Any(tool => tool.GetString() == "umoci"))
                        .Name
                    : null;
                var id = Text(image, "id");
                if ((Text(image, "tree") ?? contested) is { } tree && (id is not null || images.Count == 1))
                {
                    yield return new Fact(Door.Load, Text(fact, "file")!, id, null, tree);
                }
            }
        }
    }

    private static IEnumerable<Fact> Platforms()
    {
        foreach (var fact in Lines("platforms.jsonl"))
        {
            if (
                Text(fact, "tree") is { } tree
                && fact.GetProperty("platform") is { ValueKind: JsonValueKind.Object } platform
            )
            {
                string?[] parts = [Text(platform, "os"), Text(platform, "architecture"), Text(platform, "variant")];
                yield return new Fact(
                    Door.Load,
                    Text(fact, "file")!,
                    null,
                    string.Join('/', parts.OfType<string>()),
                    tree
                );
            }
        }
    }

    private static IEnumerable<Fact> Tars() =>
        Lines("tars.jsonl")
            .Where(fact => Text(fact, "tree") is not null)
            .Select(fact => new Fact(Door.Import, Text(fact, "file")!, null, null, Text(fact, "tree")!));
}
