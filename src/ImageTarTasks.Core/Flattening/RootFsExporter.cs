using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar.Writing;

namespace ImageTarTasks.Core.Flattening;

/// <summary>Flattens layers into one root filesystem archive.</summary>
public static class RootFsExporter
{
    /// <summary>
    /// Writes the merged root filesystem of <paramref name="layers"/> (lowest first) to <paramref name="output"/>. It
    /// plans from the layer indexes, then reads each layer that still contributes once, forward, and verifies it.
    /// Parents come before children, links after their targets, every path once, and the same layers give the same
    /// bytes. Warns once for each rule (ITT9401) where other tools may show another tree.
    /// </summary>
    /// <exception cref="ImageTarException">ITT24xx with layer and entry; ITT3020, ITT3021.</exception>
    public static void Export(
        ImageStore store,
        IReadOnlyList<Layer> layers,
        ExportOptions options,
        Stream output,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        List<LayerSource> sources = [.. layers.Select(layer => new StoredLayer(store, layer, reporter, "Exporting"))];
        if (options.Content.Count > 0)
        {
            sources.Add(
                new HostContentLayer(
                    options.Content,
                    options.MaxModificationTime ?? default,
                    reporter,
                    cancellationToken
                )
            );
        }

        var merge = new LayerMerge();
        foreach (var source in sources)
        {
            merge.Add(() => source.Entries(cancellationToken), source.Location, cancellationToken);
        }

        merge.Warnings.Report(reporter);
        if (options.DockerWorkingDirectory is { } workingDirectory)
        {
            DockerEngineFiles.AddTo(
                merge.Tree,
                workingDirectory,
                options.MaxModificationTime ?? default,
                sources.Count
            );
        }

        var cpio = options.Format == RootFsFormat.Cpio ? new CpioOutput(output) : null;
        new FlatWriter(merge.Tree, cpio as IRootFsOutput ?? new TarOutput(new TarWriter(output)), options).Write(
            number => sources[number].Open(),
            cancellationToken
        );
        if (cpio is { LostXattrs: > 0 and var lost } && options.Xattrs != XattrChoice.None)
        {
            reporter.Warn(FlatteningDiagnostics.XattrsLost(lost));
        }
    }
}
