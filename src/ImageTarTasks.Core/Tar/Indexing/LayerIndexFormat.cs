using System.Buffers.Binary;
using System.Security.Cryptography;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>
/// The file format of layer indexes: magic, one record for each entry, an end mark, then a trailer of fixed length with
/// the sha256 of everything before, the summary, and the sha256 of these two. The summary can therefore be verified
/// without reading the records. Numbers in records are LEB128 (signed ones zigzag). Offsets are relative to the end of
/// the previous entry.
/// </summary>
internal static class LayerIndexFormat
{
    /// <summary>The byte that follows the last record.</summary>
    public const byte End = 0xff;

    /// <summary>A flag in the first byte of a record, which also holds the kind.</summary>
    public const byte HasXattrs = 0x10;

    /// <summary>The entry has a sparse map.</summary>
    public const byte IsSparse = 0x20;

    /// <summary>The bits of a record's first byte that are the kind.</summary>
    public const byte KindBits = 0x0f;

    public const int HashLength = 32;

    /// <summary>Bytes of the summary: DiffID with its length, three sizes, compression.</summary>
    public const int SummaryLength = 1 + 64 + (3 * 8) + 1;

    /// <summary>Bytes behind the end mark.</summary>
    public const int TrailerLength = HashLength + SummaryLength + HashLength;

    /// <summary>The last byte of the name is the version.</summary>
    public static ReadOnlySpan<byte> Magic => "ITTINDX\u0002"u8;

    /// <summary>Writes the trailer of an index.</summary>
    /// <param name="target">Of <see cref="TrailerLength"/> bytes.</param>
    /// <param name="records">The hash of everything before the trailer.</param>
    /// <param name="summary">The summary.</param>
    public static void WriteTrailer(Span<byte> target, ReadOnlySpan<byte> records, LayerSummary summary)
    {
        records.CopyTo(target);
        WriteSummary(target[HashLength..], summary);
        SHA256.HashData(target[..^HashLength], target[^HashLength..]);
    }

    /// <summary>Reads a trailer and the hash of the bytes before it; null when the trailer is damaged.</summary>
    public static LayerSummary? ReadTrailer(ReadOnlySpan<byte> trailer, Span<byte> records)
    {
        trailer[..HashLength].CopyTo(records);
        return SHA256.HashData(trailer[..^HashLength]).AsSpan().SequenceEqual(trailer[^HashLength..])
            ? ReadSummary(trailer[HashLength..])
            : null;
    }

    private static void WriteSummary(Span<byte> target, LayerSummary summary)
    {
        target[..SummaryLength].Clear();
        var hash = Convert.FromHexString(summary.DiffId.Digest.Hex);
        target[0] = (byte)hash.Length;
        hash.CopyTo(target[1..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[65..], summary.PlainSize);
        BinaryPrimitives.WriteInt64LittleEndian(target[73..], summary.ContentSize);
        BinaryPrimitives.WriteInt64LittleEndian(target[81..], summary.Entries);
        target[89] = (byte)summary.Compression;
    }

    private static LayerSummary ReadSummary(ReadOnlySpan<byte> source) =>
        new(
            new DiffId(Digest.FromHash(source.Slice(1, source[0] == 64 ? 64 : 32))),
            BinaryPrimitives.ReadInt64LittleEndian(source[65..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[73..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[81..]),
            (CompressionKind)source[89]
        );
}
