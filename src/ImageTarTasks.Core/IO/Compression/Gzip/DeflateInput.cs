using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.IO.Compression.Gzip;

/// <summary>
/// Feeds one gzip member to a <see cref="System.IO.Compression.DeflateStream"/> in pieces, so that the exact end of the
/// deflate stream becomes known.
/// </summary>
/// <remarks>
/// The runtime's inflater is fast, but it reads ahead and does not report how much of the last piece it used (before
/// .NET 11). It requests more input only while the stream has not ended. So wherever a member could end, judged by the
/// bytes after its trailer, the byte before that place is fed alone. When the inflater has taken it and has ended, it
/// ended with this byte. An end elsewhere is followed by bytes that no gzip file may have, which is an error anyway.
/// Three things may follow the eight bytes of a trailer: the end of the source, the next member, or zeros up to the end
/// of the source. Therefore the last bytes of the source and the first places of a long run of zeros are fed one by
/// one, and so is the byte before each place that is followed, after a trailer, by the magic of gzip. In compressed
/// data that happens every 64 KiB by chance.
/// </remarks>
internal sealed class DeflateInput(CompressedInput input) : DecodingStream
{
    private const int TrailerSize = 8;

    /// <summary>The minimum length of a run of zeros. Shorter paddings lie within <see cref="Tail"/>.</summary>
    private const int RunSize = 16;

    /// <summary>
    /// A trailer of zeros (that of an empty member) after a deflate stream's last byte, also zero, is the deepest that
    /// an end lies in a run.
    /// </summary>
    private const int RunDepth = TrailerSize + 1;

    /// <summary>The number of bytes before the end of the source that are fed one by one.</summary>
    private const int Tail = 64;

    private readonly byte[] _zeros = new byte[RunSize];
    private int _zerosTaken;

    public override Values.CompressionKind Kind => Values.CompressionKind.None;

    /// <summary>Whether the last byte was fed alone. If the inflater has ended, it ended with that byte.</summary>
    public bool EndsExactly { get; private set; }

    /// <summary>Starts a member.</summary>
    public void Begin()
    {
        EndsExactly = false;
        _zerosTaken = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        var ahead = input.Peek(Tail + 1);
        if (ahead.IsEmpty)
        {
            throw input.Truncated();
        }

        ahead = ahead[..Math.Min(ahead.Length, buffer.Length + Tail)];
        var before = BytesBeforePossibleEnd(ahead);
        EndsExactly = before == 0;
        var given = ahead[..Math.Min(buffer.Length, Math.Max(before, 1))];
        given.CopyTo(buffer);
        var lastOther = given.LastIndexOfAnyExcept((byte)0);
        _zerosTaken =
            lastOther < 0
                ? Math.Min(_zerosTaken + given.Length, RunDepth + 1)
                : Math.Min(given.Length - 1 - lastOther, RunDepth + 1);
        input.Take(given.Length);
        return given.Length;
    }

    /// <summary>The number of bytes that can be fed at once without missing an end of the deflate stream.</summary>
    private int BytesBeforePossibleEnd(ReadOnlySpan<byte> ahead)
    {
        // No more than the tail is at hand only where the source has ended.
        var judged = ahead.Length - Tail;
        if (judged <= 0)
        {
            return 0;
        }

        // An end after byte i shows in the bytes at i + 1 + TrailerSize.
        var followers = ahead[(1 + TrailerSize)..];
        var magic = followers.IndexOf<byte>([0x1f, 0x8b]);
        var zeros = FirstOfRun(ahead);
        return Math.Min(judged, Math.Min(magic < 0 ? int.MaxValue : magic, zeros));
    }

    /// <summary>The same for a trailer that is followed by a run of zeros.</summary>
    private int FirstOfRun(ReadOnlySpan<byte> ahead)
    {
        var at = 1 + TrailerSize;
        while (ahead[at..].IndexOf(_zeros) is var found && found >= 0)
        {
            at += found;
            var nonZero = ahead[..at].LastIndexOfAnyExcept((byte)0);
            if (nonZero < 0 ? at + _zerosTaken <= RunDepth : at - 1 - nonZero <= RunDepth)
            {
                return at - (1 + TrailerSize);
            }

            var end = ahead[at..].IndexOfAnyExcept((byte)0);
            if (end < 0)
            {
                break;
            }

            at += end;
        }

        return int.MaxValue;
    }
}
