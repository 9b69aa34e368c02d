using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>Errors of compressed streams (ITT21xx).</summary>
internal static class CompressionDiagnostics
{
    /// <summary>ITT2101: a compressed stream ends before its end.</summary>
    public static ImageTarException CompressedTruncated(CompressionKind kind, long offset, ContentLocation location) =>
        Error("ITT2101", $"{Name(kind)}: the stream is cut off{After(offset)}", location);

    /// <summary>ITT2102: a compressed stream cannot be decoded.</summary>
    public static ImageTarException CompressedDamaged(
        CompressionKind kind,
        string reason,
        long offset,
        ContentLocation location,
        Exception? inner = null
    ) => Error("ITT2102", $"{Name(kind)}: the stream is damaged: {reason}{After(offset)}", location, inner);

    /// <summary>ITT2103: a check sum or size inside a compressed stream does not match.</summary>
    public static ImageTarException CompressedCheckFailed(
        CompressionKind kind,
        string what,
        long offset,
        ContentLocation location
    ) => Error("ITT2103", $"{Name(kind)}: the stream is damaged: {what} does not match{After(offset)}", location);

    /// <summary>ITT2104: bytes that belong to nothing follow a compressed stream.</summary>
    public static ImageTarException CompressedTrailingBytes(
        CompressionKind kind,
        long offset,
        ContentLocation location
    ) =>
        Error(
            "ITT2104",
            $"{Name(kind)}: bytes that are no part of it follow the end of the stream{After(offset)}",
            location
        );

    /// <summary>ITT2105: a compressed stream needs a feature that is not supported.</summary>
    public static ImageTarException CompressionUnsupported(
        CompressionKind kind,
        string what,
        long offset,
        ContentLocation location
    ) => Error("ITT2105", $"{Name(kind)}: the stream needs {what}, which is not supported{After(offset)}", location);

    /// <summary>ITT2106: compressed content expands beyond <see cref="Limits.ExpansionRatio"/>.</summary>
    public static ImageTarException ExpandsTooMuch(
        CompressionKind kind,
        long plain,
        long compressed,
        ContentLocation location
    ) =>
        Error(
            "ITT2106",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(kind)}: {compressed} bytes expand to more than {plain}, over "
                    + $"{Limits.ExpansionRatio} times: refused as a decompression bomb; if it is none, say how "
                    + $"large it may become with max-unpacked"
            ),
            location
        );

    /// <summary>ITT2107: content is larger than the user allowed.</summary>
    public static ImageTarException ExceedsMaxUnpacked(CompressionKind kind, long max, ContentLocation location) =>
        Error(
            "ITT2107",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(kind == CompressionKind.None ? "" : Name(kind) + ": ")}the content is larger than "
                    + $"max-unpacked allows ({max} bytes)"
            ),
            location
        );

    /// <summary>ITT2108: compressed content is compressed once more.</summary>
    public static ImageTarException CompressedTwice(
        CompressionKind outer,
        CompressionKind inner,
        ContentLocation location
    ) =>
        Error(
            "ITT2108",
            $"{Name(outer)}: the content is compressed again ({Name(inner)}): decompress it once first",
            location
        );

    private static string Name(CompressionKind kind) =>
        kind switch
        {
            CompressionKind.Gzip => "gzip",
            CompressionKind.Bzip2 => "bzip2",
            CompressionKind.Xz => "xz",
            CompressionKind.Zstd => "zstd",
            _ => "plain",
        };

    private static string After(long offset) =>
        string.Create(CultureInfo.InvariantCulture, $", at byte {offset} of the compressed data");
}
