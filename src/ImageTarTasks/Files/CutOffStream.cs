namespace ImageTarTasks.Files;

/// <summary>Writes through until it is cut off, from when on it swallows everything: what an encoder writes when it is closed after a failure would make half an archive look whole.</summary>
internal sealed class CutOffStream(Stream inner) : Stream
{
    private bool _isCut;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets nothing through any more.</summary>
    public void Cut() => _isCut = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_isCut)
        {
            inner.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (!_isCut)
        {
            inner.Flush();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
