using System.Buffers.Binary;
using System.IO.Hashing;

namespace ImageTarTasks.Core.IO.Compression.Xz;

/// <summary>
/// Decodes xz, format 1.2.1: several streams in a row with padding in multiples of four. The CRCs of headers, index and
/// footer, the check of every block, and the sizes in the index are verified.
/// </summary>
internal sealed class XzDecoder(CompressedInput input) : FormatDecoder
{
    private static ReadOnlySpan<byte> HeaderMagic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00];

    private static ReadOnlySpan<byte> FooterMagic => "YZ"u8;

    private readonly byte[] _flags = new byte[2];
    private XzIndexHash _blocks = new();
    private XzBlockDecoder? _block;
    private bool _inStream;
    private bool _firstSeen;

    public override int Read(Span<byte> into)
    {
        while (_inStream || NextStream())
        {
            if (_block is null && !NextBlock())
            {
                ReadIndexAndFooter();
                _inStream = false;
                continue;
            }

            var read = _block!.Read(into);
            if (read > 0)
            {
                return read;
            }

            _blocks.Add(_block.UnpaddedSize, _block.PlainSize);
            _block.Dispose();
            _block = null;
        }

        return 0;
    }

    public override void Dispose() => _block?.Dispose();

    private bool NextStream()
    {
        if (_firstSeen && !SkipPadding())
        {
            return false;
        }

        _firstSeen = true;
        Span<byte> header = stackalloc byte[12];
        input.TakeExactly(header);
        if (!header.StartsWith(HeaderMagic))
        {
            throw input.TrailingBytes();
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != Crc32.HashToUInt32(header[6..8]))
        {
            throw input.CheckFailed("the CRC of the stream header");
        }

        header[6..8].CopyTo(_flags);
        if (_flags[0] != 0 || (_flags[1] & 0xf0) != 0)
        {
            throw input.Unsupported("unknown stream flags");
        }

        _blocks = new XzIndexHash();
        return _inStream = true;
    }

    /// <summary>Skips stream padding; false at the end of the input.</summary>
    private bool SkipPadding()
    {
        long zeros = 0;
        for (var rest = input.Available; !rest.IsEmpty; rest = input.Available)
        {
            var length = rest.IndexOfAnyExcept((byte)0);
            input.Take(length < 0 ? rest.Length : length);
            zeros += length < 0 ? rest.Length : length;
            if (length >= 0)
            {
                break;
            }
        }

        if (zeros % 4 != 0)
        {
            throw input.Damaged("stream padding is not a multiple of four bytes");
        }

        var next = input.Peek(HeaderMagic.Length);
        if (!next.StartsWith(HeaderMagic[..Math.Min(next.Length, HeaderMagic.Length)]))
        {
            throw input.TrailingBytes();
        }

        return !next.IsEmpty;
    }

    /// <summary>Reads a block's header; false when the index follows instead.</summary>
    private bool NextBlock()
    {
        var next = input.Available;
        if (next.IsEmpty)
        {
            throw input.Truncated();
        }

        if (next[0] == 0)
        {
            return false;
        }

        _block = new XzBlockDecoder(input, XzCheck.Create(_flags[1], input));
        return true;
    }

    private void ReadIndexAndFooter()
    {
        var indexSize = _blocks.CheckIndex(input);

        Span<byte> footer = stackalloc byte[12];
        input.TakeExactly(footer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer) != Crc32.HashToUInt32(footer[4..10]))
        {
            throw input.CheckFailed("the CRC of the stream footer");
        }

        if (
            !footer[10..].SequenceEqual(FooterMagic)
            || !footer[8..10].SequenceEqual(_flags)
            || (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4 != indexSize
        )
        {
            throw input.Damaged("the stream footer does not match the stream");
        }
    }
}
