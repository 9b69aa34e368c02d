using System.Globalization;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// Recognises files that users give by mistake instead of a tar: failed downloads, pointers, other archives.
/// </summary>
internal static class FileSignatures
{
    /// <summary>The place of "ustar" in a header (POSIX pax, "ustar Interchange Format").</summary>
    private const int MagicOffset = 257;

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

    /// <summary>
    /// The likely cause of a block that is not the header it should be. A header that stands some bytes too late or too
    /// early shows that content before it grew or shrank, as files do that are changed as text.
    /// </summary>
    public static string DescribeDamage(ReadOnlySpan<byte> block)
    {
        var found = block.IndexOf("ustar"u8);
        return found < 0 || found == MagicOffset ? "the archive is damaged, or was changed as text"
            : found > MagicOffset
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"the header stands {found - MagicOffset} bytes too late, so the archive was changed as text: line "
                        + $"ends became CR LF (FTP without binary mode, git without -text), or bytes became UTF-8 "
                        + $"(a redirection in PowerShell); transfer it as a binary file, or write it with -o FILE"
                )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the header stands {MagicOffset - found} bytes too early, so the archive was changed as text: line "
                    + $"ends were removed (curl -d @FILE instead of --data-binary), or CR LF became LF; transfer it as "
                    + $"a binary file"
            );
    }

    /// <summary>The kind of a compressed file whose bytes above 0x7f became UTF-8, or null.</summary>
    private static string? CompressionBeforeUtf8(ReadOnlySpan<byte> start)
    {
        // The byte that was not ASCII is now two or three bytes: its letter, or U+FFFD.
        Span<byte> ascii = stackalloc byte[8];
        var count = 0;
        foreach (var value in start[..Math.Min(start.Length, 16)])
        {
            if (value < 0x80 && count < ascii.Length)
            {
                ascii[count++] = value;
            }
        }

        ReadOnlySpan<byte> letters = ascii[..count];
        return start.Length < 3 ? null
            : start[0] == 0x1f && start[1] >= 0xc2 && letters.StartsWith((ReadOnlySpan<byte>)[0x1f, 8]) ? "gzip"
            : start[0] == (byte)'(' && start[1] >= 0xc2 && letters.StartsWith("(/"u8) ? "zstd"
            : start[0] >= 0xc2 && letters.StartsWith("7zXZ"u8) ? "xz"
            : null;
    }

    private static string? Signature(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            return "compressed with gzip once more";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || start.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            return "text in UTF-16, which > of Windows PowerShell makes of every output: write the archive with -o "
                + "FILE";
        }

        if (CompressionBeforeUtf8(start) is { } compression)
        {
            return $"a file compressed with {compression} that was changed as text (UTF-8), as > of PowerShell does: "
                + "write the archive with -o FILE";
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

        return text.StartsWith("{"u8) || text.StartsWith("["u8) ? "JSON"
            : start.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf])
                ? "text in UTF-8 with a byte order mark, which a redirection in PowerShell can make of every output: "
                    + "write the archive with -o FILE"
            : null;
    }
}
