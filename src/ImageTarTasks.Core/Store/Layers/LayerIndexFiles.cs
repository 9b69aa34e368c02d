using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>The kept indexes of layers, and making them again.</summary>
internal static class LayerIndexFiles
{
    /// <summary>The index of a layer whose DiffID has been compared.</summary>
    /// <exception cref="ImageTarException">ITT3020, ITT3021, ITT3022, ITT20xx, ITT21xx.</exception>
    public static LayerIndex Open(StoreContext store, Layer layer, CancellationToken cancellationToken)
    {
        var index =
            TryOpen(store.Layout.LayerIndex(layer.Descriptor.Digest)) ?? Rebuild(store, layer, cancellationToken);
        if (index.Summary.DiffId == layer.DiffId)
        {
            return index;
        }

        var found = index.Summary.DiffId;
        index.Dispose();
        throw StoreDiagnostics.DiffIdMismatch(layer.DiffId, found, store.Layout.LocationOf(layer.Descriptor.Digest));
    }

    /// <summary>
    /// The summary of a layer, with its DiffID compared. Read from the end of the index when there is one.
    /// </summary>
    /// <exception cref="ImageTarException">As for <see cref="Open"/>.</exception>
    public static LayerSummary Summarize(StoreContext store, Layer layer, CancellationToken cancellationToken)
    {
        if (ReadSummary(store.Layout, layer.Descriptor.Digest) is { } summary && summary.DiffId == layer.DiffId)
        {
            return summary;
        }

        using var index = Open(store, layer, cancellationToken);
        return index.Summary;
    }

    /// <summary>The summary in the index of a stored layer, read from its end; null when there is no index.</summary>
    public static LayerSummary? ReadSummary(StoreLayout layout, Digest digest) =>
        Try(
            layout.LayerIndex(digest),
            file =>
            {
                using (file)
                {
                    return LayerIndex.TryReadSummary(file);
                }
            }
        );

    /// <summary>
    /// Stamps an index with the time of its blob's file. A blob that is written to afterwards has another time and no
    /// longer counts as verified.
    /// </summary>
    public static void Stamp(StoreLayout layout, Digest digest) =>
        StoreFiles.Run(
            "write",
            layout.LayerIndex(digest),
            () =>
            {
                File.SetLastWriteTimeUtc(layout.LayerIndex(digest), File.GetLastWriteTimeUtc(layout.Blob(digest)));
                return true;
            }
        );

    /// <summary>Whether the blob is still the file that its index was made from.</summary>
    public static bool IsUpToDate(StoreLayout layout, Digest digest) =>
        StoreFiles.Run(
            "read",
            layout.Blob(digest),
            () =>
                File.Exists(layout.Blob(digest))
                && File.GetLastWriteTimeUtc(layout.LayerIndex(digest)) == File.GetLastWriteTimeUtc(layout.Blob(digest))
        );

    /// <summary>
    /// Deletes the index of a blob that turned out to be damaged, so that the next load reads the layer again. In a
    /// read-only store the index stays, because no load can happen there.
    /// </summary>
    public static void Delete(StoreLayout layout, Digest digest)
    {
        try
        {
            File.Delete(layout.LayerIndex(digest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The caller reports the damage.
        }
    }

    /// <summary>The index in a file; null when it is missing or damaged.</summary>
    public static LayerIndex? TryOpen(string path) => Try(path, LayerIndex.TryOpen);

    private static T? Try<T>(string path, Func<Stream, T?> read)
        where T : class =>
        StoreFiles.Run(
            "read",
            path,
            () =>
            {
                try
                {
                    return read(
                        new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0)
                    );
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    return null;
                }
            }
        );

    private static LayerIndex Rebuild(StoreContext store, Layer layer, CancellationToken cancellationToken)
    {
        try
        {
            using (var session = store.BeginSession())
            {
                var path = session.NextFile();
                using (var file = StagingStream.Create(store.Files, path))
                {
                    Scan(store, layer, file, cancellationToken);
                }

                var kept = store.Layout.LayerIndex(layer.Descriptor.Digest);
                store.Files.CreateFolder(store.Layout.Layers);
                store.Files.Move(path, kept);
                Stamp(store.Layout, layer.Descriptor.Digest);
                return TryOpen(kept)
                    ?? throw StoreDiagnostics.BlobMissing(
                        layer.Descriptor.Digest,
                        store.Layout.LocationOf(layer.Descriptor.Digest)
                    );
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            // Nowhere to keep it: a store that is only read keeps its indexes in memory, entries without contents.
            var memory = new MemoryStream();
            Scan(store, layer, memory, cancellationToken);
            memory.Position = 0;
            return LayerIndex.TryOpen(memory)
                ?? throw new InvalidOperationException("a layer index just written cannot be read");
        }
    }

    private static void Scan(StoreContext store, Layer layer, Stream index, CancellationToken cancellationToken)
    {
        using var content = store.Blobs.Open(layer.Descriptor);
        var admitted = LayerIngest.Run(
            content,
            null,
            index,
            store.Layout.LocationOf(layer.Descriptor.Digest),
            long.MaxValue,
            cancellationToken
        );
        if (admitted.Fault is { } fault)
        {
            throw fault;
        }

        index.Flush();
    }
}
