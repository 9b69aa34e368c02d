using ImageTarTasks.Bytes;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>
/// The plain bytes of a stored layer. Whoever reads it to its end has read the layer its DiffID names, or gets an error; the blob's own
/// digest is checked below, by the store.
/// </summary>
internal sealed class CheckedLayerStream(Stream plain, DiffId expected, ContentLocation where, Action<long> progress) : Stream
{
    private const long ProgressStep = 4 * 1024 * 1024;

    private readonly HashingReadStream _hashing = new(plain);
    private long _told;
    private bool _ended;

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
        get => _hashing.Count;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_ended || count == 0)
        {
            return 0;
        }

        var read = _hashing.Read(buffer, offset, count);
        if (read == 0)
        {
            _ended = true;
            progress(_hashing.Count);
            var actual = new DiffId(_hashing.Finish());
            return actual == expected ? 0 : throw Diagnostics.DiffIdMismatch(expected, actual, where);
        }

        if (_hashing.Count - _told >= ProgressStep)
        {
            _told = _hashing.Count;
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
            _hashing.Dispose();
            plain.Dispose();
        }

        base.Dispose(disposing);
    }
}
