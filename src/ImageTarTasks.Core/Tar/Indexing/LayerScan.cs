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
    /// Reads <paramref name="plainTar"/> to its end, adds its entries to <paramref name="index"/> and completes the
    /// index. Bytes after the end of the archive are not entries, but belong to the DiffID. An empty stream is a layer
    /// without entries, as for Docker.
    /// </summary>
    /// <param name="plainTar">The decompressed layer; it stays open.</param>
    /// <param name="compression">The compression of the layer, for the summary.</param>
    /// <param name="index">Receives the entries.</param>
    /// <param name="location">The blob or member, for messages.</param>
    /// <param name="maxUnpacked">
    /// The bound on the bytes with the holes of sparse files filled; <see cref="Limits.ExpansionRatio"/> when null.
    /// </param>
    /// <param name="hashedBelow">
    /// A stream below <paramref name="plainTar"/> that hashes the same bytes. Its hash is used, so that they are hashed
    /// once.
    /// </param>
    /// <param name="cancellationToken">Checked between blocks.</param>
    /// <exception cref="ImageTarException">
    /// ITT20xx: not a tar, or damaged; ITT2107: it unpacks to too many bytes.
    /// </exception>
    public static LayerSummary Run(
        Stream plainTar,
        CompressionKind compression,
        LayerIndexWriter index,
        ContentLocation location,
        long? maxUnpacked = null,
        HashingReadStream? hashedBelow = null,
        CancellationToken cancellationToken = default
    )
    {
        using var own = hashedBelow is null ? new HashingReadStream(plainTar) : null;
        var source = own ?? plainTar;
        var hashing = hashedBelow ?? own!;
        var reader = new TarReader(source, location, emptyIsTar: true);
        Int128 holes = 0;
        while (reader.Next(cancellationToken) is { } entry)
        {
            index.Add(entry);
            holes += entry.Size - entry.StoredSize;
        }

        StreamCopy.Copy(source, Stream.Null, cancellationToken);
        var size = hashing.Count;
        CheckHoles(size, holes, maxUnpacked, location);
        var summary = new LayerSummary(
            new DiffId(hashing.Finish()),
            size,
            index.ContentSize,
            index.Entries,
            compression
        );
        index.Complete(summary);
        return summary;
    }

    /// <summary>
    /// Checks the holes of sparse files. A hole costs nothing in the tar, but its whole size when it is unpacked. Such
    /// a bomb is held to the same bounds as one of compression.
    /// </summary>
    private static void CheckHoles(long plain, Int128 holes, long? maxUnpacked, ContentLocation location)
    {
        var unpacked = plain + holes;
        if (holes == 0 || unpacked <= (maxUnpacked ?? Limits.ExpansionFloor))
        {
            return;
        }

        if (maxUnpacked is { } max)
        {
            throw CompressionDiagnostics.ExceedsMaxUnpacked(CompressionKind.None, max, location);
        }

        if (unpacked / Limits.ExpansionRatio > plain)
        {
            throw TarDiagnostics.SparseExpandsTooMuch(plain, unpacked, location);
        }
    }
}
