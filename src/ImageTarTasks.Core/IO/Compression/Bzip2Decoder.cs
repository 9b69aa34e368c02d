using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.BZip2;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// Decodes bzip2: several streams in a row (as pbzip2 and lbzip2 write them), with the checksums of blocks and streams
/// verified, and nothing after them.
/// </summary>
internal sealed class Bzip2Decoder(CompressedInput input) : FormatDecoder
{
    private static ReadOnlySpan<byte> BlockMagic => [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];

    private static ReadOnlySpan<byte> EndMagic => [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

    private readonly byte[] _out = new byte[64 * 1024];
    private readonly MemberInputStream _member = new(input);
    private BZip2InputStream? _stream;
    private bool _firstSeen;

    /// <summary>
    /// Whether the bytes after <c>BZh9</c> are the beginning of a block or the end of the stream, as far as there are
    /// bytes.
    /// </summary>
    public static bool BeginsBlock(ReadOnlySpan<byte> rest)
    {
        var known = Math.Min(rest.Length, BlockMagic.Length);
        return rest.StartsWith(BlockMagic[..known]) || rest.StartsWith(EndMagic[..known]);
    }

    public override int Read(Span<byte> into)
    {
        while (_stream is not null || NextStream())
        {
            try
            {
                var read = _stream!.Read(_out, 0, Math.Min(_out.Length, into.Length));
                if (read > 0)
                {
                    _out.AsSpan(0, read).CopyTo(into);
                    return read;
                }
            }
            catch (Exception failure) when (IsDamage(failure))
            {
                throw _member.Failure ?? input.Damaged("a block cannot be decoded or its CRC does not match", failure);
            }

            _stream.Dispose();
            _stream = null;
        }

        return 0;
    }

    public override void Dispose() => _stream?.Dispose();

    private bool NextStream()
    {
        while (BeginsStream())
        {
            _firstSeen = true;
            if (!TakeEmptyStream())
            {
                _stream = OpenStream();
                return true;
            }
        }

        return false;
    }

    /// <summary>False at the end of the input. The library would take an unknown head for an empty stream.</summary>
    private bool BeginsStream()
    {
        var head = input.Peek(StreamCompression.DetectLength);
        if (head.IsEmpty && _firstSeen)
        {
            return false;
        }

        return StreamCompression.Detect(head) == CompressionKind.Bzip2
            ? true
            : throw (
                head.Length < 4 && "BZh"u8.StartsWith(head[..Math.Min(3, head.Length)])
                    ? input.Truncated()
                    : input.TrailingBytes()
            );
    }

    /// <summary>
    /// Reads an empty stream without the library, which allocates megabytes of tables for each stream. A file may have
    /// very many empty streams.
    /// </summary>
    private bool TakeEmptyStream()
    {
        const int Magic = 4;
        const int Crc = 4;
        var size = Magic + EndMagic.Length + Crc;
        var next = input.Peek(size);
        if (
            next.Length < size
            || !next[Magic..].StartsWith(EndMagic)
            || next[(Magic + EndMagic.Length)..size].ContainsAnyExcept((byte)0)
        )
        {
            return false;
        }

        input.Take(size);
        return true;
    }

    private BZip2InputStream OpenStream()
    {
        try
        {
            return new BZip2InputStream(_member) { IsStreamOwner = false };
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            throw _member.Failure ?? input.Damaged("a block cannot be decoded", failure);
        }
    }

    /// <summary>
    /// Whether an exception of the library means damaged data: its own errors, and those of arrays it does not guard.
    /// </summary>
    private static bool IsDamage(Exception failure) =>
        failure is SharpZipBaseException or EndOfStreamException or IndexOutOfRangeException or NullReferenceException;
}
