using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Indexing;

/// <summary>What is known of a layer after reading it once.</summary>
/// <param name="DiffId">The digest of the plain tar.</param>
/// <param name="PlainSize">Bytes of the plain tar.</param>
/// <param name="ContentSize">What Docker calls the layer's size: bytes of its files (each inode once) and of its symbolic links' targets.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Compression">What was around the tar.</param>
public sealed record LayerSummary(DiffId DiffId, long PlainSize, long ContentSize, long Entries, CompressionKind Compression);
