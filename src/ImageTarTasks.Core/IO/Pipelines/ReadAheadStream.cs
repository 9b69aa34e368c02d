using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// One stage of a pipeline: reads a stream on a thread of its own, a few blocks ahead of the reader. Bytes and a
/// failure arrive in the order of the source. Content of one block is read at once, without a thread.
/// </summary>
/// <remarks>The source belongs to this stream until it is disposed, and is read further than this stream.</remarks>
internal sealed class ReadAheadStream(Stream source, bool leaveOpen = false) : DecodingStream
{
    private readonly BlockPipe _pipe = new();
    private Thread? _thread;
    private bool _begun;
    private bool _disposed;

    public override CompressionKind Kind => (source as DecodingStream)?.Kind ?? CompressionKind.None;

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_begun)
        {
            _begun = true;
            Begin();
        }

        return _pipe.Reader.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _pipe.Abandon();
            _thread?.Join();
            _pipe.Dispose();
            if (!leaveOpen)
            {
                source.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private void Begin()
    {
        if (TryFill())
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "read ahead" };
            _thread.Start();
        }
    }

    private void Run()
    {
        while (TryFill()) { }
    }

    /// <summary>Reads the next block; false when the source has ended or failed, or the reader is gone.</summary>
    private bool TryFill()
    {
        try
        {
            if (_pipe.Fill(source))
            {
                return true;
            }

            _pipe.Complete();
        }
        catch (Exception failure)
        {
            _pipe.Fail(failure);
        }

        return false;
    }
}
