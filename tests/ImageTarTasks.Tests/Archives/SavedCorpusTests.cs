using System.Text.Json;
using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>
/// Every archive and layout of the corpus that loads, saved with its layers compressed anew: right by the
/// specification, and the same images come back.
/// </summary>
[TestClass]
[RequiresShared("corpus"), TestCategory("Shared")]
public sealed class SavedCorpusTests
{
    private static readonly (ArchiveFormat Format, string Layers)[] Forms =
    [
        (ArchiveFormat.Oci, "none"),
        (ArchiveFormat.Docker, "gzip:1"),
        (ArchiveFormat.OciDir, "zstd:1"),
    ];

    [TestMethod]
    [DataRow("made/dk-")]
    [DataRow("made/raw-")]
    [DataRow("made/")]
    [DataRow("public/")]
    public void What_loads_comes_back_with_layers_in_every_compression(string part)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(SharedInputs.PathOf("corpus/facts/images.jsonl")))
        {
            using var fact = JsonDocument.Parse(line);
            var file = fact.RootElement.GetProperty("file").GetString()!;
            if (PartOf(file) != part)
            {
                continue;
            }

            using var fixture = new LoadingFixture();
            if (!TryLoad(fixture, file))
            {
                continue;
            }

            count++;
            foreach (var (format, layers) in Forms)
            {
                if (RoundTrip(fixture, format, layers) is { } failure)
                {
                    failures.Add($"{file} as {format} {layers}: {failure}");
                }
            }
        }

        Assert.IsGreaterThan(10, count);
        Assert.IsEmpty(failures, string.Join('\n', failures.Take(20)));
    }

    private static string PartOf(string file) =>
        new[] { "made/dk-", "made/raw-", "made/bad-", "made/", "public/" }.First(prefix =>
            file.StartsWith(prefix, StringComparison.Ordinal)
        );

    private static bool TryLoad(LoadingFixture fixture, string file)
    {
        try
        {
            return Corpus.Load(fixture, file).Count > 0;
        }
        catch (ImageTarException)
        {
            // Whether it should have been refused is for CorpusTests to say.
            return false;
        }
    }

    private static string? RoundTrip(LoadingFixture fixture, ArchiveFormat format, string layers)
    {
        var options = new SaveOptions
        {
            Format = format,
            MissingPlatforms = MissingPlatforms.Subset,
            LayerCompression = CompressionSetting.Parse("x", layers),
        };
        using var other = new LoadingFixture();
        IReadOnlyList<string> violations;
        if (format == ArchiveFormat.OciDir)
        {
            var path = other.Folder["layout"];
            fixture.SaveFolder(path, options);
            violations = OciRules.ViolationsOfFolder(path);
            other.Load(new ArchiveInput { DisplayName = "layout", Folder = path });
        }
        else
        {
            var archive = fixture.Save(options);
            violations = OciRules.Violations(archive);
            other.Load(archive);
        }

        // What others wrote and is only carried keeps its faults with its digest: Docker's containerd store has
        // "layers":null.
        var ours = violations.Where(violation => !IsCarried(fixture.Store, violation)).ToArray();
        if (ours.Length > 0)
        {
            return string.Join("; ", ours.Take(3));
        }

        var (before, after) = (Summary(fixture.Store), Summary(other.Store));
        return before == after ? null : $"{before} became {after}";
    }

    private static bool IsCarried(ImageStore store, string violation) =>
        violation.StartsWith("sha256:", StringComparison.Ordinal)
        && File.Exists(Path.Combine(store.Root, "blobs", "sha256", violation[7..71]));

    private static string Summary(ImageStore store) =>
        string.Join(
            '\n',
            store
                .List()
                .Select(image =>
                    $"{string.Join(' ', image.References.Select(name => name.Full))} "
                    + $"{string.Join(' ', store.Manifests(image.Target).Select(manifest => Content(store, manifest)))}"
                )
                .Order(StringComparer.Ordinal)
        );

    private static string Content(ImageStore store, Descriptor manifest)
    {
        try
        {
            var image = store.OpenImage(manifest);
            return $"{image.Id}={string.Join(',', image.Config.DiffIds)}";
        }
        catch (ImageTarException e) when (e.Diagnostic.Code == "ITT3013")
        {
            return $"artifact {manifest.Digest}";
        }
    }
}
