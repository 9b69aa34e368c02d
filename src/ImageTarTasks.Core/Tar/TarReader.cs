using ImageTarTasks.Values;

namespace ImageTarTasks.Tar;

/// <summary>
/// A forward-only, byte-exact, strict reader of tar streams: POSIX.1-1988 (ustar), POSIX.1-2001 (PAX), GNU and v7. Names stay bytes;
/// header checksums, numbers, PAX records and the end of the archive are checked.
/// </summary>
public sealed class TarReader
{
    /// <summary>Reads <paramref name="source"/>, a plain tar, from its current position; it stays open. A seekable source is skipped by seeking.</summary>
    public TarReader(Stream source, ContentLocation where) => throw new NotImplementedException();

    /// <summary>Bytes consumed from the source so far.</summary>
    public long Position => throw new NotImplementedException();

    /// <summary>The content of the entry last returned, sparse files expanded; ends at its <see cref="TarEntry.Size"/>. What is not read is skipped by <see cref="Next"/>.</summary>
    public Stream Content => throw new NotImplementedException();

    /// <summary>The next entry, or null after the end-of-archive blocks (or a clean end of the stream between entries).</summary>
    /// <exception cref="ImageTarException">ITT20xx with member or entry and offset.</exception>
    public TarEntry? Next(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Whether a block can be the first of a tar: a header with a right checksum, or all zero.</summary>
    public static bool LooksLikeTar(ReadOnlySpan<byte> firstBlock) => throw new NotImplementedException();
}
