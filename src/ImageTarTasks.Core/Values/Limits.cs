namespace ImageTarTasks.Core.Values;

/// <summary>
/// Every bound on untrusted input, in one place. A number found in an input is never used to allocate.
/// </summary>
public static class Limits
{
    /// <summary>Bytes of a manifest, index, configuration, index.json or manifest.json.</summary>
    public const int JsonBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of all documents of one archive that are kept in memory.</summary>
    public const int DocumentBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of layer indexes a verification keeps in memory.</summary>
    public const int IndexBytes = 96 * 1024 * 1024;

    /// <summary>Nesting of JSON.</summary>
    public const int JsonDepth = 64;

    /// <summary>Bytes of an entry's name in a tar.</summary>
    public const int NameBytes = 4096;

    /// <summary>Bytes of one component of a name.</summary>
    public const int ComponentBytes = 255;

    /// <summary>Bytes of a symbolic link's target.</summary>
    public const int LinkBytes = 4095;

    /// <summary>Bytes of one PAX extended header.</summary>
    public const int PaxBytes = 1024 * 1024;

    /// <summary>Bytes of a sparse file's map.</summary>
    public const int SparseMapBytes = 1024 * 1024;

    /// <summary>Bytes of one extended attribute's value.</summary>
    public const int XattrBytes = 64 * 1024;

    /// <summary>Entries of one tar.</summary>
    public const int Entries = 10_000_000;

    /// <summary>Layers of one image.</summary>
    public const int Layers = 1000;

    /// <summary>Levels of nested image indexes.</summary>
    public const int IndexDepth = 8;

    /// <summary>Children of one image index.</summary>
    public const int IndexChildren = 10_000;

    /// <summary>Addresses of one blob.</summary>
    public const int DescriptorUrls = 100;

    /// <summary>Images of one archive.</summary>
    public const int ArchiveImages = 10_000;

    /// <summary>Blobs that a delta archive may leave out.</summary>
    public const int DeltaBlobs = 100_000;

    /// <summary>Bytes of a file with digests of blobs a receiver has: about 900 000 of them.</summary>
    public const int DigestListBytes = 64 * 1024 * 1024;

    /// <summary>Threads that compress one stream: each holds some ten megabytes.</summary>
    public const int CompressionThreads = 8;

    /// <summary>log2 of the zstd window: 128 MiB, libzstd's own default.</summary>
    public const int ZstdWindowLog = 27;

    /// <summary>Bytes of an xz dictionary.</summary>
    public const int XzDictionaryBytes = 128 * 1024 * 1024;

    /// <summary>Symbolic links followed for one path. Linux follows as many (path_resolution(7)).</summary>
    public const int SymlinkHops = 40;

    /// <summary>Bytes of the targets of all symbolic links followed for one path. Linux's PATH_MAX.</summary>
    public const int LinkTargetsBytes = 4096;

    /// <summary>
    /// Decompressed bytes allowed for each compressed byte, once more than <see cref="ExpansionFloor"/> bytes came out
    /// and the user gave no bound. Real layers stay below 100. deflate cannot exceed 1032, so gzip of any content
    /// passes. Bombs of the formats without such a bound (bzip2, xz, zstd: 10 000 and more) do not.
    /// </summary>
    public const int ExpansionRatio = 1100;

    /// <summary>Decompressed bytes up to which <see cref="ExpansionRatio"/> is not checked.</summary>
    public const long ExpansionFloor = 256L * 1024 * 1024;
}
