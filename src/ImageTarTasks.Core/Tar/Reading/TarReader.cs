using System.Diagnostics.CodeAnalysis;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// A forward-only, byte-exact, strict reader of tar streams: POSIX.1-1988 (ustar), POSIX.1-2001 (PAX), GNU and v7.
/// Names stay bytes. Header checksums, numbers, PAX records and the end of the archive are checked.
/// </summary>
/// <remarks>
/// A tar that common readers interpret differently is refused: content of entries that are not files, PAX sizes that
/// contradict the header, two long names for one entry, data after a single zero block. Names with <c>..</c> or a
/// leading slash are accepted here, because their meaning depends on what the tar is.
/// </remarks>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "The content stream holds nothing to dispose of."
)]
internal sealed class TarReader
{
    private readonly TarSource _source;
    private readonly ContentLocation _where;
    private readonly bool _emptyIsTar;
    private readonly TarExtensions _extensions;
    private TarContent? _content;
    private ByteString? _last;
    private long _next;
    private long _entries;
    private bool _ended;

    /// <summary>
    /// Reads <paramref name="source"/>, a plain tar, from its current position; it stays open. A seekable source is
    /// skipped by seeking.
    /// </summary>
    public TarReader(Stream source, ContentLocation location)
        : this(source, location, emptyIsTar: false) { }

    internal TarReader(Stream source, ContentLocation location, bool emptyIsTar)
    {
        _source = new TarSource(source);
        _where = location;
        _emptyIsTar = emptyIsTar;
        _extensions = new TarExtensions(_source);
    }

    /// <summary>Bytes consumed from the source so far.</summary>
    public long Position => _source.Position;

    /// <summary>
    /// The content of the last entry, sparse files expanded. It ends at its <see cref="TarEntry.Size"/>. <see
    /// cref="Next"/> skips what was not read.
    /// </summary>
    public Stream Content => _content ?? throw new InvalidOperationException("there is no entry");

    /// <summary>
    /// Opens the content of the last entry as an independent stream, which another thread may read while this reader
    /// moves on and the source stays open. Null when the source is not a file, or is too short, or the entry is sparse.
    /// </summary>
    internal Stream? OpenContentIndependently() => _content?.OpenIndependently();

    /// <summary>
    /// Whether the archive ended with zero blocks, as it should, rather than with its last entry. Without them only a
    /// checksum of the whole archive proves that nothing is missing. A caller that has no such checksum should refuse
    /// the archive.
    /// </summary>
    public bool HasEndMarker { get; private set; }

