using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// One stage of a pipeline: writes to a stream on a thread of its own, a few blocks behind the writer. One of the next
/// writes throws a failure of the target, at the latest <see cref="Flush"/>, which returns when everything has been
/// written. Without that call a late failure is lost.
/// </summary>
/// <remarks>
/// The target belongs to this stream until it is flushed or disposed. Disposing leaves the target open.
/// </remarks>
public sealed class WriteBehindStream(Stream target) : ForwardWriteStream
{
    private readonly BlockPipe _pipe = new();
    private Thread? _thread;
    private bool _disposed;
    private long _written;

    /// <inheritdoc/>
    public override bool CanWrite => !_disposed;

    /// <inheritdoc/>
    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "write behind" };
            _thread.Start();
        }

        _pipe.Writer.Write(buffer);
        _written += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (!_disposed)
        {
            _pipe.WaitUntilRead();
            target.Flush();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _pipe.End();
            _thread?.Join();
            _pipe.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run()
    {
        try
        {
            while (_pipe.Take() is { Count: > 0 } block)
            {
                target.Write(block);
                _pipe.Return(block);
            }
        }
        catch (Exception failure)
        {
            _pipe.Abandon(failure);
        }
    }
}
