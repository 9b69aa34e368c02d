using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// Reads a stream on a thread of its own, a few blocks ahead of whoever reads this: one stage of a pipeline. Bytes and a failure come in the
/// order in which the source gives them. What fits one block is read at once, without a thread.
/// </summary>
/// <remarks>Until this is disposed of, the source belongs to it, and is read further than this.</remarks>
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
        while (TryFill())
        {
        }
    }

    /// <summary>False when the source has ended or failed, or nobody reads any more.</summary>
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
