using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Tar.Headers;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The bytes under a reader: counted exactly, never read further than asked, skipped by seeking where that pays.
/// </summary>
internal sealed class TarSource(Stream stream)
{
    private readonly long _start = stream.CanSeek ? stream.Position : 0;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly byte[] _peeked = new byte[TarHeader.BlockSize];
    private int _peekedAt;
    private int _peekedEnd;

    /// <summary>Bytes consumed.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Opens a part of the source as an independent stream; null when the source is not a file or ends before.
    /// </summary>
    /// <param name="position">The start, counted as <see cref="Position"/> is.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="whenCut">
    /// Makes the exception that is thrown when the file is truncated in the meantime; gets the position.
    /// </param>
    public FileRegion? OpenRegion(long position, long length, Func<long, Exception> whenCut) =>
        stream is FileStream { CanSeek: true } file && _start + position + length <= file.Length
            ? new FileRegion(file.SafeFileHandle, _start + position, length, read => whenCut(position + read))
            : null;

    /// <summary>Reads up to the length of <paramref name="target"/>; 0 at the end.</summary>
    public int Read(Span<byte> target)
    {
        var got = Math.Min(target.Length, _peekedEnd - _peekedAt);
        if (got > 0)
        {
            _peeked.AsSpan(_peekedAt, got).CopyTo(target);
            _peekedAt += got;
        }
        else
        {
            got = stream.Read(target);
        }

        Position += got;
        return got;
    }

    /// <summary>The next block, which stays to be read; shorter at the end.</summary>
    public ReadOnlySpan<byte> PeekBlock()
    {
        _peekedAt = 0;
        _peekedEnd = stream.ReadAtLeast(_peeked, _peeked.Length, throwOnEndOfStream: false);
        return _peeked.AsSpan(0, _peekedEnd);
    }

    /// <summary>
    /// Skips <paramref name="skip"/> bytes and returns the following 512, which are valid until the next call. The
    /// result is the number of bytes before the end, or -1 when the source ended while skipping.
    /// </summary>
    public int ReadBlock(long skip, out ReadOnlySpan<byte> block, CancellationToken cancellationToken)
    {
        block = default;
        if (skip == 0 && _peekedEnd > _peekedAt)
        {
            // Nothing of it has been read. A block that is shorter is the end.
            block = _peeked.AsSpan(_peekedAt, _peekedEnd - _peekedAt);
            _peekedAt = _peekedEnd;
            Position += block.Length;
            return block.Length;
        }

        // The peeked bytes are the first block of a content, so they are skipped as a whole or not at all.
        Position += _peekedEnd - _peekedAt;
        skip -= _peekedEnd - _peekedAt;
        _peekedAt = _peekedEnd;
        if (skip > _buffer.Length && stream.CanSeek)
        {
            var left = Math.Max(0, stream.Length - stream.Position);
            stream.Seek(Math.Min(left, skip), SeekOrigin.Current);
            Position += Math.Min(left, skip);
            if (left < skip)
            {
                return -1;
            }

            skip = 0;
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // One read gets the end of the skipped bytes and the block, because most files are small.
            var last = skip <= _buffer.Length - TarHeader.BlockSize;
            var want = (int)(last ? skip + TarHeader.BlockSize : Math.Min(skip, _buffer.Length));
            var got = stream.ReadAtLeast(_buffer.AsSpan(0, want), want, throwOnEndOfStream: false);
            Position += got;
            if (got < skip && got < want)
            {
                return -1;
            }

            if (last)
            {
                block = _buffer.AsSpan((int)skip, got - (int)skip);
                return block.Length;
            }

            skip -= got;
        }
    }
}
