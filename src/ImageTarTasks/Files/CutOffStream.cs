using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Files;

/// <summary>Writes through until it is cut off, from when on it swallows everything: what an encoder writes when it is closed after a failure would make half an archive look whole.</summary>
internal sealed class CutOffStream(Stream inner) : ForwardWriteStream
{
    private bool _isCut;

    /// <summary>Lets nothing through any more.</summary>
    public void Cut() => _isCut = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_isCut)
        {
            inner.Write(buffer);
        }
    }

    public override void Flush()
    {
        if (!_isCut)
        {
            inner.Flush();
        }
    }
}
