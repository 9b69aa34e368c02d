using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>The shape of an archive.</summary>
public enum ArchiveFormat
{
    /// <summary>An OCI layout and Docker's manifest.json and repositories in one tar: every tool reads it.</summary>
    Docker,

    /// <summary>An OCI layout in a tar.</summary>
    Oci,

    /// <summary>An OCI layout as a folder.</summary>
    OciDir,
}

/// <summary>How to save.</summary>
public sealed record SaveOptions
{
    /// <summary>The shape.</summary>
    public ArchiveFormat Format { get; init; }

    /// <summary>Only this platform of each image, or null for all that is stored.</summary>
    public Platform? Platform { get; init; }

    /// <summary>What to do about missing platforms.</summary>
    public MissingPlatforms MissingPlatforms { get; init; }

    /// <summary>
    /// The compression that all layers get, or null for layers as they are stored. Without a level, a layer that has
    /// the compression keeps its bytes.
    /// </summary>
    public CompressionSetting? LayerCompression { get; init; }

    /// <summary>
    /// The digests of layers that the receiver has. They are left out, and the archive lists them as left out.
    /// </summary>
    public IReadOnlySet<Digest> Except { get; init; } = new HashSet<Digest>();
}

/// <summary>An image that was saved.</summary>
/// <param name="Target">The manifest or index that the archive lists.</param>
/// <param name="Image">
/// The image for the requested platform, else the host's, else the first; null for an artifact.
/// </param>
/// <param name="Platforms">All images that are present, in order.</param>
/// <param name="References">Its names, in ordinal order.</param>
public sealed record SavedImage(
    Descriptor Target,
    Image? Image,
    IReadOnlyList<PlatformImage> Platforms,
    IReadOnlyList<ImageReference> References
)
{
    /// <summary>The image ID; for a target without an image, the target's digest.</summary>
    public ImageId Id => Image?.Id ?? new ImageId(Target.Digest);
}

/// <summary>The content of an archive that was written.</summary>
/// <param name="Images">Its images, in the archive's order.</param>
/// <param name="LeftOut">The layers that are left out, ordered by digest.</param>
/// <param name="Index">The digest of index.json, which identifies everything in the archive.</param>
/// <param name="Size">Bytes of all documents and blobs.</param>
public sealed record SaveResult(
    IReadOnlyList<SavedImage> Images,
    IReadOnlyList<Descriptor> LeftOut,
    Digest Index,
    long Size
);
