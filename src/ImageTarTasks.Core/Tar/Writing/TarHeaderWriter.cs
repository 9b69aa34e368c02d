using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Writing;

/// <summary>
/// Writes the header blocks of an entry as Go's archive/tar does: one ustar block, preceded by a PAX header when a
/// value does not fit. With a PAX header the ustar fields hold what readers without PAX can use: the ASCII letters of
/// the name, and 0 for numbers that are too big.
/// </summary>
internal static class TarHeaderWriter
{
    private const int NameLength = 100;
    private const int PrefixLength = 155;

    /// <summary>The largest number of a field of 7 octal digits.</summary>
    private const long LargestId = 0x1f_ffff;

    /// <summary>The largest number of a field of 11 octal digits.</summary>
    private const long LargestSize = 0x1_ffff_ffff;

    /// <summary>The header blocks of an entry.</summary>
    /// <exception cref="ImageTarException">ITT2017: a PAX header cannot hold the name of an attribute.</exception>
    public static byte[] Headers(TarEntry entry)
    {
        var records = Records(entry);
        if (records.IsEmpty)
        {
            var header = new byte[TarHeader.BlockSize];
            var name = Encoding.Latin1.GetBytes(entry.Name.Units);
            if (SplitPrefix(name, out var prefix))
            {
                name.AsSpan(..prefix).CopyTo(header.AsSpan(345));
                name = name[(prefix + 1)..];
            }

            name.CopyTo(header.AsSpan());
            Fill(header, entry);
            return header;
        }

        var data = records.Finish();
        var padded = (int)TarReader.RoundUp(data.Length);
        var headers = new byte[TarHeader.BlockSize + padded + TarHeader.BlockSize];
        FillPax(headers.AsSpan(0, TarHeader.BlockSize), entry.Name, data.Length);
        data.CopyTo(headers.AsSpan(TarHeader.BlockSize));
        var last = headers.AsSpan(TarHeader.BlockSize + padded);
        CutTo(last[..NameLength], Ascii(entry.Name.Units));
        Fill(last, entry);
        return headers;
    }

    /// <summary>The records for values that do not fit into ustar, by key.</summary>
    private static PaxRecords Records(TarEntry entry)
    {
        var records = new PaxRecords();
        var name = Encoding.Latin1.GetBytes(entry.Name.Units);
        var link = Encoding.Latin1.GetBytes(entry.LinkName.Units);
        var longName = !Ascii(name) || (name.Length > NameLength && !SplitPrefix(name, out _));
        var longLink = !Ascii(link) || link.Length > NameLength;
        foreach (var xattr in entry.Xattrs)
        {
            // A PAX record is KEY=VALUE, and readers end the key at the first "=".
            if (xattr.Name.Units.Contains('=', StringComparison.Ordinal))
            {
                throw TarDiagnostics.TarXattr(
                    xattr.Name,
                    "has \"=\" in its name, which a tar cannot hold; remove it from the file (setfattr -x)",
                    new ContentLocation(entry.Name.ToText())
                );
            }

            records.Add("SCHILY.xattr." + xattr.Name.Units, xattr.Value.ToBytes());
        }

        records.AddNumber("uid", entry.Uid, LargestId);
        records.AddNumber("gid", entry.Gid, LargestId);
        records.AddNumber("size", entry.Size, LargestSize);
        records.AddNumber("SCHILY.devmajor", entry.DeviceMajor, LargestId);
        records.AddNumber("SCHILY.devminor", entry.DeviceMinor, LargestId);
        if (entry.ModificationTime is not { Nanoseconds: 0, Seconds: >= 0 and <= LargestSize })
        {
            records.Add("mtime", PaxRecords.Time(entry.ModificationTime));
        }

        if (longLink)
        {
            records.Add("linkpath", link);
        }

        // A long name that fits into prefix and name needs no record. With a PAX header, Go writes no prefix.
        if (longName || (name.Length > NameLength && !records.IsEmpty))
        {
            records.Add("path", name);
        }

        if ((longName && !IsUtf8(name)) || (longLink && !IsUtf8(link)))
        {
            records.Add("hdrcharset", "BINARY"u8.ToArray());
        }

        return records;
    }

