using ImageTarTasks.Bytes;
using ImageTarTasks.Values;

namespace ImageTarTasks.Tar;

/// <summary>Reads a layer once and learns everything that is ever asked about it.</summary>
public static class LayerScan
{
    /// <summary>
    /// Reads <paramref name="plainTar"/> to its end, adds its entries to <paramref name="index"/> and completes that. Bytes after
    /// the end of the archive are not entries, but belong to the DiffID. No byte at all is a layer without entries, as for Docker.
    /// </summary>
    /// <param name="plainTar">The layer, decompressed; it stays open.</param>
    /// <param name="compression">What was around it, for the summary.</param>
    /// <param name="index">Where the entries go.</param>
    /// <param name="where">The blob or member, for messages.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    /// <exception cref="ImageTarException">ITT20xx: it is not a tar, or damaged.</exception>
    public static LayerSummary Run(
        Stream plainTar, CompressionKind compression, LayerIndexWriter index, ContentLocation where, CancellationToken cancellation = default)
    {
        using var hashing = new HashingReadStream(plainTar);
        var reader = new TarReader(hashing, where, emptyIsTar: true);
        while (reader.Next(cancellation) is { } entry)
        {
            index.Add(entry);
        }

        hashing.Drain(cancellation);
        var size = hashing.Count;
        var summary = new LayerSummary(new DiffId(hashing.Finish()), size, index.ContentSize, index.Entries, compression);
        index.Complete(summary);
        return summary;
    }
}
