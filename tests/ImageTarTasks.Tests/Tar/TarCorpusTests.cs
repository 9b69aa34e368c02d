using System.Text.Json;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Tar;

/// <summary>Tars found in the wild, with the verdicts of five other programs.</summary>
[TestClass]
[TestCategory("Shared")]
[RequiresShared("corpus/facts/tars.jsonl"), TestCategory("Shared")]
public sealed class TarCorpusTests
{
    /// <summary>
    /// What all others read and we refuse on purpose: old tars with a size on entries without content.
    /// </summary>
    private static readonly Dictionary<string, string> Stricter = new(StringComparer.Ordinal)
    {
        ["test_compat_tar_directory_1.tar"] = "ITT2011",
        ["test_compat_tar_hardlink_1.tar"] = "ITT2011",
    };

    [TestMethod]
    public void What_every_program_accepts_is_accepted()
    {
        var seen = 0;
        foreach (
            var (file, verdicts) in Facts()
                .Where(fact => fact.Verdicts.Count == 5 && fact.Verdicts.All(verdict => verdict))
        )
        {
            var refused = Read(file);
            Assert.AreEqual(
                Stricter.GetValueOrDefault(Path.GetFileName(file)),
                refused?.Code,
                $"{file}: {refused?.Message}"
            );
            seen++;
        }

        Assert.IsGreaterThan(100, seen);
    }

    [TestMethod]
    public void What_no_program_accepts_is_refused()
    {
        // Links to nothing are for whoever has the whole tree.
        var wrong = Facts()
            .Where(fact => fact.Verdicts.Count == 5 && !fact.Verdicts.Any(verdict => verdict))
            .Where(fact => Read(fact.File) is null);
        Assert.IsEmpty(wrong.Select(fact => fact.File));
    }

    [TestMethod]
    public void An_archive_of_skopeo_which_writes_with_Go_is_written_again_byte_by_byte()
    {
        var seen = 0;
        foreach (
            var path in Directory.EnumerateFiles(
                SharedInputs.PathOf("corpus/made"),
                "*.skopeo118.oci.tar",
                SearchOption.AllDirectories
            )
        )
        {
            var original = File.ReadAllBytes(path);
            var again = TarRoundTripTests.Write(TarText.ReadAll(original));
            Assert.IsTrue(original.AsSpan().SequenceEqual(again), path);
            seen++;
        }

        Assert.IsGreaterThan(10, seen);
    }

    private static Diagnostic? Read(string file)
    {
        try
        {
            // A few are compressed whatever their name says.
            using var source = StreamCompression.OpenDecoder(File.OpenRead(file), TarText.Where);
            var reader = new TarReader(source, TarText.Where);
            while (reader.Next() is not null)
            {
                reader.Content.CopyTo(Stream.Null);
            }

            return null;
        }
        catch (ImageTarException refused)
        {
            return refused.Diagnostic;
        }
    }

    /// <summary>The plain tars, with the verdicts of GNU tar, bsdtar, Docker, podman and python.</summary>
    private static IEnumerable<(string File, List<bool> Verdicts)> Facts()
    {
        foreach (var line in File.ReadLines(SharedInputs.PathOf("corpus/facts/tars.jsonl")))
        {
            using var fact = JsonDocument.Parse(line);
            var file = SharedInputs.PathOf("corpus/" + fact.RootElement.GetProperty("file").GetString());
            if (
                fact.RootElement.TryGetProperty("verdict", out var verdicts)
                && file.EndsWith(".tar", StringComparison.Ordinal)
            )
            {
                yield return (
                    file,
                    [
                        .. verdicts
                            .EnumerateObject()
                            .Select(verdict =>
                                verdict.Value.GetString()!.StartsWith("accept", StringComparison.Ordinal)
                            ),
                    ]
                );
            }
        }
    }
}
