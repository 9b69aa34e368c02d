using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Presentation;

/// <summary>
/// Sizes as Docker's classic store counts them: the bytes of a layer's files, each inode once, and of its links'
/// targets, independent of the layer's compression. They come from the layer indexes; each index is read once.
/// </summary>
internal sealed class LayerSizes(ImageStore store, ITaskReporter reporter, CancellationToken cancellationToken)
{
    private readonly Dictionary<Digest, long> _cache = [];

    /// <summary>The size of a layer.</summary>
    /// <exception cref="ImageTarException">ITT302x: its index is missing and the layer cannot be read.</exception>
    public long GetSize(Layer layer)
    {
        if (!_cache.TryGetValue(layer.Descriptor.Digest, out var size))
        {
            // A foreign layer that is not here takes no space.
            size = store.LacksForeignLayer(layer.Descriptor)
                ? 0
                : store.SummarizeLayer(layer, cancellationToken).ContentSize;
            _cache.Add(layer.Descriptor.Digest, size);
        }

        return size;
    }

    /// <summary>The size of an image: of all its layers.</summary>
    /// <exception cref="ImageTarException">As for a layer.</exception>
    public long GetSize(Image image) => image.Layers.Sum(GetSize);

    /// <summary>As <see cref="GetSize(Image)"/> for a list: null and a warning when a layer is damaged.</summary>
    public long? TryGetSize(Image image)
    {
        try
        {
            return GetSize(image);
        }
        catch (ImageTarException e)
        {
            reporter.Warn(StoreDiagnostics.ImageUnreadable(image.Manifest.Descriptor.Digest, e));
            return null;
        }
    }
}