    /// <summary>Everything but the name, and the checksum.</summary>
    private static void Fill(Span<byte> header, TarEntry entry)
    {
        Octal(header.Slice(100, 8), entry.Mode & 0xfff);
        Octal(header.Slice(108, 8), entry.Uid);
        Octal(header.Slice(116, 8), entry.Gid);
        Octal(header.Slice(124, 12), entry.Size);
        Octal(header.Slice(136, 12), entry.ModificationTime.Seconds);
        header[156] = TypeOf(entry.Kind);
        CutTo(header.Slice(157, NameLength), Ascii(entry.LinkName.Units));
        Octal(header.Slice(329, 8), entry.DeviceMajor);
        Octal(header.Slice(337, 8), entry.DeviceMinor);
        Seal(header);
    }

    /// <summary>
    /// Fills the block before the records. It is named after the entry and otherwise empty, so it does not depend on
    /// time or user.
    /// </summary>
    private static void FillPax(Span<byte> header, ByteString name, int size)
    {
        var shown = Ascii(PaxName(name.Units));
        shown = shown[..Math.Min(shown.Length, NameLength)].TrimEnd('/');
        Encoding.Latin1.GetBytes(shown, header);
        Octal(header.Slice(100, 8), 0);
        Octal(header.Slice(108, 8), 0);
        Octal(header.Slice(116, 8), 0);
        Octal(header.Slice(124, 12), size);
        Octal(header.Slice(136, 12), 0);
        header[156] = (byte)'x';
        Seal(header);
    }

    /// <summary>Magic, version and checksum.</summary>
    private static void Seal(Span<byte> header)
    {
        "ustar\000"u8.CopyTo(header[257..]);
        header.Slice(148, 8).Fill((byte)' ');
        Octal(header.Slice(148, 7), TarHeader.Sum(header));
    }

    /// <summary>
    /// Writes zero-padded octal digits and a NUL; 0 for a value that does not fit, which a PAX record then holds.
    /// </summary>
    private static void Octal(Span<byte> field, long value)
    {
        var digits = field.Length - 1;
        if (value < 0 || value >> (3 * digits) != 0)
        {
            value = 0;
        }

        for (var i = digits - 1; i >= 0; i--, value >>= 3)
        {
            field[i] = (byte)('0' + (value & 7));
        }

        field[digits] = 0;
    }

    /// <summary>
    /// The ustar prefix's length when <paramref name="name"/> needs one and can have one: split at the last slash that
    /// leaves at most 155 bytes before it and 1 to 100 after.
    /// </summary>
    private static bool SplitPrefix(ReadOnlySpan<byte> name, out int prefix)
    {
        prefix = 0;
        if (name.Length <= NameLength || !Ascii(name))
        {
            return false;
        }

        var searched = name.Length > PrefixLength + 1 ? PrefixLength + 1 : name.Length - (name[^1] == '/' ? 1 : 0);
        prefix = name[..searched].LastIndexOf((byte)'/');
        var rest = name.Length - prefix - 1;
        return prefix > 0 && rest is > 0 and <= NameLength;
    }

    /// <summary><c>dir/PaxHeaders.0/base</c>, cleaned as Go's path.Join does.</summary>
    private static string PaxName(string name)
    {
        var slash = name.LastIndexOf('/') + 1;
        var parts = new List<string>();
        foreach (var part in $"{name[..slash]}PaxHeaders.0/{name[slash..]}".Split('/'))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or ".") && !(part == ".." && name[0] == '/'))
            {
                parts.Add(part);
            }
        }

        return (name[0] == '/' ? "/" : "") + string.Join('/', parts);
    }

    /// <summary>
    /// Copies what fits. When a text is cut after a slash, the slash is cut as well, because old readers would
    /// interpret the file as a directory.
    /// </summary>
    private static void CutTo(Span<byte> field, string text)
    {
        if (text.Length > field.Length && text[field.Length - 1] == '/')
        {
            text = text[..field.Length].TrimEnd('/');
        }

        Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }

    private static bool Ascii(ReadOnlySpan<byte> name) => System.Text.Ascii.IsValid(name);

    private static string Ascii(string units) =>
        System.Text.Ascii.IsValid(units) ? units : string.Concat(units.Where(char.IsAscii));

    private static bool IsUtf8(ReadOnlySpan<byte> name) => System.Text.Unicode.Utf8.IsValid(name);

    private static byte TypeOf(TarEntryKind kind) =>
        kind switch
        {
            TarEntryKind.File => (byte)'0',
            TarEntryKind.HardLink => (byte)'1',
            TarEntryKind.SymbolicLink => (byte)'2',
            TarEntryKind.CharacterDevice => (byte)'3',
            TarEntryKind.BlockDevice => (byte)'4',
            TarEntryKind.Directory => (byte)'5',
            TarEntryKind.Fifo => (byte)'6',
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
}
