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
    public static LayerIndex Open(StoreContext store, Layer layer, CancellationToken cancellation)
    {
        var index = TryOpen(store.Layout.LayerIndex(layer.Descriptor.Digest)) ?? MakeAgain(store, layer, cancellation);
        if (index.Summary.DiffId == layer.DiffId)
        {
            return index;
        }

        var found = index.Summary.DiffId;
        index.Dispose();
        throw StoreDiagnostics.DiffIdMismatch(layer.DiffId, found, store.Layout.Where(layer.Descriptor.Digest));
    }

    /// <summary>What the index of a layer says of it, whose DiffID has been compared; read from its end when it is there.</summary>
    /// <exception cref="ImageTarException">As for <see cref="Open"/>.</exception>
    public static LayerSummary Summarize(StoreContext store, Layer layer, CancellationToken cancellation)
    {
        if (SummaryOf(store.Layout, layer.Descriptor.Digest) is { } summary && summary.DiffId == layer.DiffId)
        {
            return summary;
        }

        using var index = Open(store, layer, cancellation);
        return index.Summary;
    }

    /// <summary>What the index of a stored layer says of it, from its end alone; null when there is none.</summary>
    public static LayerSummary? SummaryOf(StoreLayout layout, Digest digest) => Try(layout.LayerIndex(digest), file =>
    {
        using (file)
        {
            return LayerIndex.TryReadSummary(file);
        }
    });

    /// <summary>
    /// Says that an index is of the file its blob is now: it gets that file's time. A blob that is written to afterwards has another, and is not taken
    /// for what was verified.
    /// </summary>
    public static void Stamp(StoreLayout layout, Digest digest) => StoreFiles.Run("write", layout.LayerIndex(digest), () =>
    {
        File.SetLastWriteTimeUtc(layout.LayerIndex(digest), File.GetLastWriteTimeUtc(layout.Blob(digest)));
        return true;
    });

    /// <summary>Whether a blob is still the file its index was made of.</summary>
    public static bool IsUpToDate(StoreLayout layout, Digest digest) => StoreFiles.Run("read", layout.Blob(digest), () =>
        File.Exists(layout.Blob(digest)) && File.GetLastWriteTimeUtc(layout.LayerIndex(digest)) == File.GetLastWriteTimeUtc(layout.Blob(digest)));

    /// <summary>
    /// Forgets an index whose blob turned out to be damaged, so that the next load of the layer brings it in anew. What cannot be forgotten, in a store
    /// that can only be read, is not brought in there either.
    /// </summary>
    public static void Forget(StoreLayout layout, Digest digest)
    {
        try
        {
            File.Delete(layout.LayerIndex(digest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The damage is what is told.
        }
    }

    /// <summary>The index in a file; null when it is missing or not whole.</summary>
    public static LayerIndex? TryOpen(string path) => Try(path, LayerIndex.TryOpen);

    private static T? Try<T>(string path, Func<Stream, T?> read)
        where T : class => StoreFiles.Run("read", path, () =>
    {
        try
        {
            return read(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    });

    private static LayerIndex MakeAgain(StoreContext store, Layer layer, CancellationToken cancellation)
    {
        try
        {
            using (var session = store.BeginSession())
            {
                var path = session.NextFile();
                using (var file = StagingStream.Create(store.Files, path))
                {
                    Scan(store, layer, file, cancellation);
                }

                var kept = store.Layout.LayerIndex(layer.Descriptor.Digest);
                store.Files.CreateFolder(store.Layout.Layers);
                store.Files.Move(path, kept);
                Stamp(store.Layout, layer.Descriptor.Digest);
                return TryOpen(kept) ?? throw StoreDiagnostics.BlobMissing(layer.Descriptor.Digest, store.Layout.Where(layer.Descriptor.Digest));
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            // Nowhere to keep it: a store that is only read keeps its indexes in memory, entries without contents.
            var memory = new MemoryStream();
            Scan(store, layer, memory, cancellation);
            memory.Position = 0;
            return LayerIndex.TryOpen(memory) ?? throw new InvalidOperationException("a layer index just written cannot be read");
        }
    }

    private static void Scan(StoreContext store, Layer layer, Stream index, CancellationToken cancellation)
    {
        using var content = store.Blobs.Open(layer.Descriptor);
        var admitted = LayerIngest.Run(content, null, index, store.Layout.Where(layer.Descriptor.Digest), long.MaxValue, cancellation);
        if (admitted.Fault is { } fault)
        {
            throw fault;
        }

        index.Flush();
    }
}
