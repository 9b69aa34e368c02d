using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The numbers of an entry, from its header or the PAX record that overrides it, each within its range.
/// </summary>
internal static class TarNumbers
{
    private const long LargestOctalSize = 0x1_ffff_ffff;

    /// <summary>The number of bytes stored in the tar.</summary>
    /// <remarks>
    /// A reader that ignores a PAX size uses the size of the header and finds other entries in the content
    /// (CVE-2025-62518). A writer needs a PAX size only from 8 GiB on, where 11 octal digits do not suffice; then the
    /// header has nothing, the largest number, or the low digits. Some writers always write a PAX size and leave the
    /// header's at 0. That is harmless unless the content looks like entries, see <paramref name="isHidden"/>.
    /// </remarks>
    /// <param name="header">The header of the entry.</param>
    /// <param name="pax">Its PAX records, or null.</param>
    /// <param name="location">The entry.</param>
    /// <param name="isHidden">Whether other readers may parse the content as headers.</param>
    /// <exception cref="ImageTarException">ITT2004, ITT2005, ITT2014.</exception>
    public static long Size(TarHeader header, PaxHeader? pax, ContentLocation location, out bool isHidden)
    {
        var stated = InRange("size", header.SizeField, 0, long.MaxValue, location);
        isHidden = false;
        if (pax?.Size is not { } size || size == stated)
        {
            return stated;
        }

        isHidden = stated == 0 && size <= LargestOctalSize;
        return
            isHidden
            || (size > LargestOctalSize && (stated is 0 or LargestOctalSize || stated == (size & LargestOctalSize)))
            ? size
            : throw TarDiagnostics.TarSizeConflict(size, stated, location);
    }

    /// <summary>The permission bits. The type bits that Docker before 24 wrote beside them are dropped.</summary>
    public static int Mode(TarHeader header, ContentLocation location) =>
        (int)InRange("mode", header.ModeField, 0, long.MaxValue, location) & 0xfff;

    /// <summary>An owner or a group.</summary>
    public static long Id(string field, ReadOnlySpan<byte> octal, long? pax, ContentLocation location) =>
        UInt32(field, octal, pax, location);

    /// <summary>Half of a device's number.</summary>
    public static uint Device(string field, ReadOnlySpan<byte> octal, long? pax, ContentLocation location) =>
        UInt32(field, octal, pax, location);

    /// <summary>When the content was changed; GNU writes times before 1970 in base-256.</summary>
    public static TarTime Time(TarHeader header, PaxHeader? pax, ContentLocation location) =>
        pax?.ModificationTime is { } time ? time
        : TarHeader.TryParseNumber(header.TimeField, out var seconds) ? new TarTime(seconds)
        : throw TarDiagnostics.TarNumber("mtime", header.TimeField, location);

    public static long InRange(string field, ReadOnlySpan<byte> text, long least, long most, ContentLocation location)
    {
        if (!TarHeader.TryParseNumber(text, out var value))
        {
            throw TarDiagnostics.TarNumber(field, text, location);
        }

        return value >= least && value <= most
            ? value
            : throw TarDiagnostics.TarNumberRange(field, value, least, most, location);
    }

    private static uint UInt32(string field, ReadOnlySpan<byte> octal, long? pax, ContentLocation location)
    {
        if (pax is not { } value)
        {
            return (uint)InRange(field, octal, 0, uint.MaxValue, location);
        }

        return value <= uint.MaxValue
            ? (uint)value
            : throw TarDiagnostics.TarNumberRange(field, value, 0, uint.MaxValue, location);
    }
}
