using System.Runtime.InteropServices;

namespace ImageTarTasks.Core.IO.Compression.Xz;

/// <summary>
/// The CRC-64 of xz (ECMA-182's polynomial, bits reflected, inverted before and after). System.IO.Hashing has only the
/// other bit order.
/// </summary>
internal sealed class Crc64
{
    private const ulong ReflectedPolynomial = 0xC96C5795D7870F42;
    private const int Slices = 8;

    private static readonly ulong[] Tables = MakeTables();

    private ulong _state = ulong.MaxValue;

    /// <summary>The CRC of all bytes so far.</summary>
    public ulong Value => ~_state;

    /// <summary>Adds bytes, eight at a time where they go round.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        var state = _state;
        var tables = Tables;
        if (BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(content);
            foreach (var word in words)
            {
                state ^= word;
                state =
                    tables[(7 * 256) + (byte)state]
                    ^ tables[(6 * 256) + (byte)(state >> 8)]
                    ^ tables[(5 * 256) + (byte)(state >> 16)]
                    ^ tables[(4 * 256) + (byte)(state >> 24)]
                    ^ tables[(3 * 256) + (byte)(state >> 32)]
                    ^ tables[(2 * 256) + (byte)(state >> 40)]
                    ^ tables[256 + (byte)(state >> 48)]
                    ^ tables[(int)(state >> 56)];
            }

            content = content[(words.Length * sizeof(ulong))..];
        }

        foreach (var next in content)
        {
            state = tables[(byte)(state ^ next)] ^ (state >> 8);
        }

        _state = state;
    }

    private static ulong[] MakeTables()
    {
        var tables = new ulong[Slices * 256];
        for (var i = 0; i < 256; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) != 0 ? ReflectedPolynomial : 0);
            }

            tables[i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        }

        return tables;
    }
}
