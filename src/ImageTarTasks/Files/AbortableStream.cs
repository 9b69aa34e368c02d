using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Files;

/// <summary>
/// Writes through until it is aborted, and ignores everything afterwards. An encoder that is closed after a failure
/// would otherwise write an end that makes half an archive look complete.
/// </summary>
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