    /// <summary>
    /// The next entry, or null after the end-of-archive blocks (or a clean end of the stream between entries).
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx with member or entry and offset.</exception>
    public TarEntry? Next(CancellationToken cancellationToken = default)
    {
        _content?.Detach();
        _content = null;
        while (!_ended)
        {
            var first = _next == 0;
            var got = _source.ReadBlock(_next - _source.Position, out var block, cancellationToken);
            if (got < TarHeader.BlockSize || TarHeader.IsZero(block))
            {
                End(got, block, first, cancellationToken);
                break;
            }

            var offset = _source.Position - TarHeader.BlockSize;
            _next = _source.Position;
            var header = new TarHeader(block);
            if (!header.ChecksumFits)
            {
                throw first && !header.IsPosix && !header.IsGnu
                    ? TarDiagnostics.NotTar(FileSignatures.Describe(block), _where)
                    : TarDiagnostics.TarChecksum(
                        FileSignatures.DescribeDamage(block),
                        _where.In(header.Name).At(offset)
                    );
            }

            if (_extensions.TryTake(header, offset, _where, cancellationToken, out var after))
            {
                _next = after;
                continue;
            }

            if (++_entries > Limits.Entries)
            {
                throw TarDiagnostics.TarEntryCount(_where.At(offset));
            }

            if (Complete(header, offset, cancellationToken) is { } entry)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Whether a block can be the first of a tar: a header with a right checksum, or all zero.</summary>
    public static bool LooksLikeTar(ReadOnlySpan<byte> firstBlock) =>
        firstBlock.Length >= TarHeader.BlockSize
        && (
            TarHeader.IsZero(firstBlock[..TarHeader.BlockSize])
            || new TarHeader(firstBlock[..TarHeader.BlockSize]).ChecksumFits
        );

    /// <summary>Decides about a block that is missing, cut or zero.</summary>
    private void End(int got, ReadOnlySpan<byte> block, bool first, CancellationToken cancellationToken)
    {
        if (first && got < TarHeader.BlockSize)
        {
            if (got == 0 && _emptyIsTar)
            {
                _ended = true;
                return;
            }

            throw TarDiagnostics.NotTar(FileSignatures.Describe(block), _where);
        }

        if (got < 0)
        {
            throw TarDiagnostics.TarTruncated(
                "the content of an entry",
                (_last is { } name ? _where.In(name) : _where).At(_source.Position)
            );
        }

        if (got is > 0 and < TarHeader.BlockSize)
        {
            throw TarDiagnostics.TarTruncated("a header", _where.At(_source.Position));
        }

        if (_extensions.Pending)
        {
            throw TarDiagnostics.TarExtensionConflict("no entry follows them", _where.At(_source.Position));
        }

        _ended = true;
        if (got == 0)
        {
            return;
        }

        HasEndMarker = true;
        var second = _source.ReadBlock(0, out block, cancellationToken);
        if (second is > 0 and < TarHeader.BlockSize)
        {
            throw TarDiagnostics.TarTruncated("the zero blocks at its end", _where.At(_source.Position));
        }

        if (second == TarHeader.BlockSize && !TarHeader.IsZero(block))
        {
            throw TarDiagnostics.TarSingleZeroBlock(_where.At(_source.Position - TarHeader.BlockSize));
        }
    }

    /// <summary>Combines a header and its extensions into an entry; null when the entry is skipped.</summary>
    private TarEntry? Complete(TarHeader header, long offset, CancellationToken cancellationToken)
    {
        var start = _extensions.Offset ?? offset;
        var pax = _extensions.Pax;
        var sparse = pax?.Sparse;
        var name = sparse?.Name ?? _extensions.PathOf(_where.At(start)) ?? header.Name;
        var location = _where.In(name).At(offset);
        TarChecks.Name(name, location);
        if (TarChecks.KindOf(header.Type, name, location) is not { } kind)
        {
            TarChecks.NoData("volume label", TarNumbers.Size(header, pax, location, out _), location);
            _extensions.Clear();
            return null;
        }

        var stored = TarNumbers.Size(header, pax, location, out var isHidden);
        if (stored > long.MaxValue - TarHeader.BlockSize - _source.Position)
        {
            throw TarDiagnostics.TarNumberRange(
                "size",
                stored,
                0,
                long.MaxValue - TarHeader.BlockSize - _source.Position,
                location
            );
        }

        if (kind != TarEntryKind.File)
        {
            TarChecks.NoData(TarChecks.Word(kind), stored, location);
        }

        var isLink = kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink;
        var linkName = isLink ? _extensions.LinkPathOf(location) ?? ByteString.FromBytes(header.LinkName) : default;
        if (isLink)
        {
            TarChecks.LinkName(linkName, kind, location);
        }

        var isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        var entry = new TarEntry
        {
            Name = name,
            Kind = kind,
            Mode = TarNumbers.Mode(header, location),
            Uid = TarNumbers.Id("uid", header.UidField, pax?.Uid, location),
            Gid = TarNumbers.Id("gid", header.GidField, pax?.Gid, location),
            ModificationTime = TarNumbers.Time(header, pax, location),
            LinkName = linkName,
            DeviceMajor = isDevice
                ? TarNumbers.Device("devmajor", header.DeviceMajorField, pax?.DeviceMajor, location)
                : 0,
            DeviceMinor = isDevice
                ? TarNumbers.Device("devminor", header.DeviceMinorField, pax?.DeviceMinor, location)
                : 0,
            Xattrs = pax?.Xattrs ?? [],
            HeaderOffset = start,
            Size = stored,
            StoredSize = stored,
        };
        _last = name;
        if (
            isHidden
            && _source.PeekBlock() is { Length: TarHeader.BlockSize } inside
            && !TarHeader.IsZero(inside)
            && new TarHeader(inside).ChecksumFits
        )
        {
            throw TarDiagnostics.TarSizeConflict(stored, 0, location);
        }

        var isOldSparse = header.Type == 'S';
        if (isOldSparse || sparse is not null)
        {
            if (kind != TarEntryKind.File || (isOldSparse && (sparse is not null || !header.IsGnu)))
            {
                throw TarDiagnostics.TarSparse("the entry's type and its sparse records do not go together", location);
            }

            entry = isOldSparse
                ? ExpandOld(entry, header, location, cancellationToken)
                : ExpandPax(entry, sparse!, location, cancellationToken);
        }

        entry = entry with { DataOffset = _source.Position };
        _next = RoundUp(entry.DataOffset + entry.StoredSize);
        _content = new TarContent(_source, entry, location);
        _extensions.Clear();
        return entry;
    }

    /// <summary>
    /// Reads the map of the old GNU sparse format: four runs in the header, 21 in each block that follows it.
    /// </summary>
    private TarEntry ExpandOld(
        TarEntry entry,
        TarHeader header,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        var map = new SparseMap();
        map.AddOldDescriptors(header.SparseFields, location);
        var realSize = TarNumbers.InRange("realsize", header.SparseRealSizeField, 0, long.MaxValue, location);
        var more = header.SparseIsExtended;
        for (var used = TarHeader.BlockSize; more; used += TarHeader.BlockSize)
        {
            if (used > Limits.SparseMapBytes)
            {
                throw TarDiagnostics.TarSparse("it is too long", location);
            }

            if (_source.ReadBlock(0, out var block, cancellationToken) < TarHeader.BlockSize)
            {
                throw TarDiagnostics.TarTruncated("the map of a sparse file", location.At(_source.Position));
            }

            map.AddOldDescriptors(block[..504], location);
            more = block[504] != 0;
        }

        return entry with
        {
            Size = realSize,
            Sparse = map.Finish(realSize, entry.StoredSize, location),
        };
    }

    private TarEntry ExpandPax(
        TarEntry entry,
        PaxSparse sparse,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        var realSize = sparse.RealSize ?? throw TarDiagnostics.TarSparse("the file's size is missing", location);
        var start = _source.Position;
        var map = sparse.MapIsInContent
            ? SparseMap.ReadFromContent(_source, entry.StoredSize, location, cancellationToken)
            : sparse.ToMap(location);
        var stored = entry.StoredSize - (_source.Position - start);
        return entry with { Size = realSize, StoredSize = stored, Sparse = map.Finish(realSize, stored, location) };
    }

    internal static long RoundUp(long size) =>
        (size + TarHeader.BlockSize - 1) / TarHeader.BlockSize * TarHeader.BlockSize;
}
