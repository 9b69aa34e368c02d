using ImageTarTasks.Bytes;
using ImageTarTasks.Oci;
using ImageTarTasks.Store;
using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>What to import: a tar in any compression, or a folder.</summary>
public sealed record RootFsInput
{
    /// <summary>The path as messages show it; <c>stdin</c> for a pipe.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The stream, or null when <see cref="Folder"/> is set.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; init; }
}

/// <summary>How to import.</summary>
public sealed record ImportOptions
{
    /// <summary>Dockerfile instructions (<c>CMD</c>, <c>ENV</c>...), one or several lines each; applied in order.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The comment of the image and of its history entry; Docker's <c>Imported from -</c> when null.</summary>
    public string? Message { get; init; }

    /// <summary>What the image runs on; the host's when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The name, without a tag <c>latest</c>; null for an untagged image.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>
    /// When the image says it was made, and the time all entries of a folder get. When null: the newest entry of the tar, 1970 for a
    /// folder. So the same input gives the same image on any day.
    /// </summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Bound on the plain bytes, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>Makes one-layer images of root filesystems.</summary>
public static class RootFsImporter
{
    /// <summary>
    /// Imports in one pass. The plain bytes of a tar are the layer, unchanged, so that its DiffID is the one docker import gives; a folder is
    /// packed on the way, the same bytes for the same content. What could not be exported again is refused.
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx, ITT21xx, ITT24xx content; ITT12xx a change; ITT1001 the name; ITT30xx the store.</exception>
    public static StoredImage Import(ImageStore store, RootFsInput input, ImportOptions options, IReporter reporter, CancellationToken cancellation)
    {
        var platform = options.Platform ?? Platform.Host;
        var settings = DockerfileChanges.Apply(new ContainerSettings(), options.Changes, platform.Os);
        if (options.Reference is { Digest: not null } byDigest)
        {
            throw Diagnostics.InvalidReference(byDigest.Familiar, "cannot import digest reference");
        }

        var where = new ContentLocation(input.Folder ?? input.DisplayName);
        using var writer = store.BeginWrite();
        var (layer, summary) = input.Folder is { } folder
            ? StageFolder(writer, folder, where, options, reporter, cancellation)
            : StageTar(writer, input, where, options, cancellation);
        var newest = Check(writer, layer, summary, where, reporter, cancellation);
        var created = options.Created ?? (input.Folder is null ? newest : DateTimeOffset.UnixEpoch);

        var config = ImportedConfig.Compose(settings, platform, summary.DiffId, created, options.Message ?? "Imported from -");
        var manifest = ImageManifest.Compose(
            new Descriptor(MediaTypes.OciConfig, Digest.Of(config.Span), config.Length),
            [new Descriptor(MediaTypes.OciLayer, layer.Digest, layer.Size)]);
        writer.Stage(config);
        writer.Stage(manifest.Raw);
        writer.Publish([new Publication(manifest.Descriptor, options.Reference is { } name ? [name.OrLatest()] : [])]);
        return store.Find(manifest.Descriptor.Digest.Value);
    }

    private static (StagedBlob Blob, LayerSummary Summary) StageTar(
        StoreWriter writer, RootFsInput input, ContentLocation where, ImportOptions options, CancellationToken cancellation)
    {
        var source = input.Stream ?? throw new ArgumentException("neither a stream nor a folder", nameof(input));
        using var plain = Compression.OpenDecoder(source, where, leaveOpen: true, options.MaxUnpacked);
        using var head = new HeadKeepingStream(plain);
        var blob = writer.Stage(head, where, options.MaxUnpacked, cancellation);
        if (blob.Layer is { } summary)
        {
            // What was around the tar went away before the store saw it; it still tells whether the tar can be cut short.
            return (blob, summary with { Compression = plain.Kind });
        }

        throw blob.LayerFault is { } fault && TarReader.LooksLikeTar(head.Head)
            ? fault
            : Diagnostics.NotTar(TarLookalikes.Describe(head.Head), where);
    }

    private static (StagedBlob Blob, LayerSummary Summary) StageFolder(
        StoreWriter writer, string folder, ContentLocation where, ImportOptions options, IReporter reporter, CancellationToken cancellation)
    {
        using var pipe = new BlockPipe();
        var packer = new FolderPacker(new TarWriter(pipe.Writer), TarTime.From(options.Created ?? DateTimeOffset.UnixEpoch));
        var packing = Task.Factory.StartNew(Pack, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        StagedBlob blob;
        try
        {
            blob = writer.Stage(pipe.Reader, where, options.MaxUnpacked, cancellation);
        }
        finally
        {
            pipe.Abandon();
            packing.Wait(CancellationToken.None);
        }

        if (blob.LayerFault is { } fault)
        {
            throw fault;
        }

        packing.Result?.Throw();

        foreach (var socket in packer.SkippedSockets)
        {
            reporter.Warn(Diagnostics.SocketSkipped(socket));
        }

        return (blob, blob.Layer ?? throw new InvalidOperationException("a packed folder was not recognised as a tar"));

        System.Runtime.ExceptionServices.ExceptionDispatchInfo? Pack()
        {
            try
            {
                packer.Pack(folder, cancellation);
                pipe.Complete();
                return null;
            }
            catch (Exception failure)
            {
                return pipe.Fail(failure);
            }
        }
    }

    /// <summary>Whether the layer can be flattened again and is a root filesystem at all. Returns the newest time in it.</summary>
    private static DateTimeOffset Check(
        StoreWriter writer, StagedBlob layer, LayerSummary summary, ContentLocation where, IReporter reporter, CancellationToken cancellation)
    {
        using var index = writer.OpenLayerIndex(layer);
        var survey = new RootFsSurvey();
        var merge = new LayerMerge(rootFs: true);
        merge.Add(() => survey.Observe(index.ReadEntries()), where, cancellation);
        if (survey.ImageArchiveMember is { } member)
        {
            throw Diagnostics.ImageArchiveImported(member, where);
        }

        if (survey.End == summary.PlainSize && survey.End > 0 && summary.Compression == CompressionKind.None)
        {
            throw Diagnostics.EndOfArchiveMissing(where.At(survey.End));
        }

        merge.Doubts.Report(reporter);
        return survey.Newest;
    }
}
