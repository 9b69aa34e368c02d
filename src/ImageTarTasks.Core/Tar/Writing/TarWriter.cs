using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Writing;

/// <summary>
/// Writes deterministic tar streams: ustar where every value fits, a PAX header only for other values (long or
/// non-ASCII names, big ids and sizes, sub-second or negative times, xattrs). No clock, process id or user name is
/// written. Two zero blocks end the stream.
/// </summary>
/// <remarks>The headers equal those of Go's archive/tar, so that an export has the bytes of Docker's.</remarks>
internal sealed class TarWriter
{
    private readonly Stream _target;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private bool _finished;

    /// <summary>Writes to <paramref name="target"/>, which stays open.</summary>
    public TarWriter(Stream target) => _target = target;

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Writes an entry and, for a file, exactly <see cref="TarEntry.Size"/> bytes of <paramref name="content"/>.
    /// </summary>
    /// <remarks>
    /// Directories get their trailing slash. Offsets and sparse maps of <paramref name="entry"/> are ignored.
    /// </remarks>
    /// <exception cref="ImageTarException">
    /// ITT2020: the content is shorter or longer than stated; ITT2017: a tar cannot hold an attribute's name.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The entry is invalid: no name, a NUL in it, or content for something that is not a file.
    /// </exception>
    public void Add(TarEntry entry, Stream? content = null, CancellationToken cancellationToken = default)
    {
        if (content is null && entry.Size > 0)
        {
            throw new ArgumentException("a file with a size needs content", nameof(content));
        }

        WriteHeader(entry);
        if (content is not null)
        {
            CopyExactly(entry, content, cancellationToken);
        }

        Pad();
    }

    /// <summary>Writes a file entry whose size is that of <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException">
    /// The entry cannot be: no name, a NUL in it, content for something that is not a file.
    /// </exception>
    public void Add(TarEntry entry, ReadOnlySpan<byte> content)
    {
        WriteHeader(entry with { Size = content.Length });
        Write(content);
        Pad();
    }

    /// <summary>Writes the two zero blocks that end the archive.</summary>
    public void Finish()
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        _finished = true;
        _buffer.AsSpan(0, 2 * TarHeader.BlockSize).Clear();
        Write(_buffer.AsSpan(0, 2 * TarHeader.BlockSize));
    }

    private void WriteHeader(TarEntry entry)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        var headers = TarHeaderWriter.Headers(Checked(entry));
        Write(headers);
    }

    private static TarEntry Checked(TarEntry entry)
    {
        if (entry.Name.IsEmpty || entry.Name.Units.Contains('\0') || entry.LinkName.Units.Contains('\0'))
        {
            throw new ArgumentException($"\"{entry.Name}\" cannot be a name in a tar", nameof(entry));
        }

        if (entry.Kind != TarEntryKind.File && entry.Size != 0)
        {
            throw new ArgumentException("only files have content", nameof(entry));
        }

        var slash = entry.Name.Units[^1] == '/';
        if (entry.Kind == TarEntryKind.Directory)
        {
            return slash ? entry : entry with { Name = ByteString.FromUnits(entry.Name.Units + "/") };
        }

        return slash
            ? throw new ArgumentException($"\"{entry.Name}\" would be read as a directory", nameof(entry))
            : entry;
    }

    private void CopyExactly(TarEntry entry, Stream content, CancellationToken cancellationToken)
    {
        for (var left = entry.Size; left > 0; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var got = content.Read(_buffer, 0, (int)Math.Min(left, _buffer.Length));
            if (got == 0)
            {
                throw TarDiagnostics.TarContentLength(entry.Name, entry.Size, longer: false);
            }

            Write(_buffer.AsSpan(0, got));
            left -= got;
        }

        if (content.Read(_buffer, 0, 1) != 0)
        {
            throw TarDiagnostics.TarContentLength(entry.Name, entry.Size, longer: true);
        }
    }

    private void Pad()
    {
        var rest = (int)(TarReader.RoundUp(Position) - Position);
        _buffer.AsSpan(0, rest).Clear();
        Write(_buffer.AsSpan(0, rest));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _target.Write(bytes);
        Position += bytes.Length;
    }
}
