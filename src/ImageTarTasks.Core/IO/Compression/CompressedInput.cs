using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// The compressed side of a decoder: a window over the source. It can be peeked at, counts the bytes that were taken,
/// and adds location and format to its errors.
/// </summary>
internal sealed class CompressedInput(Stream source, ContentLocation location, bool leaveOpen) : IDisposable
{
    private const int WindowSize = 64 * 1024;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    private int _start;
    private int _end;
    private bool _sourceEnded;

    /// <summary>The compression, once detected.</summary>
    public CompressionKind Format { get; set; }

    /// <summary>The location, for messages.</summary>
    public ContentLocation Location => location;

    /// <summary>Compressed bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes at hand, at least one; empty at the end of the source.</summary>
    public ReadOnlySpan<byte> Available => Peek(1);

    /// <summary>
    /// The next <paramref name="count"/> or more bytes, which are not taken; fewer only at the end of the source.
    /// </summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_end - _start < count && !_sourceEnded)
        {
            Fill(count);
        }

        return _window.AsSpan(_start, _end - _start);
    }

    /// <summary>Takes bytes that were at hand.</summary>
    public void Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _end - _start);
        _start += count;
        Position += count;
    }

    /// <summary>Takes the next byte.</summary>
    /// <exception cref="ImageTarException">ITT2101: the source has ended.</exception>
    public byte TakeByte()
    {
        var at = Available;
        if (at.IsEmpty)
        {
            throw Truncated();
        }

        var value = at[0];
        Take(1);
        return value;
    }

    /// <summary>Takes exactly as many bytes as <paramref name="into"/> holds.</summary>
    /// <exception cref="ImageTarException">ITT2101: the source ends before.</exception>
    public void TakeExactly(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var read = Read(into);
            if (read == 0)
            {
                throw Truncated();
            }

            into = into[read..];
        }
    }

    /// <summary>
    /// Takes up to as many bytes as <paramref name="into"/> holds; 0 at the end. An empty window is passed by.
    /// </summary>
    public int Read(Span<byte> into)
    {
        int read;
        if (_start == _end)
        {
            read = _sourceEnded ? 0 : ReadSource(into);
            Position += read;
            return read;
        }

        read = Math.Min(into.Length, _end - _start);
        _window.AsSpan(_start, read).CopyTo(into);
        Take(read);
        return read;
    }

    /// <summary>ITT2101 here.</summary>
    public ImageTarException Truncated() => CompressionDiagnostics.CompressedTruncated(Format, Position, location);

    /// <summary>ITT2102 here.</summary>
    public ImageTarException Damaged(string reason, Exception? inner = null) =>
        CompressionDiagnostics.CompressedDamaged(Format, reason, Position, location, inner);

    /// <summary>ITT2103 here.</summary>
    public ImageTarException CheckFailed(string what) =>
        CompressionDiagnostics.CompressedCheckFailed(Format, what, Position, location);

    /// <summary>ITT2104 here.</summary>
    public ImageTarException TrailingBytes() =>
        CompressionDiagnostics.CompressedTrailingBytes(Format, Position, location);

    /// <summary>ITT2105 here.</summary>
    public ImageTarException Unsupported(string what) =>
        CompressionDiagnostics.CompressionUnsupported(Format, what, Position, location);

    /// <summary>Gives the window back and, unless it was to stay, closes the source.</summary>
    public void Dispose()
    {
        if (_window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = [];
            _start = _end = 0;
            _sourceEnded = true;
            if (!leaveOpen)
            {
                source.Dispose();
            }
        }
    }

    private void Fill(int count)
    {
        _window.AsSpan(_start, _end - _start).CopyTo(_window);
        _end -= _start;
        _start = 0;
        while (_end < count && !_sourceEnded)
        {
            _end += ReadSource(_window.AsSpan(_end));
        }
    }

    private int ReadSource(Span<byte> into)
    {
        try
        {
            var read = source.Read(into);
            _sourceEnded = read == 0 && !into.IsEmpty;
            return read;
        }
        catch (IOException failure)
        {
            throw IODiagnostics.InputNotReadable(location.File, failure.Message, failure);
        }
    }
}

/// <summary>
/// The input as a stream for a library's decoder of one member: the end of the source inside a member is an error, not
/// an end.
/// </summary>
internal sealed class MemberInputStream(CompressedInput input) : ForwardReadStream
{
    public override long Position
    {
        get => input.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>The last error. Some libraries treat every failure as the end of the data.</summary>
    public ImageTarException? Failure { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = input.Read(buffer);
            return read == 0 && !buffer.IsEmpty ? throw input.Truncated() : read;
        }
        catch (ImageTarException failure)
        {
            Failure = failure;
            throw;
        }
    }

    public override int ReadByte()
    {
        try
        {
            return input.TakeByte();
        }
        catch (ImageTarException failure)
        {
            Failure = failure;
            throw;
        }
    }
}
