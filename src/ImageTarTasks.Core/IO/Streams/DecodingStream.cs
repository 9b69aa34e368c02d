using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>The plain bytes of a stream in any compression. Forward only.</summary>
internal abstract class DecodingStream : ForwardReadStream
{
    /// <summary>The compression of the source.</summary>
    public abstract CompressionKind Kind { get; }

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);
}
