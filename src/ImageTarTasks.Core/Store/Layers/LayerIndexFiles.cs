using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>The stored indexes of layers. Rebuilds an index that is missing or damaged.</summary>
internal static class LayerIndexFiles
{
    /// <summary>
    /// Opens the index of a layer and compares its DiffID (image-spec config.md "Layer DiffID"). Rebuilds a missing
    /// index, which takes the store's lock.
    /// </summary>
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
        TryRead(
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
    /// Gives an index the modification time of its blob's file. A blob that is changed later has another time, and
    /// <see cref="IsUpToDate"/> returns false.
    /// </summary>
    public static void Stamp(StoreLayout layout, Digest digest)
    {
        var index = layout.LayerIndex(digest);
        StoreFiles.Run(
            "write",
            index,
            () =>
            {
                File.SetLastWriteTimeUtc(index, File.GetLastWriteTimeUtc(layout.Blob(digest)));
                return true;
            }
        );
    }

    /// <summary>Whether the blob is still the file that its index was made from.</summary>
    public static bool IsUpToDate(StoreLayout layout, Digest digest)
    {
        var blob = layout.Blob(digest);
        return StoreFiles.Run(
            "read",
            blob,
            () =>
                File.Exists(blob)
                && File.GetLastWriteTimeUtc(layout.LayerIndex(digest)) == File.GetLastWriteTimeUtc(blob)
        );
    }

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

    /// <summary>Opens the index in a file; null when the file is missing or damaged.</summary>
    public static LayerIndex? TryOpen(string path) => TryRead(path, LayerIndex.TryOpen);

    private static T? TryRead<T>(string path, Func<Stream, T?> read)
        where T : class =>
        StoreFiles.Run(
            "read",
            path,
            () =>
            {
                try
                {
                    var share = FileShare.ReadWrite | FileShare.Delete;
                    return read(new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize: 0));
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

                var digest = layer.Descriptor.Digest;
                var target = store.Layout.LayerIndex(digest);
                store.Files.CreateFolder(store.Layout.Layers);
                store.Files.Move(path, target);
                Stamp(store.Layout, digest);
                return TryOpen(target) ?? throw StoreDiagnostics.BlobMissing(digest, store.Layout.LocationOf(digest));
            }
        }
        catch (ImageTarException e)
            when (StoreContext.MeansReadOnly(e) || e.Diagnostic.Code == StoreDiagnostics.StoreIoCode)
        {
            // A store that is read-only, or whose disk is full, cannot keep the index, so it is built in memory: the
            // entries without their contents. A blob that cannot be read fails again.
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
        var location = store.Layout.LocationOf(layer.Descriptor.Digest);
        var result = LayerIngest.Run(content, null, index, location, long.MaxValue, cancellationToken);
        if (result.Fault is { } fault)
        {
            throw fault;
        }

        index.Flush();
    }
}
