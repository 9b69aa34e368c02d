namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Reports the number of bytes read every few megabytes and at its end. Owns the stream below.</summary>
internal sealed class ProgressStream(Stream content, Action<long> onBytes) : ForwardReadStream
{
    private const long Step = 4 * 1024 * 1024;

    private long _count;
    private long _told;

    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = content.Read(buffer);
        _count += read;
        if (_count - _told >= Step || (read == 0 && _told < _count))
        {
            _told = _count;
            onBytes(_count);
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
        }

        base.Dispose(disposing);
    }
}
