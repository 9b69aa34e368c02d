using System.Buffers.Binary;
using System.Numerics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Headers;

/// <summary>
/// A view of one 512-byte header block; POSIX.1-1988 "ustar Interchange Format", with the layouts of GNU and star where
/// they differ. Nothing here knows about the entries around it.
/// </summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int BlockSize = 512;

    private readonly ReadOnlySpan<byte> _block = block;

    public byte Type => _block[156];

    public bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    public bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    /// <summary>
    /// Whether the header is star's variant of ustar, which keeps times where others keep the end of the prefix.
    /// </summary>
    private bool IsStar => IsPosix && _block.Slice(508, 4).SequenceEqual("tar\0"u8);

    public ReadOnlySpan<byte> LinkName => Text(_block.Slice(157, 100));

    public ReadOnlySpan<byte> SizeField => _block.Slice(124, 12);

    public ReadOnlySpan<byte> ModeField => _block.Slice(100, 8);

    public ReadOnlySpan<byte> UidField => _block.Slice(108, 8);

    public ReadOnlySpan<byte> GidField => _block.Slice(116, 8);

    public ReadOnlySpan<byte> TimeField => _block.Slice(136, 12);

    public ReadOnlySpan<byte> DeviceMajorField => _block.Slice(329, 8);

    public ReadOnlySpan<byte> DeviceMinorField => _block.Slice(337, 8);

    /// <summary>The four descriptors of an old GNU sparse header.</summary>
    public ReadOnlySpan<byte> SparseFields => _block.Slice(386, 96);

    public bool SparseIsExtended => _block[482] != 0;

    public ReadOnlySpan<byte> SparseRealSizeField => _block.Slice(483, 12);

    /// <summary>The name, a ustar prefix included.</summary>
    public ByteString Name
    {
        get
        {
            var name = Text(_block[..100]);
            var prefix = IsPosix ? Text(_block.Slice(345, IsStar ? 131 : 155)) : default;
            if (prefix.IsEmpty)
            {
                return ByteString.FromBytes(name);
            }

            Span<byte> joined = stackalloc byte[prefix.Length + 1 + name.Length];
            prefix.CopyTo(joined);
            joined[prefix.Length] = (byte)'/';
            name.CopyTo(joined[(prefix.Length + 1)..]);
            return ByteString.FromBytes(joined);
        }
    }

    public static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <summary>
    /// Whether the checksum is right: the sum of all bytes, with the checksum field as blanks (POSIX.1-1988 ustar). Old
    /// tars of SunOS and HP-UX summed signed characters, so both sums are accepted.
    /// </summary>
    public bool ChecksumFits
    {
        get
        {
            var sum = _block.Slice(148, 8);
            if (!sum.ContainsAnyExcept(" \0"u8) || !TryParseNumber(sum, out var stated))
            {
                return false;
            }

            // The checksum field itself is summed as blanks.
            var unsigned = Sum(_block) - Sum(sum) + (8 * ' ');
            if (stated == unsigned)
            {
                return true;
            }

            long signed = 8 * ' ';
            foreach (var unit in _block)
            {
                signed += (sbyte)unit;
            }

            foreach (var unit in sum)
            {
                signed -= (sbyte)unit;
            }

            return stated == signed;
        }
    }

    /// <summary>The sum of the bytes of a block or a part of it.</summary>
    internal static int Sum(ReadOnlySpan<byte> bytes)
    {
        // The sum of 512 bytes fits into each element of these vectors.
        var sums = Vector<ushort>.Zero;
        while (bytes.Length >= Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(bytes), out var lower, out var upper);
            sums += lower + upper;
            bytes = bytes[Vector<byte>.Count..];
        }

        Vector.Widen(sums, out var low, out var high);
        var sum = (int)Vector.Sum(low + high);
        foreach (var unit in bytes)
        {
            sum += unit;
        }

        return sum;
    }

    /// <summary>
    /// Parses a numeric field: octal digits after blanks or NULs and ended by a blank, a NUL or the field's end; or
    /// GNU's base-256, two's complement, marked by the first bit. An empty field is 0. False when it is neither, or
    /// does not fit 63 bits.
    /// </summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if ((field[0] & 0x80) != 0)
        {
            return TryParseBase256(field, out value);
        }

        var text = field.TrimStart(" \0"u8);
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'7');
        if (digits >= 0)
        {
            var rest = text[digits..];
            var end = rest.IndexOf((byte)0);
            if ((end < 0 ? rest : rest[..end]).ContainsAnyExcept((byte)' '))
            {
                return false;
            }

            text = text[..digits];
        }

        foreach (var digit in text)
        {
            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }

    private static bool TryParseBase256(ReadOnlySpan<byte> field, out long value)
    {
        // Bit 6 of the first byte is the sign; bit 7 only marks the form.
        var negative = (field[0] & 0x40) != 0;
        var fill = negative ? (byte)0xff : (byte)0;
        Span<byte> number = stackalloc byte[8];
        number.Fill(fill);
        var head = field[..^8];
        var fits = true;
        if (head.IsEmpty)
        {
            field.CopyTo(number);
            number[0] = (byte)((field[0] & 0x7f) | (negative ? 0x80 : 0));
        }
        else
        {
            fits = ((head[0] & 0x7f) | (negative ? 0x80 : 0)) == fill && !head[1..].ContainsAnyExcept(fill);
            field[^8..].CopyTo(number);
        }

        value = BinaryPrimitives.ReadInt64BigEndian(number);
        return fits && value < 0 == negative;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
