using System.Buffers.Binary;
using System.IO.Hashing;

namespace ImageTarTasks.Core.IO.Compression.Xz;

/// <summary>
/// Compares the sizes of the blocks with those in the index without keeping either, as liblzma does: both lists are
/// hashed, and their counts and sums are kept. So a stream of a million blocks needs no memory.
/// </summary>
internal sealed class XzIndexHash
{
    private readonly XxHash128 _seen = new();
    private ulong _count;

    /// <summary>Notes a block as it was read.</summary>
    public void Add(ulong unpaddedSize, ulong plainSize)
    {
        Append(_seen, unpaddedSize, plainSize);
        _count++;
    }

    /// <summary>Reads the index and compares it; its length in bytes is returned.</summary>
    public long CheckIndex(CompressedInput input)
    {
        var start = input.Position;
        var crc = new Crc32();
        crc.Append([input.TakeByte()]);
        if (XzNumbers.Take(input, crc) != _count)
        {
            throw input.Damaged("the index lists another number of blocks");
        }

        var listed = new XxHash128();
        for (var left = _count; left > 0; left--)
        {
            Append(listed, XzNumbers.Take(input, crc), XzNumbers.Take(input, crc));
        }

        if (listed.GetCurrentHashAsUInt128() != _seen.GetCurrentHashAsUInt128())
        {
            throw input.Damaged("the index lists other sizes than the blocks have");
        }

        while ((input.Position - start) % 4 != 0)
        {
            XzNumbers.TakeZero(input, crc);
        }

        Span<byte> stated = stackalloc byte[4];
        input.TakeExactly(stated);
        return BinaryPrimitives.ReadUInt32LittleEndian(stated) == crc.GetCurrentHashAsUInt32()
            ? input.Position - start
            : throw input.CheckFailed("the CRC of the index");
    }

    private static void Append(XxHash128 hash, ulong unpaddedSize, ulong plainSize)
    {
        Span<byte> record = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(record, unpaddedSize);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], plainSize);
        hash.Append(record);
    }
}

/// <summary>
/// xz's numbers of variable length: seven bits a byte, least first, at most nine bytes, no needless ones (format 1.2).
/// </summary>
internal static class XzNumbers
{
    private const int MaxBytes = 9;

    /// <summary>Takes one from the input and adds its bytes to <paramref name="crc"/>.</summary>
    public static ulong Take(CompressedInput input, Crc32 crc)
    {
        var value = 0UL;
        for (var i = 0; i < MaxBytes; i++)
        {
            var next = input.TakeByte();
            crc.Append([next]);
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                return next != 0 || i == 0 ? value : throw input.Damaged("a number is longer than it needs to be");
            }
        }

        throw input.Damaged("a number is too long");
    }

    /// <summary>Takes one from the front of <paramref name="header"/>.</summary>
    public static ulong Take(ref ReadOnlySpan<byte> header, CompressedInput input)
    {
        var value = 0UL;
        for (var i = 0; i < MaxBytes && i < header.Length; i++)
        {
            value |= (ulong)(header[i] & 0x7f) << (7 * i);
            if (header[i] < 0x80)
            {
                var minimal = header[i] != 0 || i == 0;
                header = header[(i + 1)..];
                return minimal ? value : throw input.Damaged("a number is longer than it needs to be");
            }
        }

        throw input.Damaged("a number in a block header is too long");
    }

    /// <summary>Takes a byte of padding.</summary>
    public static void TakeZero(CompressedInput input, Crc32? crc = null)
    {
        if (input.TakeByte() != 0)
        {
            throw input.Damaged("padding is not zero");
        }

        crc?.Append([0]);
    }
}
