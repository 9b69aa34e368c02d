using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>The properties of a layer, known after reading it once.</summary>
/// <param name="DiffId">The digest of the plain tar.</param>
/// <param name="PlainSize">Bytes of the plain tar.</param>
/// <param name="ContentSize">
/// The size of the layer as Docker counts it: bytes of its files (each inode once) and of its symbolic links' targets.
/// </param>
/// <param name="Entries">The number of entries.</param>
/// <param name="Compression">The compression of the tar.</param>
public sealed record LayerSummary(
    DiffId DiffId,
    long PlainSize,
    long ContentSize,
    long Entries,
    CompressionKind Compression
);
