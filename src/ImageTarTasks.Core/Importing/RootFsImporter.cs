using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Dockerfile;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Importing;

/// <summary>The input of an import: a tar in any compression, or a folder.</summary>
public sealed record RootFsInput
{
    /// <summary>The path as messages show it; <c>stdin</c> for a pipe.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The stream of a tar, or null to pack <see cref="Folder"/> and the items of the packing rules.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; init; }
}

/// <summary>How to import.</summary>
public sealed record ImportOptions
{
    /// <summary>
    /// Dockerfile instructions (<c>CMD</c>, <c>ENV</c>...), one or several lines each; applied in order.
    /// </summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Settings given as values, applied before <see cref="Changes"/>; null for none.</summary>
    public SettingValues? Values { get; init; }

    /// <summary>
    /// The image of the store to put the layer on top of. The caller keeps it from being removed. Null to start from
    /// nothing.
    /// </summary>
    public Image? Base { get; init; }

    /// <summary>
    /// The configuration to start from without its layers, or null. Not together with <see cref="Base"/>.
    /// </summary>
    public ImageConfig? ConfigFrom { get; init; }

    /// <summary>Whether the history of <see cref="ConfigFrom"/> is kept, as steps without layers.</summary>
    public bool KeepHistory { get; init; }

    /// <summary>The comment of the image and of its history entry; Docker's <c>Imported from -</c> when null.</summary>
    public string? Message { get; init; }

    /// <summary>
    /// The platform of the image. When null, the platform of <see cref="Base"/> or <see cref="ConfigFrom"/>, else the
    /// host's.
    /// </summary>
    public Platform? Platform { get; init; }

    /// <summary>The name, without a tag <c>latest</c>; null for an untagged image.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>
    /// The creation time of the image, and the upper bound of the times of a folder's files (0 when this is null). When
    /// null, the creation time is the time of the newest entry of the tar, or 1970 for a folder, but never earlier than
    /// that of <see cref="Base"/>. The same input therefore gives the same image on any day.
    /// </summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The expected sha256 of the input before decompression; null for any.</summary>
    public Digest? Expected { get; init; }

    /// <summary>How files become a layer when the input is not a tar.</summary>
    public PackingRules Packing { get; init; } = new();

    /// <summary>Bound on the plain bytes, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>Makes images of root filesystems: with one layer, or with one layer on top of another image.</summary>
public static class RootFsImporter
{
    /// <summary>
    /// Imports in one pass. The plain bytes of a tar become the layer unchanged, so its DiffID equals that of <c>docker
    /// import</c>. A folder is packed on the way, the same bytes for the same content. Input that could not be exported
    /// again is refused.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT20xx, ITT21xx, ITT24xx content; ITT12xx a change; ITT1001 the name; ITT30xx the store.
    /// </exception>
    public static StoredImage Import(
        ImageStore store,
        RootFsInput input,
        ImportOptions options,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var origin =
            options.Base is { } image ? new ConfigOrigin(image.Config, KeepsLayers: true, KeepsHistory: true)
            : options.ConfigFrom is { } config ? new ConfigOrigin(config, KeepsLayers: false, options.KeepHistory)
            : null;
        var platform = options.Base?.Config.Platform ?? options.Platform ?? origin?.Config.Platform ?? Platform.Host;
        var settings = DockerfileChanges.Apply(
            origin?.Config.Settings ?? new ContainerSettings(),
            options.Changes,
            platform.Os,
            options.Values
        );
        if (options.Reference is { Digest: not null } byDigest)
        {
            throw ValueDiagnostics.InvalidReference(byDigest.Familiar, "cannot import digest reference");
        }

        if (options.Reference is { } wanted)
        {
            ImageStore.CheckName(wanted);
        }

        var location = new ContentLocation(input.Folder ?? input.DisplayName);
        using var writer = store.BeginWrite();
        var merge = MergeOfBase(store, options.Base, cancellationToken);
        var (layer, summary) = input.Stream is { } stream
            ? StageTar(writer, stream, location, options, cancellationToken)
            : StageFolder(writer, input.Folder, location, options, merge, reporter, cancellationToken);
        var newest = Check(merge, writer, layer, summary, location, reporter, cancellationToken);
        var created =
            options.Created
            ?? Later(input.Stream is null ? DateTimeOffset.UnixEpoch : newest, options.Base?.Config.Created);

        var step = new HistoryEntry(created, "", "", options.Message ?? "Imported from -", EmptyLayer: false);
        var document = DerivedConfig.Compose(origin, settings, platform, [summary.DiffId], step);
        var below =
            options.Base?.Manifest.Layers.Select(blob =>
                blob with
                {
                    MediaType = MediaTypes.OciLayerOf(blob.MediaType),
                }
            )
            ?? [];
        var manifest = ImageManifest.Compose(
            new Descriptor(MediaTypes.OciConfig, Digest.Of(document.Span), document.Length),
            [.. below, new Descriptor(MediaTypes.OciLayer, layer.Digest, layer.Size)]
        );
        writer.Stage(document);
        writer.Stage(manifest.Raw);
        ImageReference[] names = options.Reference is { } name ? [name.OrLatest()] : [];
        return writer.Publish([new Publication(manifest.Descriptor, names)]).Images[0];
    }

