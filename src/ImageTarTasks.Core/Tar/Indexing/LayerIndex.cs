using System.Security.Cryptography;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>
/// The headers of a layer's entries in the order of the tar, with the offset of each content. This suffices to plan
/// without reading the layer. The file format is private, with a version and a checksum. A damaged file, or one of
/// another version, is treated as missing.
/// </summary>
internal sealed class LayerIndex : IDisposable
{
    private readonly Stream _source;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _filled;
    private bool _enumerated;

    private LayerIndex(Stream source, LayerSummary summary)
    {
        _source = source;
        Summary = summary;
    }

    /// <summary>The summary of the whole layer.</summary>
    public LayerSummary Summary { get; }

    /// <summary>
    /// Reads the summary from the end of an index; null when the end is damaged or of another version. The stream must
    /// be seekable.
    /// </summary>
    public static LayerSummary? TryReadSummary(Stream source) =>
        ReadEnds(source, stackalloc byte[LayerIndexFormat.HashLength]);

    /// <summary>
    /// Opens an index; null when it is damaged or of another version. The stream must be seekable; the result owns it,
    /// or it is closed. The file is read once and checked before any of it is used.
    /// </summary>
    public static LayerIndex? TryOpen(Stream source)
    {
        var summary = Check(source);
        if (summary is null)
        {
            source.Dispose();
            return null;
        }

        source.Position = LayerIndexFormat.Magic.Length;
        return new LayerIndex(source, summary);
    }

    /// <summary>The entries, in order. They can be enumerated once.</summary>
    /// <exception cref="ImageTarException">ITT2021: the file changed after it was opened.</exception>
    public IEnumerable<TarEntry> ReadEntries()
    {
        if (_enumerated)
        {
            throw new InvalidOperationException("the entries were already read");
        }

        _enumerated = true;
        long lastEnd = 0;
        for (long i = 0; i < Summary.Entries; i++)
        {
            yield return ReadEntry(ref lastEnd);
        }

        if (NextByte() != LayerIndexFormat.End)
        {
            throw TarDiagnostics.LayerIndexChanged();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static LayerSummary? Check(Stream source)
    {
        Span<byte> records = stackalloc byte[LayerIndexFormat.HashLength];
        if (ReadEnds(source, records) is not { } summary)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        source.Position = 0;
        for (var left = source.Length - LayerIndexFormat.TrailerLength; left > 0; )
        {
            var got = source.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (got == 0)
            {
                return null;
            }

            hash.AppendData(buffer, 0, got);
            left -= got;
        }

        return records.SequenceEqual(hash.GetHashAndReset()) ? summary : null;
    }

    /// <summary>Reads the parts before and after the records.</summary>
    private static LayerSummary? ReadEnds(Stream source, Span<byte> records)
    {
        if (source.Length < LayerIndexFormat.Magic.Length + 1 + LayerIndexFormat.TrailerLength)
        {
            return null;
        }

        Span<byte> magic = stackalloc byte[LayerIndexFormat.Magic.Length];
        Span<byte> trailer = stackalloc byte[LayerIndexFormat.TrailerLength];
        source.Position = 0;
        source.ReadExactly(magic);
        source.Position = source.Length - trailer.Length;
        source.ReadExactly(trailer);
        return magic.SequenceEqual(LayerIndexFormat.Magic) ? LayerIndexFormat.ReadTrailer(trailer, records) : null;
    }

    private TarEntry ReadEntry(ref long lastEnd)
    {
        var first = NextByte();
        var kind = (TarEntryKind)(first & LayerIndexFormat.KindBits);
        if (kind > TarEntryKind.Fifo)
        {
            throw TarDiagnostics.LayerIndexChanged();
        }

        var name = NextText(Limits.NameBytes);
        var mode = (int)NextNumber();
        var uid = (long)NextNumber();
        var gid = (long)NextNumber();
        var time = new TarTime(NextSigned(), (int)NextNumber());
        var headerOffset = lastEnd + NextSigned();
        var dataOffset = headerOffset + NextSigned();
        var stored = kind == TarEntryKind.File ? (long)NextNumber() : 0;
        var link = kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink ? NextText(Limits.NameBytes) : default;
        var isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        var major = isDevice ? (uint)NextNumber() : 0;
        var minor = isDevice ? (uint)NextNumber() : 0;
        var xattrs = (first & LayerIndexFormat.HasXattrs) != 0 ? NextXattrs() : [];
        var size = stored;
        var runs = (first & LayerIndexFormat.IsSparse) != 0 ? NextRuns(out size) : null;
        lastEnd = TarReader.RoundUp(dataOffset + stored);
        return new TarEntry
        {
            Name = name,
            Kind = kind,
            Mode = mode,
            Uid = uid,
            Gid = gid,
            Size = size,
            ModificationTime = time,
            LinkName = link,
            DeviceMajor = major,
            DeviceMinor = minor,
            Xattrs = xattrs,
            HeaderOffset = headerOffset,
            DataOffset = dataOffset,
            StoredSize = stored,
            Sparse = runs,
        };
    }

    private List<Xattr> NextXattrs()
    {
        var xattrs = new List<Xattr>();
        for (var count = NextNumber(); count > 0; count--)
        {
            xattrs.Add(new Xattr(NextText(Limits.ComponentBytes), NextText(Limits.XattrBytes)));
        }

        return xattrs;
    }

    private List<SparseRun> NextRuns(out long size)
    {
        size = (long)NextNumber();
        var runs = new List<SparseRun>();
        long end = 0;
        for (var count = NextNumber(); count > 0; count--)
        {
            var offset = end + (long)NextNumber();
            var length = (long)NextNumber();
            runs.Add(new SparseRun(offset, length));
            end = offset + length;
        }

        return runs;
    }

    private ByteString NextText(int most)
    {
        var number = NextNumber();
        if (number > (ulong)most)
        {
            throw TarDiagnostics.LayerIndexChanged();
        }

        var length = (int)number;
        if (length <= _filled - _at)
        {
            var text = ByteString.FromBytes(_buffer.AsSpan(_at, length));
            _at += length;
            return text;
        }

        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = NextByte();
        }

        return ByteString.FromBytes(bytes);
    }

    private long NextSigned()
    {
        var number = NextNumber();
        return (long)(number >> 1) ^ -(long)(number & 1);
    }

    private ulong NextNumber()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = NextByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw TarDiagnostics.LayerIndexChanged();
    }

    private byte NextByte()
    {
        if (_at == _filled)
        {
            _filled = _source.Read(_buffer, 0, _buffer.Length);
            _at = 0;
            if (_filled == 0)
            {
                throw TarDiagnostics.LayerIndexChanged();
            }
        }

        return _buffer[_at++];
    }
}
