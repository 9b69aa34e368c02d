using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>What happens to a name that another image of the store has.</summary>
public enum NameConflict
{
    /// <summary>The loaded image gets the name, as with Docker. The other image stays, without that name.</summary>
    Replace,

    /// <summary>The other image keeps the name. The loaded image stays without it.</summary>
    Keep,

    /// <summary>Nothing is loaded.</summary>
    Fail,
}

/// <summary>How to load.</summary>
public sealed record LoadOptions
{
    /// <summary>The images to load, each a name, an ID or the first digits of one; all when empty.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The platform to load, or null for all.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The names to give instead of the archive's; null for the archive's, empty for none.</summary>
    public IReadOnlyList<ImageReference>? Tags { get; init; }

    /// <summary>What happens to names that another image has.</summary>
    public NameConflict OnConflict { get; init; }

    /// <summary>What happens when images of an index are missing.</summary>
    public MissingPlatforms MissingPlatforms { get; init; } = MissingPlatforms.Sparse;

    /// <summary>Bound on the plain bytes of one layer, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>An image that was loaded.</summary>
/// <param name="Stored">The image as it now is in the store.</param>
/// <param name="References">The names it got.</param>
/// <param name="Platforms">The image of each platform that was loaded: one, or those of an index.</param>
public sealed record LoadedImage(
    StoredImage Stored,
    IReadOnlyList<ImageReference> References,
    IReadOnlyList<PlatformImage> Platforms
);

/// <summary>The result of a load.</summary>
/// <param name="Images">The images, in the archive's order.</param>
/// <param name="Replaced">Names that were taken from another image, with that image.</param>
/// <param name="Kept">Names that another image kept, with that image.</param>
public sealed record LoadResult(
    IReadOnlyList<LoadedImage> Images,
    IReadOnlyList<TakenName> Replaced,
    IReadOnlyList<TakenName> Kept
);
