using ImageTarTasks.Oci;
using ImageTarTasks.Store;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>An entry of index.json that was followed to its images.</summary>
/// <param name="Descriptor">The entry, with the annotations that name it.</param>
/// <param name="Images">The whole images in it.</param>
/// <param name="Missing">Images of an index that are not in the archive, each once.</param>
/// <param name="ReplacedBy">The configuration of an image whose manifest contradicts it, while manifest.json has it right.</param>
internal sealed record LayoutEntry(Descriptor Descriptor, IReadOnlyList<PlatformImage> Images, IReadOnlyList<Descriptor> Missing, Digest? ReplacedBy);

/// <summary>
/// The images of an OCI layout (image-spec image-layout.md): index.json, its nested indexes, their manifests. What is present is
/// checked; in an index of several platforms some may be absent, as a partial pull leaves it, but not all.
/// </summary>
/// <param name="contents">The archive.</param>
/// <param name="dockerConfigs">The configurations of manifest.json, when there is one.</param>
internal sealed class OciLayoutImages(ArchiveContents contents, IReadOnlySet<Digest> dockerConfigs)
{
    public const string IndexName = "index.json";
    public const string LayoutName = "oci-layout";

    private readonly Dictionary<Digest, Node> _nodes = [];
    private string? _artifactType;

    private enum NodeKind
    {
        /// <summary>Not in the archive.</summary>
        Absent,

        /// <summary>Something that is no image, carried along.</summary>
        Artifact,

        Image,
        Index,

        /// <summary>An image to be taken from manifest.json.</summary>
        Replaced,
    }

    /// <summary>What a descriptor leads to.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Images">The whole images in it.</param>
    private sealed record Node(NodeKind Kind, IReadOnlyList<PlatformImage> Images)
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
        CheckLayoutVersion();
        var index = ImageIndex.Parse(indexJson, null, contents.Where.In(IndexName));
        var entries = new List<LayoutEntry>();
        foreach (var descriptor in index.Manifests)
        {
            var node = Visit(descriptor, 1);
            if (node.Kind == NodeKind.Absent)
            {
                if (MediaTypes.IsIndex(descriptor.MediaType) || MediaTypes.IsManifest(descriptor.MediaType))
                {
                    throw Diagnostics.MemberMissing(IndexName, ArchiveDocuments.PathOf(descriptor.Digest), contents.Where);
                }

                continue;
            }

            if (node is { Missing.Count: > 0, Images: [] })
            {
                throw Diagnostics.NoIndexedImage(contents.Where.In(IndexName));
            }

            entries.Add(new LayoutEntry(descriptor, node.Images, node.Missing, node.ReplacedBy));
        }

        if (entries.Count > 0 && entries.TrueForAll(entry => entry is { Images: [], ReplacedBy: null }))
        {
            throw Diagnostics.NoImageInLayout(_artifactType ?? entries[0].Descriptor.MediaType, contents.Where.In(IndexName));
        }

