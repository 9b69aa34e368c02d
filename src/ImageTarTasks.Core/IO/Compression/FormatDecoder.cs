using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// The part of a decoder that depends on the format: how its bytes are read and where it ends. <see
/// cref="BoundedDecodingStream"/> does the rest.
/// </summary>
internal abstract class FormatDecoder : IDisposable
{
    /// <summary>
    /// Plain bytes, at least one; 0 when the input has ended as the format wants it to. <paramref name="into"/> is
    /// never empty.
    /// </summary>
    /// <exception cref="ImageTarException">ITT21xx, ITT1009.</exception>
    public abstract int Read(Span<byte> into);

    /// <summary>Frees the resources of the decoder, not the input.</summary>
    public abstract void Dispose();
}

/// <summary>No compression at all.</summary>
internal sealed class PlainDecoder(CompressedInput input) : FormatDecoder
{
    /// <inheritdoc/>
    public override int Read(Span<byte> into) => input.Read(into);

    /// <inheritdoc/>
    public override void Dispose() { }
}
