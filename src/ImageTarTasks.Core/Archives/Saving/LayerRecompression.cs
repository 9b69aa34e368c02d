using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>
/// Brings layers into one compression. Without a level, a layer that already has the compression keeps its bytes and
/// its digest. With a level every layer is compressed again, because the level of existing bytes is unknown. DiffIDs,
/// and therefore configurations and image IDs, never change.
/// </summary>
internal sealed class LayerRecompression(
    ImageStore store,
    CompressionSetting setting,
    IReporter reporter,
    CancellationToken cancellationToken
) : IDisposable
{
    private readonly BlockEncoders? _encoders = StreamCompression.NewEncoders(setting.Kind, setting.Level);
    private readonly RecompressedLayers _recompressed = store.RecompressedLayers;
    private readonly Dictionary<Digest, (CompressionKind Was, SaveBlob Blob)> _done = [];

    /// <summary>
    /// The layers of an image as they are to be written, with OCI media types that name the compression they have.
    /// </summary>
    public IReadOnlyList<SaveBlob> Apply(Image image) => [.. image.Layers.Select(Apply)];

    /// <summary>Frees the encoders. The recompressed layers stay in the store.</summary>
    public void Dispose() => _encoders?.Dispose();

    private SaveBlob Apply(Layer layer)
    {
        if (store.LacksForeignLayer(layer.Descriptor))
        {
            // It stays as it is. Only its type becomes one that an OCI manifest may have.
            var absent = layer.Descriptor with
            {
                MediaType = MediaTypes.OciLayerOf(layer.Descriptor.MediaType),
            };
            return new SaveBlob(absent, () => store.OpenBlob(absent));
        }

        if (!_done.TryGetValue(layer.Descriptor.Digest, out var done))
        {
            done = Compress(layer);
            _done.Add(layer.Descriptor.Digest, done);
        }

        // The same blob may be listed under several media types.
        var type = MediaTypes.WithCompression(
            layer.Descriptor.MediaType,
            done.Blob.Descriptor.Digest == layer.Descriptor.Digest ? done.Was : setting.Kind
        );
        return done.Blob with { Descriptor = done.Blob.Descriptor with { MediaType = type } };
    }

    private (CompressionKind Was, SaveBlob Blob) Compress(Layer layer)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var summary = store.SummarizeLayer(layer, cancellationToken);
        var (plainSize, kind) = (summary.PlainSize, summary.Compression);
        var stored = layer.Descriptor;
        if (kind == setting.Kind && (setting.Level is null || kind == CompressionKind.None))
        {
            return (kind, new SaveBlob(stored, () => store.OpenBlob(stored)));
        }

        if (setting.Kind == CompressionKind.None)
        {
            // The digest and size of the plain tar are known since the layer came in.
            var plain = new Descriptor(stored.MediaType, layer.DiffId.Digest, plainSize);
            return (kind, new SaveBlob(plain, () => _recompressed.OpenPlain(layer, plainSize)));
        }

        var (digest, size) = _recompressed.GetOrCreate(
            layer,
            plainSize,
            setting,
            _encoders,
            done => reporter.Progress(stored.Digest.ShortHex, "Compressing layer", done, plainSize),
            cancellationToken
        );
        var blob = new Descriptor(stored.MediaType, digest, size);
        return (kind, new SaveBlob(blob, () => _recompressed.Open(blob)));
    }
}