        return entries;
    }

    /// <summary>The layout's version file; some writers leave it out, and index.json alone says as much.</summary>
    private void CheckLayoutVersion()
    {
        if (contents.ReadDocument(LayoutName) is not { } bytes)
        {
            return;
        }

        var version = StrictJson.Parse(bytes, LayoutName, contents.Where.In(LayoutName)).Object().Required("imageLayoutVersion").Text();
        if (version != "1.0.0")
        {
            throw Diagnostics.LayoutVersionUnknown(version, contents.Where.In(LayoutName));
        }
    }

    /// <summary>Follows a descriptor. Each digest once, so an index that lists the same children over and over costs nothing.</summary>
    private Node Visit(Descriptor descriptor, int depth)
    {
        if (!_nodes.TryGetValue(descriptor.Digest, out var node))
        {
            node = Open(descriptor, depth);
            _nodes.Add(descriptor.Digest, node);
        }

        return depth + node.Height <= Limits.IndexDepth + 1 ? node : throw TooDeep();
    }

    private Node Open(Descriptor descriptor, int depth)
    {
        if (!contents.Has(ArchiveDocuments.PathOf(descriptor.Digest)))
        {
            return new Node(NodeKind.Absent, []);
        }

        var blob = GetBlob(descriptor, "a descriptor");
        if (MediaTypes.IsIndex(descriptor.MediaType))
        {
            return OpenIndex(descriptor, blob, depth);
        }

        return MediaTypes.IsManifest(descriptor.MediaType) && !descriptor.IsAttestation
            ? OpenManifest(descriptor, blob, depth)
            : new Node(NodeKind.Artifact, []);
    }

    private Node OpenIndex(Descriptor descriptor, StagedBlob blob, int depth)
    {
        if (depth > Limits.IndexDepth)
        {
            throw TooDeep();
        }

        var index = ImageIndex.Parse(Read(blob, "image index", descriptor), descriptor.MediaType, At(descriptor));
        var images = new List<PlatformImage>();
        var seen = new HashSet<Digest>();
        var height = 0;
        var missing = new List<Descriptor>();
        foreach (var child in index.Manifests)
        {
            var node = Visit(child, depth + 1);
            height = Math.Max(height, node.Height);
            missing.AddRange((node.Kind == NodeKind.Absent && !child.IsAttestation ? [child] : node.Missing).Where(image => seen.Add(image.Digest)));
            images.AddRange(node.Images.Where(image => seen.Add(image.Manifest.Digest)));
        }

        return new Node(NodeKind.Index, images) { Height = height + 1, Missing = missing };
    }

    private Node OpenManifest(Descriptor descriptor, StagedBlob blob, int depth)
    {
        var manifest = ImageManifest.Parse(Read(blob, "image manifest", descriptor), descriptor.MediaType, At(descriptor));
        if (!manifest.IsImage)
        {
            _artifactType ??= MediaTypes.IsConfig(manifest.Config.MediaType)
                ? manifest.Layers.First(layer => !MediaTypes.IsLayer(layer.MediaType)).MediaType
                : manifest.Config.MediaType;
            return new Node(NodeKind.Artifact, []);
        }

        if (depth > 1 && !manifest.Layers.Prepend(manifest.Config).Any(part => contents.Has(ArchiveDocuments.PathOf(part.Digest))))
        {
            // Docker's containerd store saves the manifests of platforms it has not pulled, and nothing else of them.
            contents.LeaveOut(blob);
            return new Node(NodeKind.Absent, []);
        }

        var configBlob = GetBlob(manifest.Config, "the image manifest's config");
        var config = ImageConfig.Parse(Read(configBlob, "configuration", manifest.Config), At(manifest.Config));

        // Docker 25.0.0 wrote the layers in the wrong order, its release candidates wrote none; their manifest.json is right.
        var replaced = dockerConfigs.Contains(configBlob.Digest) ? new Node(NodeKind.Replaced, []) { ReplacedBy = configBlob.Digest } : null;
        if (manifest.Layers.Count != config.DiffIds.Count)
        {
            return replaced
                ?? throw Diagnostics.LayerCountDiffers(manifest.Layers.Count, config.DiffIds.Count, At(descriptor));
        }

        for (var i = 0; i < manifest.Layers.Count; i++)
        {
            var at = At(manifest.Layers[i]);
            var layer = LayerVerification.AsLayer(GetBlob(manifest.Layers[i], $"layers[{i}] of the image manifest"), at);
            LayerVerification.CheckMediaType(layer, manifest.Layers[i].MediaType, at);
            if (replaced is not null && layer.DiffId != config.DiffIds[i])
            {
                return replaced;
            }

            LayerVerification.CheckDiffId(layer, config.DiffIds[i], i, at);
        }

        return new Node(NodeKind.Image, [new PlatformImage(descriptor, new Image(manifest, config))]);
    }

    private StagedBlob GetBlob(Descriptor descriptor, string wantedBy)
    {
        var blob = contents.GetBlob(ByteString.FromText(ArchiveDocuments.PathOf(descriptor.Digest)), wantedBy);
        if (blob.Digest != descriptor.Digest)
        {
            throw Diagnostics.BlobPathLies(descriptor.Digest, blob.Digest, At(descriptor));
        }

        return blob.Size == descriptor.Size ? blob : throw Diagnostics.BlobSizeDiffers(descriptor.Digest, descriptor.Size, blob.Size, At(descriptor));
    }

    private ReadOnlyMemory<byte> Read(StagedBlob blob, string role, Descriptor descriptor) =>
        contents.Read(blob, role, ByteString.FromText(ArchiveDocuments.PathOf(descriptor.Digest)));

    private ContentLocation At(Descriptor descriptor) => contents.Where.In(ArchiveDocuments.PathOf(descriptor.Digest));

    private ImageTarException TooDeep() => Diagnostics.ArchiveTooComplex("levels of nested image indexes", Limits.IndexDepth, contents.Where.In(IndexName));
}