    private static DateTimeOffset Later(DateTimeOffset time, DateTimeOffset? other) =>
        other > time ? other.Value : time;

    private static (StagedBlob Blob, LayerSummary Summary) StageTar(
        StoreWriter writer,
        Stream source,
        ContentLocation location,
        ImportOptions options,
        CancellationToken cancellationToken
    )
    {
        using var hashed = options.Expected is null ? null : new HashingReadStream(source);
        using var plain = StreamCompression.OpenDecoder(
            hashed ?? source,
            location,
            leaveOpen: true,
            options.MaxUnpacked
        );
        using var head = new PrefixCapturingStream(plain);
        var blob = writer.Stage(head, location, options.MaxUnpacked, cancellationToken);
        hashed?.Drain(cancellationToken);
        if (hashed?.Finish() is { } found && found != options.Expected)
        {
            throw ImportDiagnostics.SourceDigestDiffers(options.Expected!.Value, found, location);
        }

        if (blob.Layer is { } summary)
        {
            // The store saw the tar without its compression. The compression still decides whether a tar without end
            // blocks may be cut off.
            return (blob, summary with { Compression = plain.Kind });
        }

        throw blob.LayerFault is { } fault && TarReader.LooksLikeTar(head.Head)
            ? fault
            : TarDiagnostics.NotTar(FileSignatures.Describe(head.Head), location);
    }

    private static (StagedBlob Blob, LayerSummary Summary) StageFolder(
        StoreWriter writer,
        string? folder,
        ContentLocation location,
        ImportOptions options,
        LayerMerge merge,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        FolderPacker? packer = null;
        var blob = StagedTarWriter.Stage(
            writer,
            tar =>
            {
                var newest = TarTime.From(options.Created ?? DateTimeOffset.UnixEpoch);
                packer = options.Base is null
                    ? new FolderPacker(tar, newest, options.Packing)
                    : new FolderPacker(new OverlayLayerWriter(merge.Tree, tar), newest, options.Packing)
                    {
                        FolderBelow = path => merge.DirectoryAt(path, location),
                    };
                packer.Pack(folder, cancellationToken);
            },
            location,
            options.MaxUnpacked,
            cancellationToken
        );
        foreach (var socket in packer!.SkippedSockets)
        {
            reporter.Warn(PackingDiagnostics.SocketSkipped(socket));
        }

        return (blob, blob.Layer ?? throw new InvalidOperationException("a packed folder was not recognised as a tar"));
    }

    /// <summary>The merged layers below the new layer.</summary>
    private static LayerMerge MergeOfBase(ImageStore store, Image? image, CancellationToken cancellationToken)
    {
        // On top of an image whiteouts have their meaning, and hard links may lead to files of lower layers.
        var merge = new LayerMerge(rootFs: image is null);
        foreach (var below in image?.Layers ?? [])
        {
            merge.Add(
                () => Entries(() => store.OpenLayerIndex(below, cancellationToken)),
                new ContentLocation(store.Root).In(below.Descriptor.Digest.Value),
                cancellationToken
            );
        }

        merge.Warnings.Clear();
        return merge;
    }

    /// <summary>
    /// Whether the layer can be flattened again and is a root filesystem at all. Returns the newest time in it.
    /// </summary>
    private static DateTimeOffset Check(
        LayerMerge merge,
        StoreWriter writer,
        StagedBlob layer,
        LayerSummary summary,
        ContentLocation location,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        if (summary.PlainSize == 0)
        {
            throw ImportDiagnostics.NothingToImport(location);
        }

        var scan = new ImportScan();
        merge.Add(() => scan.Observe(Entries(() => writer.OpenLayerIndex(layer))), location, cancellationToken);
        if (scan.ImageArchiveMember is { } member)
        {
            throw ImportDiagnostics.ImageArchiveImported(member, location);
        }

        if (scan.End == summary.PlainSize && scan.End > 0 && summary.Compression == CompressionKind.None)
        {
            throw TarDiagnostics.EndOfArchiveMissing(location.At(scan.End));
        }

        merge.Warnings.Report(reporter);
        return scan.Newest;
    }

    private static IEnumerable<TarEntry> Entries(Func<LayerIndex> open)
    {
        using var index = open();
        foreach (var entry in index.ReadEntries())
        {
            yield return entry;
        }
    }
}
