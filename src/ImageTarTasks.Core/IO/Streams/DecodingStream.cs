using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>The plain bytes of a stream that may have been compressed. Forward only.</summary>
internal abstract class DecodingStream : ForwardReadStream
{
    /// <summary>What was found around the bytes.</summary>
    public abstract CompressionKind Kind { get; }

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);
}
