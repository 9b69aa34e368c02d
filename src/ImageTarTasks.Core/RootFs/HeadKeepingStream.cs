namespace ImageTarTasks.RootFs;

/// <summary>Reads through and keeps the first bytes.</summary>
internal sealed class HeadKeepingStream(Stream source) : Stream
{
    private readonly byte[] _head = new byte[512];
    private int _kept;

    /// <summary>The first bytes read, up to 512.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _kept);

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
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        if (_kept < _head.Length)
        {
            var piece = buffer[..Math.Min(read, _head.Length - _kept)];
            piece.CopyTo(_head.AsSpan(_kept));
            _kept += piece.Length;
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
}
