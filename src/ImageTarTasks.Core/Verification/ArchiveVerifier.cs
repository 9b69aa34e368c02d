using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;

namespace ImageTarTasks.Core.Verification;

/// <summary>How to verify.</summary>
public sealed record VerifyOptions
{
    /// <summary>How to judge an index that lists images which are missing.</summary>
    public MissingPlatforms MissingPlatforms { get; init; } = MissingPlatforms.Fail;

    /// <summary>Bound on the plain bytes of one layer, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>An image of an archive that passed. The findings may still concern its tree.</summary>
/// <param name="Image">The image as a store would list it, with the names the archive gives it.</param>
/// <param name="Platforms">The image of each platform: one, or those of an index.</param>
public sealed record VerifiedImage(StoredImage Image, IReadOnlyList<PlatformImage> Platforms);

/// <summary>The result of a verification.</summary>
/// <param name="Images">
/// The images that could be followed from their names to their layers, in the archive's order.
/// </param>
/// <param name="Findings">All errors, each once; empty when the archive is sound.</param>
/// <param name="Warnings">What other tools may read differently.</param>
public sealed record VerifyResult(
    IReadOnlyList<VerifiedImage> Images,
    IReadOnlyList<Diagnostic> Findings,
    IReadOnlyList<Diagnostic> Warnings
);

/// <summary>
/// Checks an archive as loading it and exporting its images would. Stores nothing, and continues after an error.
/// </summary>
public static class ArchiveVerifier
{
    /// <summary>
    /// Reads <paramref name="input"/> once, by the code that loads archives: structure, compression, digests, sizes,
    /// DiffIDs, counts, platforms, names. It also checks every blob against its path, reports members that lead out of
    /// the archive, and checks whether the layers of each image form a file system (names that leave the root, links to
    /// nothing, impossible whiteouts).
    /// </summary>
    /// <param name="input">The archive.</param>
    /// <param name="options">The options.</param>
    /// <param name="store">The store that holds the blobs a delta archive leaves out; it is only read.</param>
    /// <param name="reporter">Receives progress and details.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static VerifyResult Verify(
        ArchiveInput input,
        VerifyOptions options,
        ImageStore store,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var location = new ContentLocation(input.DisplayName);
        var faults = new ErrorCollector();
        var ingester = new VerifyingIngester(store);
        var targets =
            faults.Try(() =>
                ArchiveReader.ReadTargets(input, ingester, options.MaxUnpacked, faults, reporter, cancellationToken)
            ) ?? [];
        var missing = targets.SelectMany(target => target.Missing).DistinctBy(image => image.Digest).ToArray();
        if (missing.Length > 0 && options.MissingPlatforms == MissingPlatforms.Fail)
        {
            faults.TryRun(() => throw ArchiveDiagnostics.PlatformsMissing(missing, location));
        }

        var warnings = new WarningList();
        foreach (var image in targets.SelectMany(target => target.Images).DistinctBy(image => image.Manifest.Digest))
        {
            var absent = image
                .Image.Manifest.Layers.Where(layer => layer.IsForeignLayer && !ingester.HasIngested(layer.Digest))
                .DistinctBy(layer => layer.Digest)
                .ToArray();
            foreach (var layer in absent)
            {
                faults.TryRun(() => throw ArchiveDiagnostics.ForeignLayerAbsent(layer, location));
            }

            if (absent.Length == 0)
            {
                faults.TryRun(() => CheckTree(image.Image, ingester, location, warnings, cancellationToken));
            }
        }

        return new VerifyResult(
            targets.Select(target => new VerifiedImage(ArchiveReader.Describe(target), target.Images)).ToArray(),
            faults.Found,
            warnings.All
        );
    }

    private static void CheckTree(
        Image image,
        VerifyingIngester ingester,
        ContentLocation location,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var merge = new LayerMerge();
        foreach (var layer in image.Manifest.Layers)
        {
            if (ingester.Entries(layer.Digest) is null)
            {
                warnings.Warn(VerificationDiagnostics.TreeNotChecked(image.Id, location));
                return;
            }

            merge.Add(
                () => ingester.Entries(layer.Digest)!,
                location.In(OciLayout.PathOf(layer.Digest)),
                cancellationToken
            );
        }

        merge.Warnings.Report(warnings);
    }

    /// <summary>Keeps warnings, each once, and nothing else.</summary>
    private sealed class WarningList : IReporter
    {
        private readonly List<Diagnostic> _all = [];

        public IReadOnlyList<Diagnostic> All => _all;

        public void Result(string line) { }

        public void Detail(string line) { }

        public void Warn(Diagnostic diagnostic)
        {
            lock (_all)
            {
                if (!_all.Contains(diagnostic))
                {
                    _all.Add(diagnostic);
                }
            }
        }

        public void Progress(string step, string action, long current, long? total) { }
    }
}
