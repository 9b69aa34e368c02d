namespace ImageTarTasks.Bytes;

/// <summary>
/// What the encoders share. Writes are gathered into blocks of one size before they are compressed, and flushing does nothing before the
/// end: a compressor may cut its output where its input was cut, and the bytes must depend on the content alone.
/// </summary>
internal abstract class CompressingStream(Stream target, bool leaveOpen, int blockSize) : ForwardWriteStream
{
    private readonly byte[] _block = new byte[blockSize];
    private int _filled;
    private bool _closed;

    public override bool CanWrite => !_closed;

    /// <summary>Where compressed bytes go.</summary>
    protected Stream Target => target;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            var part = Math.Min(buffer.Length, _block.Length - _filled);
            buffer[..part].CopyTo(_block.AsSpan(_filled));
            buffer = buffer[part..];
            _filled += part;
            if (_filled == _block.Length)
            {
                _filled = 0;
                Compress(_block);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            try
            {
                Compress(_block.AsSpan(0, _filled));
                Finish();
                target.Flush();
            }
            finally
            {
                Release();
                if (!leaveOpen)
                {
                    target.Dispose();
                }
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Compresses a block; only the last one is shorter, and may be empty.</summary>
    protected abstract void Compress(ReadOnlySpan<byte> block);

    /// <summary>Writes what ends the format.</summary>
    protected abstract void Finish();

    /// <summary>Frees what the format holds, also after a failure.</summary>
    protected abstract void Release();
}

/// <summary>No compression: writes through.</summary>
internal sealed class PlainEncoder(Stream target, bool leaveOpen) : ForwardWriteStream
{
    public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

    public override void WriteByte(byte value) => target.WriteByte(value);

    public override void Flush() => target.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
        {
            target.Dispose();
        }

        base.Dispose(disposing);
    }
}
