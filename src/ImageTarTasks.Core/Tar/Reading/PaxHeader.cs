using System.Buffers.Text;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The records of one PAX extended header (POSIX.1-2001 pax, "pax Extended Header") that matter for a file. Of a
/// repeated key the last record wins. An empty value removes the key. Unknown keys are skipped after their form is
/// checked.
/// </summary>
internal sealed class PaxHeader
{
    private const string XattrPrefix = "SCHILY.xattr.";

    private readonly SortedDictionary<ByteString, ByteString> _xattrs = [];

    public ByteString? Path { get; private set; }

    public ByteString? LinkPath { get; private set; }

    public long? Size { get; private set; }

    public long? Uid { get; private set; }

    public long? Gid { get; private set; }

    public TarTime? ModificationTime { get; private set; }

    public long? DeviceMajor { get; private set; }

    public long? DeviceMinor { get; private set; }

    public IReadOnlyList<Xattr> Xattrs =>
        _xattrs.Count == 0 ? [] : [.. _xattrs.Select(pair => new Xattr(pair.Key, pair.Value))];

    /// <summary>The GNU.sparse.* records, or null when there are none.</summary>
    public PaxSparse? Sparse { get; private set; }

    /// <summary>Parses the records of a header before an entry.</summary>
    /// <exception cref="ImageTarException">ITT2004 to ITT2007, ITT2016, ITT2017.</exception>
    public static PaxHeader Parse(ReadOnlySpan<byte> records, ContentLocation location)
    {
        var header = new PaxHeader();
        while (!records.IsEmpty)
        {
            var (key, value) = NextRecord(ref records, location);
            header.Take(key, value, location);
        }

        return header;
    }

    /// <summary>
    /// Checks a global header. Go's reader, and therefore Docker and containerd, applies none of its records to
    /// entries; neither does this reader. Records that would move or rename entries in other readers are refused.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2006, ITT2015.</exception>
    public static void CheckGlobal(ReadOnlySpan<byte> records, ContentLocation location)
    {
        while (!records.IsEmpty)
        {
            var (key, _) = NextRecord(ref records, location);
            if (
                key.SequenceEqual("path"u8)
                || key.SequenceEqual("linkpath"u8)
                || key.SequenceEqual("size"u8)
                || key.StartsWith("GNU.sparse."u8)
            )
            {
                throw TarDiagnostics.PaxGlobalKey(Encoding.ASCII.GetString(key), location);
            }
        }
    }

    /// <summary>
    /// Whether readers differ when a later header follows this one: some use only the last header, others combine them.
    /// True when the two readings give another name, target or length.
    /// </summary>
    public bool DiffersWhenCombinedWith(PaxHeader later) =>
        (Path is not null && later.Path is null)
        || (LinkPath is not null && later.LinkPath is null)
        || (Size is not null && later.Size is null)
        || Sparse is not null;

    /// <summary>
    /// Reads one record, <c>LENGTH KEY=VALUE\n</c>, whose LENGTH includes itself. Each byte is read once.
    /// </summary>
    private static KeyValue NextRecord(ref ReadOnlySpan<byte> records, ContentLocation location)
    {
        var blank = records[..Math.Min(records.Length, 11)].IndexOf((byte)' ');
        if (
            blank <= 0
            || !Utf8Parser.TryParse(records[..blank], out int length, out var used)
            || used != blank
            || records[0] is < (byte)'0' or > (byte)'9'
        )
        {
            throw TarDiagnostics.PaxMalformed("a record does not begin with its length", location);
        }

        if (length > records.Length)
        {
            throw TarDiagnostics.PaxMalformed("a record is longer than the header", location);
        }

        if (length < blank + 4 || records[length - 1] != '\n')
        {
            throw TarDiagnostics.PaxMalformed("a record does not end with a newline where its length says", location);
        }

        var record = records[(blank + 1)..(length - 1)];
        records = records[length..];
        var equals = record.IndexOf((byte)'=');
        if (equals <= 0 || record[..equals].Contains((byte)0))
        {
            throw TarDiagnostics.PaxMalformed("a record has no key", location);
        }

        return new KeyValue(record[..equals], record[(equals + 1)..]);
    }

