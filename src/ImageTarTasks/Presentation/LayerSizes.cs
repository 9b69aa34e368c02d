using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Presentation;

/// <summary>
/// Sizes as Docker's classic store counts them: the bytes of a layer's files, each inode once, and of its links' targets, whatever compression
/// the layer is kept in. They come from the layer indexes; each is looked up once.
/// </summary>
internal sealed class LayerSizes(ImageStore store, ITaskReporter reporter, CancellationToken cancellation)
{
    private readonly Dictionary<Digest, long> _known = [];

    /// <summary>The size of a layer.</summary>
    /// <exception cref="ImageTarException">ITT302x: its index is missing and the layer cannot be read.</exception>
    public long Of(Layer layer)
    {
        if (!_known.TryGetValue(layer.Descriptor.Digest, out var size))
        {
            size = store.SummarizeLayer(layer, cancellation).ContentSize;
            _known.Add(layer.Descriptor.Digest, size);
        }

        return size;
    }

    /// <summary>The size of an image: of all its layers.</summary>
    /// <exception cref="ImageTarException">As for a layer.</exception>
    public long Of(Image image) => image.Layers.Sum(Of);

    /// <summary>As <see cref="Of(Image)"/> for a list, which goes on where a layer is damaged: null, and a warning.</summary>
    public long? TryOf(Image image)
    {
        try
        {
            return Of(image);
        }
        catch (ImageTarException e)
        {
            reporter.Warn(StoreDiagnostics.ImageUnreadable(image.Manifest.Descriptor.Digest, e));
            return null;
        }
    }
}
