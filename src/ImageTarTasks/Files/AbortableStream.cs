using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Files;

/// <summary>Writes through until it is cut off, from when on it swallows everything: what an encoder writes when it is closed after a failure would make half an archive look whole.</summary>
internal sealed class AbortableStream(Stream inner) : ForwardWriteStream
{
    private bool _isAborted;

    /// <summary>Lets nothing through any more.</summary>
    public void Abort() => _isAborted = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_isAborted)
        {
            inner.Write(buffer);
        }
    }

    public override void Flush()
    {
        if (!_isAborted)
        {
            inner.Flush();
        }
    }
}
