using ImageTarTasks.Values;

namespace ImageTarTasks.Bytes;

/// <summary>Recognises, undoes and applies compression of streams.</summary>
public static class Compression
{
    /// <summary>How many leading bytes <see cref="Detect"/> wants; fewer are fine at the end of a short stream.</summary>
    public const int DetectLength = 10;

    /// <summary>Recognises a compression by its first bytes: gzip, bzip2, xz, zstd (frame or skippable frame); anything else is plain.</summary>
    public static CompressionKind Detect(ReadOnlySpan<byte> head) => throw new NotImplementedException();

    /// <summary>
    /// A forward-only stream of the plain bytes of <paramref name="source"/>, whatever its compression. Strict: every check sum is
    /// compared, all members are read, and a truncated or damaged stream, or trailing bytes other than zero padding, fail.
    /// </summary>
    /// <exception cref="ImageTarException">ITT21xx, thrown while reading.</exception>
    public static DecodingStream OpenDecoder(Stream source, ContentLocation where, bool leaveOpen = false) => throw new NotImplementedException();

    /// <summary>A stream that compresses into <paramref name="target"/>; the same input gives the same bytes. Only None, Gzip and Zstd.</summary>
    public static Stream OpenEncoder(Stream target, CompressionKind kind, int? level = null, bool leaveOpen = false) => throw new NotImplementedException();
}

/// <summary>The plain bytes of a stream that may have been compressed.</summary>
public abstract class DecodingStream : Stream
{
    /// <summary>What was found around the bytes.</summary>
    public abstract CompressionKind Kind { get; }
}
