using System.Globalization;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// Recognises files that users give by mistake instead of a tar: failed downloads, pointers, other archives.
/// </summary>
internal static class FileSignatures
{
    /// <summary>
    /// A clause for ITT2001 about the first bytes, at most one block, of something that is not a tar.
    /// </summary>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            return "it is empty";
        }

        if (Signature(start) is { } known)
        {
            return $"it is {known}";
        }

        if (!start.ContainsAnyExceptInRange((byte)1, (byte)0x7e) && !start.ContainsAnyInRange((byte)1, (byte)8))
        {
            return $"it is text, beginning with \"{UntrustedText.Show(start[..Math.Min(40, start.Length)])}\"";
        }

        return start.Length < TarHeader.BlockSize
            ? string.Create(CultureInfo.InvariantCulture, $"it has only {start.Length} bytes, less than one tar header")
            : "it does not begin with a tar header";
    }

    private static string? Signature(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            return "compressed with gzip once more";
        }

        if (start.StartsWith("BZh"u8))
        {
            return "compressed with bzip2 once more";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            return "compressed with xz once more";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
        {
            return "compressed with zstd once more";
        }

        if (
            start.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4d, 0x18])
            || start.StartsWith((ReadOnlySpan<byte>)[0x02, 0x21, 0x4c, 0x18])
        )
        {
            return "compressed with lz4, which is not supported";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x9d]) || start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0xa0]))
        {
            return "compressed with compress (.Z), which is not supported";
        }

        if (start.StartsWith("LZIP"u8))
        {
            return "compressed with lzip, which is not supported";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x5d, 0, 0]))
        {
            return "compressed with lzma, which is not supported";
        }

        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8))
        {
            return "a zip archive";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c]))
        {
            return "a 7z archive";
        }

        if (
            start.StartsWith("070701"u8)
            || start.StartsWith("070702"u8)
            || start.StartsWith("070707"u8)
            || start.StartsWith((ReadOnlySpan<byte>)[0xc7, 0x71])
        )
        {
            return "a cpio archive";
        }

        if (start.StartsWith("!<arch>\n"u8))
        {
            return "an ar archive or a Debian package";
        }

        if (start.StartsWith("hsqs"u8))
        {
            return "a squashfs file system";
        }

        if (start.StartsWith("\u007fELF"u8) || start.StartsWith("MZ"u8))
        {
            return "a program";
        }

        if (start.StartsWith("version https://git-lfs"u8))
        {
            return "a git-lfs pointer: the file itself was not fetched (git lfs pull)";
        }

        var text = start.TrimStart(
            (ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n']
        );
        if (text.StartsWith("<"u8))
        {
            return "an HTML or XML page: a failed download, or a page that asks to log in";
        }

        return text.StartsWith("{"u8) || text.StartsWith("["u8) ? "JSON" : null;
    }
}
