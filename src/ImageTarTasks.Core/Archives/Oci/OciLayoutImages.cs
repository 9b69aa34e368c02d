using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Oci;

/// <summary>An entry of index.json, resolved to its images.</summary>
/// <param name="Descriptor">The entry, with the annotations that name it.</param>
/// <param name="Images">The complete images in it.</param>
/// <param name="Missing">Images of an index that are missing from the archive, each once.</param>
/// <param name="ReplacedBy">
/// The configuration of an image that manifest.json describes correctly while its manifest contradicts it.
/// </param>
internal sealed record LayoutEntry(
    Descriptor Descriptor,
    IReadOnlyList<PlatformImage> Images,
    IReadOnlyList<Descriptor> Missing,
    Digest? ReplacedBy
);

/// <summary>
/// Reads the images of an OCI layout (image-spec image-layout.md): index.json, its nested indexes, their manifests.
/// Everything present is checked. In an index of several platforms some may be missing, as after a partial pull, but
/// not all.
/// </summary>
/// <param name="contents">The archive.</param>
/// <param name="dockerConfigs">The configurations that manifest.json lists, when the archive has one.</param>
/// <param name="errorPolicy">Decides what happens after an error.</param>
internal sealed class OciLayoutImages(
    ArchiveContents contents,
    IReadOnlySet<Digest> dockerConfigs,
    ErrorPolicy errorPolicy
)
{
    private readonly Dictionary<Digest, ResolvedNode> _nodes = [];
    private string? _artifactType;

    private enum NodeKind
    {
        /// <summary>Not in the archive.</summary>
        Absent,

        /// <summary>An artifact. It is not an image and is kept as it is.</summary>
        Artifact,

        Image,
        Index,

        /// <summary>Something with a fault that was noted.</summary>
        Faulty,

        /// <summary>An image to be taken from manifest.json.</summary>
        Replaced,
    }

    /// <summary>The content that a descriptor leads to.</summary>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Images">The complete images in it.</param>
    private sealed record ResolvedNode(NodeKind Kind, IReadOnlyList<PlatformImage> Images)
    {
        /// <summary>Levels of indexes in it.</summary>
        public int Height { get; init; }

        /// <summary>Images of an index that are not in the archive, each once.</summary>
        public IReadOnlyList<Descriptor> Missing { get; init; } = [];

        public Digest? ReplacedBy { get; init; }
    }

    /// <summary>All entries of index.json, in order.</summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx.</exception>
    public IReadOnlyList<LayoutEntry> Read(ReadOnlyMemory<byte> indexJson)
    {
        errorPolicy.TryRun(CheckLayoutVersion);
        var index = ImageIndex.Parse(indexJson, null, contents.Location.In(OciLayout.IndexFile));
        var entries = new List<LayoutEntry>();
        foreach (var descriptor in index.Manifests)
        {
            errorPolicy.TryRun(() => AddEntry(descriptor, entries));
        }

        if (
            !errorPolicy.HasErrors
            && entries.Count > 0
            && entries.TrueForAll(entry => entry is { Images: [], ReplacedBy: null })
        )
        {
            throw ArchiveDiagnostics.NoImageInLayout(
                _artifactType ?? entries[0].Descriptor.MediaType,
                contents.Location.In(OciLayout.IndexFile)
            );
        }

        return entries;
    }

    private void AddEntry(Descriptor descriptor, List<LayoutEntry> entries)
    {
        var node = Visit(descriptor, 1);
        if (node.Kind is NodeKind.Absent or NodeKind.Faulty)
        {
            if (
                node.Kind == NodeKind.Absent
                && (MediaTypes.IsIndex(descriptor.MediaType) || MediaTypes.IsManifest(descriptor.MediaType))
            )
            {
                throw ArchiveDiagnostics.MemberMissing(
                    OciLayout.IndexFile,
                    OciLayout.PathOf(descriptor.Digest),
                    contents.Location
                );
            }

            return;
        }

        if (node is { Missing.Count: > 0, Images: [] })
        {
            throw ArchiveDiagnostics.NoIndexedImage(contents.Location.In(OciLayout.IndexFile));
        }

        entries.Add(new LayoutEntry(descriptor, node.Images, node.Missing, node.ReplacedBy));
    }

    /// <summary>
    /// Checks the version of the layout. Some writers leave the file out; index.json alone is enough.
    /// </summary>
    private void CheckLayoutVersion()
    {
        if (contents.ReadDocument(OciLayout.LayoutFile) is not { } bytes)
        {
            return;
        }

        var version = StrictJson
            .Parse(bytes, OciLayout.LayoutFile, contents.Location.In(OciLayout.LayoutFile))
            .Object()
            .Required("imageLayoutVersion")
            .Text();
        if (version != OciLayout.Version)
        {
            throw ArchiveDiagnostics.LayoutVersionUnknown(version, contents.Location.In(OciLayout.LayoutFile));
        }
    }

    /// <summary>
    /// Follows a descriptor. Each digest once, so an index that lists the same children over and over costs nothing.
    /// </summary>
    private ResolvedNode Visit(Descriptor descriptor, int depth)
    {
        if (!_nodes.TryGetValue(descriptor.Digest, out var node))
        {
            node = errorPolicy.Try(() => Open(descriptor, depth)) ?? new ResolvedNode(NodeKind.Faulty, []);
            _nodes.Add(descriptor.Digest, node);
        }

        return depth + node.Height <= Limits.IndexDepth + 1 ? node : throw TooDeep();
    }

    private ResolvedNode Open(Descriptor descriptor, int depth)
    {
        if (!contents.Has(OciLayout.PathOf(descriptor.Digest)))
        {
            return new ResolvedNode(NodeKind.Absent, []);
        }

        var blob = GetBlob(descriptor, "a descriptor");
        if (MediaTypes.IsIndex(descriptor.MediaType))
        {
            return OpenIndex(descriptor, blob, depth);
        }

        return MediaTypes.IsManifest(descriptor.MediaType) && !descriptor.IsAttestation
            ? OpenManifest(descriptor, blob, depth)
            : new ResolvedNode(NodeKind.Artifact, []);
    }

    private ResolvedNode OpenIndex(Descriptor descriptor, StagedBlob blob, int depth)
    {
        if (depth > Limits.IndexDepth)
        {
            throw TooDeep();
        }

        var index = ImageIndex.Parse(
            Read(blob, "image index", descriptor),
            descriptor.MediaType,
            LocationOf(descriptor)
        );
        var images = new List<PlatformImage>();
        var seen = new HashSet<Digest>();
        var height = 0;
        var missing = new List<Descriptor>();
        foreach (var child in index.Manifests)
        {
            var node = Visit(child, depth + 1);
            height = Math.Max(height, node.Height);
            missing.AddRange(
                (node.Kind == NodeKind.Absent && !child.IsAttestation ? [child] : node.Missing).Where(image =>
                    seen.Add(image.Digest)
                )
            );
            images.AddRange(node.Images.Where(image => seen.Add(image.Manifest.Digest)));
        }

        return new ResolvedNode(NodeKind.Index, images) { Height = height + 1, Missing = missing };
    }

    private ResolvedNode OpenManifest(Descriptor descriptor, StagedBlob blob, int depth)
    {
        var manifest = ImageManifest.Parse(
            Read(blob, "image manifest", descriptor),
            descriptor.MediaType,
            LocationOf(descriptor)
        );
        if (!manifest.IsImage)
        {
            _artifactType ??= MediaTypes.IsConfig(manifest.Config.MediaType)
                ? manifest.Layers.First(layer => !MediaTypes.IsLayer(layer.MediaType)).MediaType
                : manifest.Config.MediaType;
            return new ResolvedNode(NodeKind.Artifact, []);
        }

        if (
            depth > 1
            && !manifest.Layers.Prepend(manifest.Config).Any(part => contents.Has(OciLayout.PathOf(part.Digest)))
        )
        {
            // Docker's containerd store saves the manifests of platforms it has not pulled, and nothing else of them.
            contents.LeaveOut(blob);
            return new ResolvedNode(NodeKind.Absent, []);
        }

        var configBlob = GetBlob(manifest.Config, "the image manifest's config");
        var config = ImageConfig.Parse(Read(configBlob, "configuration", manifest.Config), LocationOf(manifest.Config));

        // Docker 25.0.0 wrote the layers in the wrong order, its release candidates wrote none; their manifest.json is
        // right.
        var replaced = dockerConfigs.Contains(configBlob.Digest)
            ? new ResolvedNode(NodeKind.Replaced, []) { ReplacedBy = configBlob.Digest }
            : null;
        if (manifest.Layers.Count != config.DiffIds.Count)
        {
            return replaced
                ?? throw DocumentDiagnostics.LayerCountDiffers(
                    manifest.Layers.Count,
                    config.DiffIds.Count,
                    LocationOf(descriptor)
                );
        }

        var isReplaced = false;
        var sound = !errorPolicy.ChecksUnusedMembers || errorPolicy.TryRun(() => CheckPlatform(descriptor, config));
        for (var i = 0; i < manifest.Layers.Count && !isReplaced; i++)
        {
            var number = i;
            sound &= errorPolicy.TryRun(() =>
                isReplaced = !IsLayer(manifest, config, number, mayBeReplaced: replaced is not null)
            );
        }

        return isReplaced ? replaced!
            : sound ? new ResolvedNode(NodeKind.Image, [new PlatformImage(descriptor, new Image(manifest, config))])
            : new ResolvedNode(NodeKind.Faulty, []);
    }

    /// <summary>
    /// Checks a layer. Returns false when it is not the one the configuration lists but manifest.json may describe the
    /// image correctly.
    /// </summary>
    private bool IsLayer(ImageManifest manifest, ImageConfig config, int number, bool mayBeReplaced)
    {
        if (contents.LacksForeignLayer(manifest.Layers[number]))
        {
            return true;
        }

        var location = LocationOf(manifest.Layers[number]);
        var layer = LayerVerification.AsLayer(
            GetBlob(manifest.Layers[number], $"layers[{number}] of the image manifest"),
            location
        );
        LayerVerification.CheckMediaType(layer, manifest.Layers[number].MediaType, location);
        if (mayBeReplaced && layer.DiffId != config.DiffIds[number])
        {
            return false;
        }

        LayerVerification.CheckDiffId(layer, config.DiffIds[number], number, location);
        return true;
    }

    /// <summary>
    /// Compares the platform that an index states with the one of the image's configuration. Loading uses the
    /// configuration and accepts a difference. Other readers use the index.
    /// </summary>
    private void CheckPlatform(Descriptor descriptor, ImageConfig config)
    {
        if (
            descriptor.Platform is { } stated
            && (
                (stated.Os.Length > 0 && stated.Os != config.Platform.Os)
                || (
                    stated.Architecture.Length > 0
                    && config.Platform.Architecture.Length > 0
                    && stated.Architecture != config.Platform.Architecture
                )
            )
        )
        {
            throw ArchiveDiagnostics.PlatformMismatch(
                stated,
                config.Platform,
                descriptor.Digest,
                LocationOf(descriptor)
            );
        }
    }

    private StagedBlob GetBlob(Descriptor descriptor, string wantedBy)
    {
        var blob = contents.GetBlob(ByteString.FromText(OciLayout.PathOf(descriptor.Digest)), wantedBy);
        if (blob.Digest != descriptor.Digest)
        {
            throw ArchiveDiagnostics.BlobPathMismatch(descriptor.Digest, blob.Digest, LocationOf(descriptor));
        }

        return blob.Size == descriptor.Size
            ? blob
            : throw ArchiveDiagnostics.BlobSizeDiffers(
                descriptor.Digest,
                descriptor.Size,
                blob.Size,
                LocationOf(descriptor)
            );
    }

    private ReadOnlyMemory<byte> Read(StagedBlob blob, string role, Descriptor descriptor) =>
        contents.Read(blob, role, ByteString.FromText(OciLayout.PathOf(descriptor.Digest)));

    private ContentLocation LocationOf(Descriptor descriptor) =>
        contents.Location.In(OciLayout.PathOf(descriptor.Digest));

    private ImageTarException TooDeep() =>
        ArchiveDiagnostics.ArchiveTooComplex(
            "levels of nested image indexes",
            Limits.IndexDepth,
            contents.Location.In(OciLayout.IndexFile)
        );
}
