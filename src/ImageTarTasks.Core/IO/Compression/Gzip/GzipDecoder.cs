using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ImageTarTasks.Core.IO.Compression.Gzip;

/// <summary>
/// Decodes gzip, RFC 1952: several members in a row, each with its checksum and size verified, then nothing or zeros.
/// </summary>
internal sealed class GzipDecoder(CompressedInput input) : FormatDecoder
{
    private const int FlagHeaderCrc = 0x02;
    private const int FlagExtra = 0x04;
    private const int FlagName = 0x08;
    private const int FlagComment = 0x10;
    private const int FlagsKnown = 0x1f;

    private readonly Crc32 _crc = new();
    private readonly DeflateInput _deflated = new(input);
    private DeflateStream? _inflater;
    private uint _size;
    private bool _firstSeen;

    public override int Read(Span<byte> into)
    {
        while (_inflater is not null || NextMember())
        {
            var read = Inflate(into);
            if (read > 0)
            {
                _crc.Append(into[..read]);
                _size += (uint)read;
                return read;
            }

            EndMember();
        }

        return 0;
    }

    public override void Dispose() => _inflater?.Dispose();

    private int Inflate(Span<byte> into)
    {
        try
        {
            return _inflater!.Read(into);
        }
        catch (InvalidDataException failure)
        {
            throw input.Damaged("the deflate stream cannot be decoded", failure);
        }
    }

    /// <summary>Reads the next member's header; false at the end of the input.</summary>
    private bool NextMember()
    {
        if (_firstSeen)
        {
            var next = input.Peek(2);
            if (next.IsEmpty || next[0] == 0)
            {
                SkipPadding();
                return false;
            }

            if (next is not [0x1f, 0x8b, ..])
            {
                throw input.TrailingBytes();
            }
        }

        _firstSeen = true;
        ReadHeader();
        _crc.Reset();
        _size = 0;
        _deflated.Begin();
        _inflater = new DeflateStream(_deflated, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    private void ReadHeader()
    {
        _crc.Reset();
        Span<byte> header = stackalloc byte[10];
        input.TakeExactly(header);
        _crc.Append(header);
        int flags = header[3];
        if (header[2] != 8)
        {
            throw input.Unsupported("a compression method other than deflate");
        }

        if ((flags & ~FlagsKnown) != 0)
        {
            throw input.Damaged("reserved header flags are set");
        }

        Span<byte> two = stackalloc byte[2];
        if ((flags & FlagExtra) != 0)
        {
            input.TakeExactly(two);
            _crc.Append(two);
            for (var left = BinaryPrimitives.ReadUInt16LittleEndian(two); left > 0; left--)
            {
                TakeHeaderByte();
            }
        }

        for (var texts = ((flags & FlagName) != 0 ? 1 : 0) + ((flags & FlagComment) != 0 ? 1 : 0); texts > 0; texts--)
        {
            while (TakeHeaderByte() != 0) { }
        }

        if ((flags & FlagHeaderCrc) != 0)
        {
            var computed = (ushort)_crc.GetCurrentHashAsUInt32();
            input.TakeExactly(two);
            if (BinaryPrimitives.ReadUInt16LittleEndian(two) != computed)
            {
                throw input.CheckFailed("the header's CRC");
            }
        }
    }

    private byte TakeHeaderByte()
    {
        Span<byte> one = [input.TakeByte()];
        _crc.Append(one);
        return one[0];
    }

    private void EndMember()
    {
        _inflater!.Dispose();
        _inflater = null;
        if (!_deflated.EndsExactly)
        {
            throw input.TrailingBytes();
        }

        Span<byte> trailer = stackalloc byte[8];
        input.TakeExactly(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc.GetCurrentHashAsUInt32())
        {
            throw input.CheckFailed("the CRC-32 of the content");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _size)
        {
            throw input.CheckFailed("the size of the content (ISIZE)");
        }
    }

    private void SkipPadding()
    {
        for (var rest = input.Available; !rest.IsEmpty; rest = input.Available)
        {
            if (rest.ContainsAnyExcept((byte)0))
            {
                throw input.TrailingBytes();
            }

            input.Take(rest.Length);
        }
    }
}