    private void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ContentLocation location)
    {
        if (key.SequenceEqual("path"u8))
        {
            Path = Name("path", value, location);
        }
        else if (key.SequenceEqual("linkpath"u8))
        {
            LinkPath = Name("linkpath", value, location);
        }
        else if (key.SequenceEqual("size"u8))
        {
            Size = value.IsEmpty ? throw Empty("size", location) : Number("size", value, location);
        }
        else if (key.SequenceEqual("uid"u8))
        {
            Uid = value.IsEmpty ? null : Number("uid", value, location);
        }
        else if (key.SequenceEqual("gid"u8))
        {
            Gid = value.IsEmpty ? null : Number("gid", value, location);
        }
        else if (key.SequenceEqual("mtime"u8))
        {
            ModificationTime = value.IsEmpty ? null : Time(value, location);
        }
        else if (key.SequenceEqual("SCHILY.devmajor"u8))
        {
            DeviceMajor = value.IsEmpty ? null : Number("SCHILY.devmajor", value, location);
        }
        else if (key.SequenceEqual("SCHILY.devminor"u8))
        {
            DeviceMinor = value.IsEmpty ? null : Number("SCHILY.devminor", value, location);
        }
        else if (key.StartsWith("SCHILY.xattr."u8))
        {
            TakeXattr(key[XattrPrefix.Length..], value, location);
        }
        else if (key.StartsWith("GNU.sparse."u8))
        {
            (Sparse ??= new PaxSparse()).Take(key["GNU.sparse.".Length..], value, location);
        }
    }

    /// <summary>
    /// Takes an extended attribute. An attribute may have an empty value, so here an empty value does not remove the
    /// key.
    /// </summary>
    private void TakeXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ContentLocation location)
    {
        var key = ByteString.FromBytes(name);
        if (name.IsEmpty || name.Length > Limits.ComponentBytes)
        {
            throw TarDiagnostics.TarXattr(
                key,
                $"has a name of {name.Length} bytes; 1 to {Limits.ComponentBytes} are possible",
                location
            );
        }

        if (value.Length > Limits.XattrBytes)
        {
            throw TarDiagnostics.TarXattr(
                key,
                $"has a value of {value.Length} bytes; {Limits.XattrBytes} are possible",
                location
            );
        }

        _xattrs[key] = ByteString.FromBytes(value);
    }

    internal static ByteString Name(string key, ReadOnlySpan<byte> value, ContentLocation location)
    {
        if (value.Contains((byte)0))
        {
            throw TarDiagnostics.PaxValue(key, "has a NUL byte, at which some readers would cut it", location);
        }

        return value.IsEmpty ? throw Empty(key, location) : ByteString.FromBytes(value);
    }

    /// <summary>
    /// For the keys that decide which file this is, "taken back" is where readers differ, so it is refused.
    /// </summary>
    private static ImageTarException Empty(string key, ContentLocation location) =>
        TarDiagnostics.PaxValue(key, "is empty, which readers understand differently", location);

    internal static long Number(string key, ReadOnlySpan<byte> value, ContentLocation location) =>
        TryDecimal(value, out var number) ? number : throw TarDiagnostics.TarNumber(key, value, location);

    /// <summary>Parses decimal digits only: no sign, no blank, no other base.</summary>
    internal static bool TryDecimal(ReadOnlySpan<byte> value, out long number)
    {
        number = 0;
        return !value.IsEmpty
            && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(value, out number, out var used)
            && used == value.Length;
    }

    /// <summary><c>[-]SECONDS[.FRACTION]</c>; the fraction counts away from zero, and is cut to nanoseconds.</summary>
    private static TarTime Time(ReadOnlySpan<byte> value, ContentLocation location)
    {
        var negative = value[0] == '-';
        var magnitude = negative ? value[1..] : value;
        var dot = magnitude.IndexOf((byte)'.');
        var fraction = dot < 0 ? default : magnitude[(dot + 1)..];
        if (
            !TryDecimal(dot < 0 ? magnitude : magnitude[..dot], out var seconds)
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        )
        {
            throw TarDiagnostics.TarNumber("mtime", value, location);
        }

        var nanoseconds = 0;
        for (var i = 0; i < 9; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }

        return !negative ? new TarTime(seconds, nanoseconds)
            : nanoseconds == 0 ? new TarTime(-seconds)
            : new TarTime(-seconds - 1, 1_000_000_000 - nanoseconds);
    }

    private readonly ref struct KeyValue(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> _key = key;
        private readonly ReadOnlySpan<byte> _value = value;

        public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            key = _key;
            value = _value;
        }
    }
}
