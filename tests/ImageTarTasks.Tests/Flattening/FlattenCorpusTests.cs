using System.Diagnostics;
using System.Text.Json;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Flattening;

/// <summary>
/// Layers of real and of hand-written images, flattened; the judge is a script of others that knows nothing of this
/// project.
/// </summary>
[TestClass]
public sealed class FlattenCorpusTests
{
    /// <summary>
    /// <c>.wh.</c> with nothing after it: the case's file expects it to be skipped; the specification has since said
    /// that it is invalid.
    /// </summary>
    private const string InvalidSince = "wh-bare";

    /// <summary>
    /// Engines of today extract AUFS's own files as if they were part of the image; here they are left out.
    /// </summary>
    private const string HasAufsFiles = "made/raw-aufs-meta/raw-aufs-meta.hand.docker.tar";

    /// <summary>Large ones repeat what small ones show, and take their time.</summary>
    private const long LargestCompared = 3_000_000;

    [TestMethod]
    [TestCategory("Shared")]
    [RequiresShared("corpus/flatten")]
    [RequiresProgram("python3")]
    public void Every_flatten_case_gives_the_tree_it_stands_for()
    {
        using var folder = new TestFolder();
        var made = folder["made"];
        var script = SharedInputs.PathOf("corpus/flatten/flatten_cases.py");
        Assert.AreEqual(
            (0, ""),
            Python(
                script,
                [
                    ["make", SharedInputs.PathOf("corpus/flatten/cases.json"), made],
                ]
            )[0]
        );

        var failures = new List<string>();
        var checks = new List<string[]>();
        var cases = Directory.GetFiles(made, "*.expect.json").Order(StringComparer.Ordinal).ToArray();
        foreach (var expect in cases)
        {
            var id = Path.GetFileName(expect).Replace(".expect.json", "", StringComparison.Ordinal);
            using var expected = JsonDocument.Parse(File.ReadAllBytes(expect));
            var rejects = id == InvalidSince || expected.RootElement.TryGetProperty("reject", out _);
            try
            {
                var flat = folder[id + ".flat.tar"];
                File.WriteAllBytes(flat, LayerTar.Flatten(DockerArchiveLayers(Path.Combine(made, id + ".tar"))));
                checks.Add(["check", expect, flat]);
                if (rejects)
                {
                    failures.Add($"{id}: not refused");
                }
            }
            catch (ImageTarException e) when (rejects)
            {
                Assert.StartsWith("ITT24", e.Diagnostic.Code);
            }
            catch (ImageTarException e)
            {
                failures.Add($"{id}: {e.Diagnostic.Code} {e.Message}");
            }
        }

        failures.AddRange(
            Python(script, checks)
                .Zip(checks)
                .Where(one => one.First.Exit != 0)
                .Select(one => $"{one.Second[1]}: {one.First.Output}")
        );
        Assert.IsGreaterThan(50, cases.Length);
        Assert.IsEmpty(failures, string.Join("\n", failures));
    }

