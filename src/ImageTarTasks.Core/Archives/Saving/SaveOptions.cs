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

    /// <summary>What to do about absent platforms.</summary>
    public MissingPlatforms MissingPlatforms { get; init; }

    /// <summary>
    /// The compression all layers get, or null for layers as they are stored. Without a level, a layer that has the compression stays as it is.
    /// </summary>
    public CompressionSetting? LayerCompression { get; init; }

    /// <summary>Layers the receiver has, by digest: they are left out, and the archive says so.</summary>
    public IReadOnlySet<Digest> Except { get; init; } = new HashSet<Digest>();
}

/// <summary>An image that was saved.</summary>
/// <param name="Target">What the archive lists: a manifest or an index.</param>
/// <param name="Image">The image for the platform asked for, else the host's, else the first; null for an artifact.</param>
/// <param name="Platforms">All images that are there, in order.</param>
/// <param name="References">Its names, ordinal order.</param>
public sealed record SavedImage(Descriptor Target, Image? Image, IReadOnlyList<PlatformImage> Platforms, IReadOnlyList<ImageReference> References)
{
    /// <summary>The image ID; for a target without an image, the target's digest.</summary>
    public ImageId Id => Image?.Id ?? new ImageId(Target.Digest);
}

/// <summary>What an archive holds.</summary>
/// <param name="Images">Its images, in the archive's order.</param>
/// <param name="LeftOut">The layers it leaves to the receiver, ordered by digest.</param>
/// <param name="Index">The digest of index.json, and so of everything that is in the archive.</param>
/// <param name="Size">Bytes of all documents and blobs.</param>
public sealed record SaveResult(IReadOnlyList<SavedImage> Images, IReadOnlyList<Descriptor> LeftOut, Digest Index, long Size);
