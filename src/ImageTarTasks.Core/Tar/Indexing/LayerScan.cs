using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>Reads a layer once and learns everything that is ever asked about it.</summary>
internal static class LayerScan
{
    /// <summary>
    /// Reads <paramref name="plainTar"/> to its end, adds its entries to <paramref name="index"/> and completes that. Bytes after
    /// the end of the archive are not entries, but belong to the DiffID. No byte at all is a layer without entries, as for Docker.
    /// </summary>
    /// <param name="plainTar">The layer, decompressed; it stays open.</param>
    /// <param name="compression">What was around it, for the summary.</param>
    /// <param name="index">Where the entries go.</param>
    /// <param name="where">The blob or member, for messages.</param>
    /// <param name="maxUnpacked">Bound on the bytes with the holes of sparse files filled; <see cref="Limits.ExpansionRatio"/> when null.</param>
    /// <param name="hashedBelow">A stream below <paramref name="plainTar"/> through which the same bytes go: its hash is taken, so that they are hashed once.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    /// <exception cref="ImageTarException">ITT20xx: it is not a tar, or damaged; ITT2107: it unpacks to too much.</exception>
    public static LayerSummary Run(
        Stream plainTar,
        CompressionKind compression,
        LayerIndexWriter index,
        ContentLocation where,
        long? maxUnpacked = null,
        HashingReadStream? hashedBelow = null,
        CancellationToken cancellation = default)
    {
        using var own = hashedBelow is null ? new HashingReadStream(plainTar) : null;
        var source = own ?? plainTar;
        var hashing = hashedBelow ?? own!;
        var reader = new TarReader(source, where, emptyIsTar: true);
        Int128 holes = 0;
        while (reader.Next(cancellation) is { } entry)
        {
            index.Add(entry);
            holes += entry.Size - entry.StoredSize;
        }

        StreamCopy.Copy(source, Stream.Null, cancellation);
        var size = hashing.Count;
        CheckHoles(size, holes, maxUnpacked, where);
        var summary = new LayerSummary(new DiffId(hashing.Finish()), size, index.ContentSize, index.Entries, compression);
        index.Complete(summary);
        return summary;
    }

    /// <summary>Holes cost a tar nothing and whoever unpacks or flattens it their whole size: a bomb like those of compression, held to the same bounds.</summary>
    private static void CheckHoles(long plain, Int128 holes, long? maxUnpacked, ContentLocation where)
    {
        var unpacked = plain + holes;
        if (holes == 0 || unpacked <= (maxUnpacked ?? Limits.ExpansionFloor))
        {
            return;
        }

        if (maxUnpacked is { } max)
        {
            throw CompressionDiagnostics.ExceedsMaxUnpacked(CompressionKind.None, max, where);
        }

        if (unpacked / Limits.ExpansionRatio > plain)
        {
            throw TarDiagnostics.SparseExpandsTooMuch(plain, unpacked, where);
        }
    }
}
