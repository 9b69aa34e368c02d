using ImageTarTasks.Oci;
using ImageTarTasks.Store;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>Flattens layers into one root filesystem tar.</summary>
public static class RootFsExporter
{
    /// <summary>
    /// Writes the merged root filesystem of <paramref name="layers"/> (lowest first) to <paramref name="output"/>: plans from the layer indexes, then
    /// reads each layer that still contributes once, forward. Parents before children, links after targets, every path once, byte-identical each time.
    /// </summary>
    /// <exception cref="ImageTarException">ITT24xx with layer and entry.</exception>
    public static void Export(ImageStore store, IReadOnlyList<Layer> layers, Stream output, IReporter reporter, CancellationToken cancellation) => throw new NotImplementedException();
}
