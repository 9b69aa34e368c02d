using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The headers before an entry that say more about it: PAX <c>x</c>, GNU long name <c>L</c> and long link <c>K</c>; and
/// PAX <c>g</c>.
/// </summary>
internal sealed class TarExtensions(TarSource source)
{
    private readonly ArrayBufferWriter<byte> _content = new();
    private ByteString? _longName;
    private ByteString? _longLink;

    /// <summary>The last PAX header before the entry.</summary>
    public PaxHeader? Pax { get; private set; }

    /// <summary>Where the first of them begins.</summary>
    public long? Offset { get; private set; }

    /// <summary>Whether an entry must follow.</summary>
    public bool Pending => Offset is not null;

    /// <summary>
    /// Reads the extension that <paramref name="header"/> begins and returns the position of the next header; false
    /// when the header is not an extension.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2003 to ITT2009, ITT2015 to ITT2017.</exception>
    public bool TryTake(
        TarHeader header,
        long offset,
        ContentLocation location,
        CancellationToken cancellationToken,
        out long after
    )
    {
        var type = header.Type;
        after = 0;
        if (type is not ((byte)'x' or (byte)'g' or (byte)'L' or (byte)'K'))
        {
            return false;
        }

        var archive = location;
        location = location.In(header.Name).At(offset);
        var size = TarNumbers.InRange("size", header.SizeField, 0, long.MaxValue, location);
        if (size > Limits.PaxBytes)
        {
            throw TarDiagnostics.TarExtensionTooLong(size, location);
        }

        Read((int)TarReader.RoundUp(size), location, cancellationToken);
        var content = _content.WrittenSpan[..(int)size];
        after = source.Position;
        if (type == 'g')
        {
            if (Pending)
            {
                throw TarDiagnostics.TarExtensionConflict(
                    "a global one stands between those of an entry and the entry",
                    location
                );
            }

            PaxHeader.CheckGlobal(content, location);
            return true;
        }

        Offset ??= offset;
        switch (type)
        {
            case (byte)'x':
                location = NextEntry(archive, offset) ?? location;
                TakePax(PaxHeader.Parse(content, location), location);
                break;
            case (byte)'L':
                _longName = _longName is null
                    ? LongName(content)
                    : throw TarDiagnostics.TarExtensionConflict("two long names for one entry", location);
                break;
            default:
                _longLink = _longLink is null
                    ? LongName(content)
                    : throw TarDiagnostics.TarExtensionConflict("two long link targets for one entry", location);
                break;
        }

        return true;
    }

    /// <summary>The name stated before the entry, or null.</summary>
    /// <exception cref="ImageTarException">
    /// ITT2008: PAX and GNU names differ; which one counts differs between readers.
    /// </exception>
    public ByteString? PathOf(ContentLocation location) => Agreed(Pax?.Path, _longName, "names", location);

    /// <summary>The link target stated before the entry, or null.</summary>
    /// <exception cref="ImageTarException">ITT2008: PAX and GNU targets differ.</exception>
    public ByteString? LinkPathOf(ContentLocation location) =>
        Agreed(Pax?.LinkPath, _longLink, "link targets", location);

    /// <summary>Forgets everything: the entry has been made.</summary>
    public void Clear()
    {
        Pax = null;
        Offset = null;
        _longName = null;
        _longLink = null;
    }

    /// <summary>
    /// The entry that follows a PAX header directly. Messages name this entry, because the header's own name is
    /// artificial.
    /// </summary>
    private ContentLocation? NextEntry(ContentLocation archive, long offset)
    {
        var block = source.PeekBlock();
        return
            block.Length == TarHeader.BlockSize
            && !TarHeader.IsZero(block)
            && new TarHeader(block)
                is { ChecksumFits: true, Type: not ((byte)'x' or (byte)'g' or (byte)'L' or (byte)'K') } next
            ? archive.In(next.Name).At(offset)
            : null;
    }

    /// <summary>
    /// Of several PAX headers in a row, GNU tar, bsdtar and Go use the last one, and other readers combine them. A
    /// header for which this changes the entry is refused.
    /// </summary>
    private void TakePax(PaxHeader later, ContentLocation location)
    {
        if (Pax?.DiffersWhenCombinedWith(later) == true)
        {
            throw TarDiagnostics.TarExtensionConflict(
                "two PAX headers for one entry say different things about it",
                location
            );
        }

        Pax = later;
    }

    /// <summary>
    /// A GNU long name is a C string in an entry of its own. It ends at the first NUL for every reader.
    /// </summary>
    private static ByteString LongName(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)0);
        return ByteString.FromBytes(end < 0 ? text : text[..end]);
    }

    private static ByteString? Agreed(ByteString? pax, ByteString? gnu, string what, ContentLocation location) =>
        pax is { } one && gnu is { } other && one != other
            ? throw TarDiagnostics.TarExtensionConflict(
                $"PAX and GNU headers state different {what} for one entry",
                location
            )
            : pax ?? gnu;

    private void Read(int size, ContentLocation location, CancellationToken cancellationToken)
    {
        _content.ResetWrittenCount();
        while (_content.WrittenCount < size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var span = _content.GetSpan(4096);
            var got = source.Read(span[..Math.Min(span.Length, size - _content.WrittenCount)]);
            if (got == 0)
            {
                throw TarDiagnostics.TarTruncated("an extension header", location.At(source.Position));
            }

            _content.Advance(got);
        }
    }
}
