namespace ImageTarTasks.Core.Values;

/// <summary>
/// The compressions found around archives and layers; always recognised by content, never by name or media type.
/// </summary>
public enum CompressionKind
{
    /// <summary>None: the bytes are the content.</summary>
    None,

    /// <summary>gzip, RFC 1952; one or more members, zero padding after them.</summary>
    Gzip,

    /// <summary>bzip2; one or more streams.</summary>
    Bzip2,

    /// <summary>xz; one or more streams, stream padding.</summary>
    Xz,

    /// <summary>Zstandard, RFC 8878; one or more frames, skippable frames anywhere.</summary>
    Zstd,
}
