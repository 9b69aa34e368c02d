using System.Buffers.Binary;
using System.IO.Hashing;
using ImageTarTasks.Core.Values;
using SharpCompress.Common;
using SharpCompress.Compressors.LZMA;

namespace ImageTarTasks.Core.IO.Compression.Xz;

/// <summary>One block of an xz stream: header, LZMA2 data, padding, check (format 3).</summary>
internal sealed class XzBlockDecoder : IDisposable
{
    private const ulong Lzma2Filter = 0x21;

    private readonly CompressedInput _input;
    private readonly XzCheck _check;
    private readonly LzmaStream _lzma;
    private readonly byte[] _out = new byte[64 * 1024];
    private readonly long _start;
    private readonly long _dataStart;
    private readonly ulong? _statedCompressed;
    private readonly ulong? _statedPlain;

    public XzBlockDecoder(CompressedInput input, XzCheck check)
    {
        _input = input;
        _check = check;
        _start = input.Position;

        Span<byte> buffer = stackalloc byte[1024];
        var header = buffer[..((input.Available[0] + 1) * 4)];
        input.TakeExactly(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[^4..]) != Crc32.HashToUInt32(header[..^4]))
        {
            throw input.CheckFailed("the CRC of a block header");
        }

        ReadOnlySpan<byte> rest = header[2..^4];
        var flags = header[1];
        if ((flags & 0x3c) != 0)
        {
            throw input.Unsupported("unknown block flags");
        }

        _statedCompressed = (flags & 0x40) != 0 ? XzNumbers.Take(ref rest, input) : null;
        _statedPlain = (flags & 0x80) != 0 ? XzNumbers.Take(ref rest, input) : null;
        if ((flags & 0x03) != 0)
        {
            throw input.Unsupported("a filter other than LZMA2 (made with --x86, --delta or the like)");
        }

        var properties = TakeLzma2Properties(ref rest, input);
        if (rest.ContainsAnyExcept((byte)0))
        {
            throw input.Unsupported("unknown fields in a block header");
        }

        _dataStart = input.Position;
        _lzma = LzmaStream.Create(
            [properties],
            new MemberInputStream(input),
            inputSize: -1,
            outputSize: -1,
            presetDictionary: null,
            isLzma2: true,
            leaveOpen: true
        );
    }

    /// <summary>Bytes of header, data and check, without padding; known at the end.</summary>
    public ulong UnpaddedSize { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public ulong PlainSize { get; private set; }

    /// <summary>Plain bytes; 0 once the block was read to its end and its check compared.</summary>
    public int Read(Span<byte> into)
    {
        var read = Decode(Math.Min(_out.Length, into.Length));
        if (read == 0)
        {
            Finish();
            return 0;
        }

        var decoded = _out.AsSpan(0, read);
        decoded.CopyTo(into);
        _check.Append(decoded);
        PlainSize += (ulong)read;
        return read;
    }

    public void Dispose()
    {
        _lzma.Dispose();
        _check.Dispose();
    }

    private static byte TakeLzma2Properties(ref ReadOnlySpan<byte> rest, CompressedInput input)
    {
        if (XzNumbers.Take(ref rest, input) != Lzma2Filter)
        {
            throw input.Unsupported("a filter other than LZMA2");
        }

        if (XzNumbers.Take(ref rest, input) != 1 || rest.IsEmpty || rest[0] > 40)
        {
            throw input.Damaged("the properties of LZMA2 are invalid");
        }

        // The dictionary has (2 | bit 0) << (bits 1 to 5 + 11) bytes; the value 40 means 4 GiB - 1 (format 5.3.1).
        var properties = rest[0];
        rest = rest[1..];
        return (2L | (properties & 1L)) << ((properties >> 1) + 11) <= Limits.XzDictionaryBytes
            ? properties
            : throw input.Unsupported($"a dictionary larger than {Limits.XzDictionaryBytes >> 20} MiB");
    }

    private int Decode(int count)
    {
        try
        {
            return _lzma.Read(_out, 0, count);
        }
        catch (Exception failure)
            when (failure
                    is SharpCompressException
                        or InvalidDataException
                        or IndexOutOfRangeException
                        or ArgumentException
                        or NullReferenceException
            )
        {
            throw _input.Damaged("the LZMA2 data cannot be decoded", failure);
        }
    }

    private void Finish()
    {
        var dataSize = (ulong)(_input.Position - _dataStart);
        while ((_input.Position - _start) % 4 != 0)
        {
            XzNumbers.TakeZero(_input);
        }

        if ((_statedCompressed ?? dataSize) != dataSize || (_statedPlain ?? PlainSize) != PlainSize)
        {
            throw _input.Damaged("a block has other sizes than its header states");
        }

        UnpaddedSize = (ulong)(_dataStart - _start) + dataSize + (ulong)_check.Size;
        _check.Compare();
    }
}
