using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression.Gzip;
using ImageTarTasks.Core.IO.Compression.Xz;
using ImageTarTasks.Core.IO.Compression.Zstd;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>Recognises, undoes and applies compression of streams.</summary>
public static class StreamCompression
{
    /// <summary>
    /// How many leading bytes <see cref="Detect"/> wants; fewer are fine at the end of a short stream.
    /// </summary>
    public const int DetectLength = 10;

    /// <summary>The compressions that work on this machine, and the library of zstd.</summary>
    public static string Description
    {
        get
        {
            var version = ZstdLibrary.Version;
            var library = ZstdLibrary.Best is NativeZstd ? "libzstd" : "managed, half as fast";
            return "reads gzip, bzip2, xz, zstd; writes gzip, zstd; zstd "
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{version / 10000}.{version / 100 % 100}.{version % 100} ({library})"
                );
        }
    }

    /// <summary>
    /// Recognises a compression by its first bytes: gzip, bzip2, xz, zstd (frame or skippable frame); everything else
    /// is plain. For bzip2 the magic of the first block is required as well, so that a tar whose first name begins with
    /// "BZh1" stays a tar.
    /// </summary>
    public static CompressionKind Detect(ReadOnlySpan<byte> head) =>
        head switch
        {
            [0x1f, 0x8b, 0x08, ..] => CompressionKind.Gzip,
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', .. var block]
                when Bzip2Decoder.BeginsBlock(block) => CompressionKind.Bzip2,
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00, ..] => CompressionKind.Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => CompressionKind.Zstd,
            [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => CompressionKind.Zstd,
            _ => CompressionKind.None,
        };

    /// <summary>
    /// Opens a forward-only stream of the plain bytes of <paramref name="source"/> from its current position, in any
    /// compression. It is strict: every checksum is verified and all members are read. A truncated or damaged stream,
    /// bytes after its end (except gzip's zero padding and xz's stream padding) and content that is compressed again
    /// are errors. Plain input is passed through without a copy. Other input is decoded on a thread of its own, ahead
    /// of the reader.
    /// </summary>
    /// <param name="source">
    /// It may be a pipe. It is read ahead of the decoded bytes, and to its end when the result is.
    /// </param>
    /// <param name="location">The location, for messages.</param>
    /// <param name="leaveOpen">Whether <paramref name="source"/> stays open.</param>
    /// <param name="maxPlainSize">
    /// The maximum number of plain bytes. When null, <see cref="Limits.ExpansionRatio"/> bounds compressed input;
    /// otherwise the caller has set the bound and the ratio is not checked.
    /// </param>
    /// <exception cref="ImageTarException">
    /// ITT21xx; ITT1009: <paramref name="source"/> cannot be read. Thrown here or while reading.
    /// </exception>
    internal static DecodingStream OpenDecoder(
        Stream source,
        ContentLocation location,
        bool leaveOpen = false,
        long? maxPlainSize = null
    )
    {
        var input = new CompressedInput(source, location, leaveOpen);
        try
        {
            var kind = Detect(input.Peek(DetectLength));
            input.Format = kind;
            var plain = new BoundedDecodingStream(OpenFormat(kind, input), input, maxPlainSize);
            return kind == CompressionKind.None ? plain : new ReadAheadStream(plain);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a stream that compresses into <paramref name="target"/>; only None, Gzip and Zstd. The bytes depend only
    /// on the content and <paramref name="level"/>: not on a name, a time, the platform, the sizes of the writes, or
    /// the number of threads (large content is compressed by as many threads as the machine has processors, up to <see
    /// cref="Limits.CompressionThreads"/>). One build of the runtime therefore always gives the same bytes. gzip's
    /// bytes may change with the runtime's zlib, zstd's with the library's version.
    /// </summary>
    /// <param name="target">Receives the compressed bytes.</param>
    /// <param name="kind">None, Gzip or Zstd.</param>
    /// <param name="level">gzip: 0 to 9, default 6. zstd: 1 to 22, default 3.</param>
    /// <param name="leaveOpen">Whether <paramref name="target"/> stays open.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Another <paramref name="kind"/> or <paramref name="level"/>.
    /// </exception>
    public static Stream OpenEncoder(Stream target, CompressionKind kind, int? level = null, bool leaveOpen = false) =>
        OpenEncoder(target, kind, level, leaveOpen, Threads);

    private static int Threads => Math.Min(Environment.ProcessorCount, Limits.CompressionThreads);

    /// <summary>
    /// A pool of encoders of one kind and level for several streams in a row; null when the kind has none.
    /// </summary>
    internal static BlockEncoders? NewEncoders(CompressionKind kind, int? level) =>
        kind switch
        {
            CompressionKind.Gzip => GzipEncoder.NewEncoders(level ?? GzipEncoder.DefaultLevel),
            CompressionKind.Zstd => ZstdEncoder.NewEncoders(level ?? ZstdEncoder.DefaultLevel, ZstdLibrary.Best),
            _ => null,
        };

    /// <summary>Opens an encoder with a pool of <see cref="NewEncoders"/> of the same kind and level.</summary>
    internal static Stream OpenEncoder(
        Stream target,
        CompressionKind kind,
        int? level,
        bool leaveOpen,
        BlockEncoders? shared
    ) => OpenEncoder(target, kind, level, leaveOpen, Threads, shared);

    /// <summary>The same on a number of threads, which does not show in the bytes.</summary>
    internal static Stream OpenEncoder(
        Stream target,
        CompressionKind kind,
        int? level,
        bool leaveOpen,
        int threads,
        BlockEncoders? shared = null
    ) =>
        kind switch
        {
            CompressionKind.None => new PlainEncoder(target, leaveOpen),
            CompressionKind.Gzip => new GzipEncoder(
                target,
                level ?? GzipEncoder.DefaultLevel,
                leaveOpen,
                threads,
                shared
            ),
            CompressionKind.Zstd => new ZstdEncoder(
                target,
                level ?? ZstdEncoder.DefaultLevel,
                leaveOpen,
                threads,
                ZstdLibrary.Best,
                shared
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "only None, Gzip and Zstd can be written"),
        };

    private static FormatDecoder OpenFormat(CompressionKind kind, CompressedInput input) =>
        kind switch
        {
            CompressionKind.Gzip => new GzipDecoder(input),
            CompressionKind.Bzip2 => new Bzip2Decoder(input),
            CompressionKind.Xz => new XzDecoder(input),
            CompressionKind.Zstd => new ZstdDecoder(input, ZstdLibrary.Best),
            _ => new PlainDecoder(input),
        };
}
