using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Flattening;

/// <summary>The contents of a layer's files, read once, in the order of the layer's entries.</summary>
internal interface ILayerContents : IDisposable
{
    /// <summary>Opens the content of an entry. Its length is the one the entry states.</summary>
    Stream Open(TarEntry entry);

    /// <summary>Reads what follows the last content, so that the whole layer is checked.</summary>
    void ReadToEnd(CancellationToken cancellationToken);
}

/// <summary>A layer as flattening needs it: entries without content, as often as wanted, and contents, once.</summary>
internal abstract class LayerSource
{
    /// <summary>Which layer this is, for messages.</summary>
    public abstract ContentLocation Location { get; }

    /// <summary>The entries in order.</summary>
    public abstract IEnumerable<TarEntry> Entries(CancellationToken cancellationToken);

    /// <summary>Opens the contents.</summary>
    public abstract ILayerContents Open();
}

/// <summary>
/// A layer of the store. Its entries come from its index. Its blob is read once, forward, and verified.
/// </summary>
internal sealed class StoredLayer(ImageStore store, Layer layer, IReporter reporter, string doing) : LayerSource
{
    private long _plainSize;

    public override ContentLocation Location { get; } =
        new ContentLocation(store.Root).In(layer.Descriptor.Digest.Value);

    public override IEnumerable<TarEntry> Entries(CancellationToken cancellationToken)
    {
        using var index = store.OpenLayerIndex(layer, cancellationToken);
        _plainSize = index.Summary.PlainSize;
        foreach (var entry in index.ReadEntries())
        {
            yield return entry;
        }
    }

    public override ILayerContents Open()
    {
        // The plain bytes need not be compared with the DiffID again. The store compares the DiffID with the one in the
        // layer's index, which was computed from the same blob, and verifies the blob's digest while it is read.
        var plain = StreamCompression.OpenDecoder(store.OpenBlob(layer.Descriptor), Location);
        return new LayerContent(
            new ProgressStream(
                plain,
                done => reporter.Progress(layer.Descriptor.Digest.ShortHex, doing, done, _plainSize)
            ),
            Location
        );
    }
}
