using ImageTarTasks.Values;

namespace ImageTarTasks.Tar;

/// <summary>
/// Writes deterministic tar streams: USTAR where everything fits, a PAX header only for what does not (long or non-ASCII names, big
/// ids and sizes, sub-second or negative times, xattrs), no clock, no process id, no user names; two zero blocks at the end.
/// </summary>
public sealed class TarWriter
{
    /// <summary>Writes to <paramref name="target"/>, which stays open.</summary>
    public TarWriter(Stream target) => throw new NotImplementedException();

    /// <summary>Bytes written so far.</summary>
    public long Position => throw new NotImplementedException();

    /// <summary>Writes an entry and, for a file, exactly <see cref="TarEntry.Size"/> bytes of <paramref name="content"/>.</summary>
    /// <exception cref="ImageTarException">ITT2020: the content is shorter or longer than stated.</exception>
    public void Add(TarEntry entry, Stream? content = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Writes a file entry whose size is that of <paramref name="content"/>.</summary>
    public void Add(TarEntry entry, ReadOnlySpan<byte> content) => throw new NotImplementedException();

    /// <summary>Writes the two zero blocks that end the archive.</summary>
    public void Finish() => throw new NotImplementedException();
}