    [TestMethod]
    [TestCategory("Shared")]
    [RequiresShared("corpus/facts")]
    [RequiresProgram("python3")]
    public void Images_flatten_to_the_trees_that_engines_agree_on()
    {
        using var folder = new TestFolder();
        var flattened = new List<(string File, string Flat, string Tree)>();
        foreach (var line in File.ReadLines(SharedInputs.PathOf("corpus/facts/images.jsonl")))
        {
            using var fact = JsonDocument.Parse(line);
            var file = fact.RootElement.GetProperty("file").GetString()!;
            var images = fact.RootElement.GetProperty("images");
            if (
                !file.StartsWith("made/", StringComparison.Ordinal)
                || !(
                    file.EndsWith(".docker20.tar", StringComparison.Ordinal)
                    || file.EndsWith(".hand.docker.tar", StringComparison.Ordinal)
                )
                || file == HasAufsFiles
                || new FileInfo(SharedInputs.PathOf("corpus/" + file)).Length > LargestCompared
                || images.GetArrayLength() != 1
                || !images[0].TryGetProperty("tree", out var tree)
                || tree.ValueKind != JsonValueKind.String
            )
            {
                continue;
            }

            var flat = folder[Path.GetFileName(file) + ".flat.tar"];
            File.WriteAllBytes(flat, LayerTar.Flatten(DockerArchiveLayers(SharedInputs.PathOf("corpus/" + file))));
            flattened.Add((file, flat, tree.GetString()!));
        }

        var listings = Python(SharedInputs.PathOf("corpus/normlist.py"), flattened.Select(one => new[] { one.Flat }));
        var failures = new List<string>();
        foreach (var ((file, _, tree), (exit, listing)) in flattened.Zip(listings))
        {
            Assert.AreEqual(0, exit, listing);
            var expected = File.ReadAllLines(SharedInputs.PathOf($"corpus/facts/trees/{tree}.tsv"));
            var actual = listing
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(entry => !entry.StartsWith(".\t", StringComparison.Ordinal))
                .ToArray();
            if (!expected.SequenceEqual(actual, StringComparer.Ordinal))
            {
                failures.Add(
                    $"{file}:\n  - {string.Join("\n  - ", expected.Except(actual))}\n  + "
                        + $"{string.Join("\n  + ", actual.Except(expected))}"
                );
            }
        }

        Assert.IsGreaterThan(30, flattened.Count);
        Assert.IsEmpty(failures, string.Join("\n", failures));
    }

    /// <summary>The plain layers of a docker-archive's only image, lowest first.</summary>
    private static byte[][] DockerArchiveLayers(string path)
    {
        var members = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        using var file = File.OpenRead(path);
        using var plain = StreamCompression.OpenDecoder(file, new ContentLocation(path));
        var reader = new TarReader(plain, new ContentLocation(path));
        while (reader.Next() is { } entry)
        {
            using var content = new MemoryStream();
            reader.Content.CopyTo(content);
            members[entry.Name.ToText()] = content.ToArray();
            if (entry.Kind == TarEntryKind.SymbolicLink)
            {
                links[entry.Name.ToText()] = entry.LinkName.ToText().Replace("../", "", StringComparison.Ordinal);
            }
        }

        using var manifest = JsonDocument.Parse(members["manifest.json"]);
        return
        [
            .. manifest.RootElement[0].GetProperty("Layers").EnumerateArray().Select(name => Layer(name.GetString()!)),
        ];

        byte[] Layer(string name)
        {
            using var layer = new MemoryStream();
            using var decoder = StreamCompression.OpenDecoder(
                new MemoryStream(members[links.GetValueOrDefault(name, name)]),
                new ContentLocation(path)
            );
            decoder.CopyTo(layer);
            return layer.ToArray();
        }
    }

    /// <summary>
    /// Runs a script once for each list of arguments, all in one process: starting Python costs more than the script.
    /// </summary>
    private static List<(int Exit, string Output)> Python(string script, params IEnumerable<string[]> runs)
    {
        const string Driver = """
            import contextlib, io, json, runpy, sys
            script = sys.argv[1]
            for run in json.load(sys.stdin):
                sys.argv = [script] + run
                out, code = io.TextIOWrapper(io.BytesIO(), 'utf-8', 'surrogateescape'), 0
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                    try: runpy.run_path(script, run_name='__main__')
                    except SystemExit as e: code = 0 if e.code is None else e.code
                out.flush()
                print(json.dumps([code, out.buffer.getvalue().decode('utf-8', 'replace')]))
            """;
        using var python = Process.Start(
            new ProcessStartInfo("python3", ["-c", Driver, script])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        using (var input = python.StandardInput)
        {
            input.Write(JsonSerializer.Serialize(runs));
        }

        var results = new List<(int Exit, string Output)>();
        while (python.StandardOutput.ReadLine() is { } line)
        {
            using var result = JsonDocument.Parse(line);
            results.Add((result.RootElement[0].GetInt32(), result.RootElement[1].GetString()!));
        }

        python.WaitForExit();
        Assert.AreEqual(0, python.ExitCode);
        return results;
    }
}
