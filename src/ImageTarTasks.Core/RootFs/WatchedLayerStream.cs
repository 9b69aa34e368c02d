namespace ImageTarTasks.RootFs;

/// <summary>
/// The plain bytes of a stored layer, with progress. That they are those its DiffID names need not be hashed again: the store compares the
/// DiffID with the one in the layer's index, which was hashed from the same blob, and the blob's digest while it is read.
/// </summary>
internal sealed class WatchedLayerStream(Stream plain, Action<long> progress) : Stream
{
    private const long ProgressStep = 4 * 1024 * 1024;

    private long _count;
    private long _told;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = plain.Read(buffer);
        _count += read;
        if (_count - _told >= ProgressStep || (read == 0 && _told < _count))
        {
            _told = _count;
            progress(_told);
        }

        return read;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            plain.Dispose();
        }

        base.Dispose(disposing);
    }
}
