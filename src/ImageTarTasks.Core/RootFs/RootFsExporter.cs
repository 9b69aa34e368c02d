using ImageTarTasks.Bytes;
using ImageTarTasks.Oci;
using ImageTarTasks.Store;
using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>Flattens layers into one root filesystem tar.</summary>
public static class RootFsExporter
{
    /// <summary>
    /// Writes the merged root filesystem of <paramref name="layers"/> (lowest first) to <paramref name="output"/>: plans from the layer indexes, then
    /// reads each layer that still contributes once, forward, and checks it. Parents before children, links after targets, every path once,
    /// byte-identical each time. Warns once per rule (ITT9401) where other tools may see another tree.
    /// </summary>
    /// <exception cref="ImageTarException">ITT24xx with layer and entry; ITT3020, ITT3021.</exception>
    public static void Export(ImageStore store, IReadOnlyList<Layer> layers, Stream output, IReporter reporter, CancellationToken cancellation)
    {
        var merge = new LayerMerge();
        var sizes = new long[layers.Count];
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            using (var index = store.OpenLayerIndex(layer, cancellation))
            {
                sizes[i] = index.Summary.PlainSize;
            }

            merge.Add(() => Entries(store, layer, cancellation), Where(layer), cancellation);
        }

        merge.Doubts.Report(reporter);
        new FlatWriter(merge.Tree, new TarWriter(output)).Write(Open, number => Where(layers[number]), cancellation);

        ContentLocation Where(Layer layer) => new ContentLocation(store.Root).In(layer.Descriptor.Digest.Value);

        Stream Open(int number)
        {
            var layer = layers[number];
            var where = Where(layer);
            var plain = Compression.OpenDecoder(store.OpenBlob(layer.Descriptor), where);
            return new CheckedLayerStream(
                plain,
                layer.DiffId,
                where,
                done => reporter.Progress(layer.Descriptor.Digest.ShortHex, "Exporting", done, sizes[number]));
        }
    }

    private static IEnumerable<TarEntry> Entries(ImageStore store, Layer layer, CancellationToken cancellation)
    {
        using var index = store.OpenLayerIndex(layer, cancellation);
        foreach (var entry in index.ReadEntries())
        {
            yield return entry;
        }
    }
}
