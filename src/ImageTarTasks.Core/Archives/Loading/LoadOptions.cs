using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>What happens to a name that another image of the store has.</summary>
public enum NameConflict
{
    /// <summary>The loaded image gets it, as with Docker; the other one stays, without that name.</summary>
    Replace,

    /// <summary>The other image keeps it; the loaded one stays without that name.</summary>
    Keep,

    /// <summary>Nothing is loaded.</summary>
    Fail,
}

/// <summary>How to load.</summary>
public sealed record LoadOptions
{
    /// <summary>Only these images, each a name, an ID or the first digits of one; all when empty.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Only this platform, or null for all there is.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The names to give instead of the archive's; null for the archive's, empty for none.</summary>
    public IReadOnlyList<ImageReference>? Tags { get; init; }

    /// <summary>What happens to names that are taken.</summary>
    public NameConflict OnConflict { get; init; }

    /// <summary>What happens when images of an index are absent.</summary>
    public MissingPlatforms MissingPlatforms { get; init; } = MissingPlatforms.Sparse;

    /// <summary>Bound on the plain bytes of one layer, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>An image that was loaded.</summary>
/// <param name="Stored">As it is in the store now.</param>
/// <param name="References">The names it got.</param>
/// <param name="Platforms">Every image of it that was loaded: one, or those of an index.</param>
public sealed record LoadedImage(StoredImage Stored, IReadOnlyList<ImageReference> References, IReadOnlyList<PlatformImage> Platforms);

/// <summary>What a load did.</summary>
/// <param name="Images">The images, in the archive's order.</param>
/// <param name="Replaced">Names that were taken from another image, with that image.</param>
/// <param name="Kept">Names that another image kept, with that image.</param>
public sealed record LoadResult(IReadOnlyList<LoadedImage> Images, IReadOnlyList<TakenName> Replaced, IReadOnlyList<TakenName> Kept);
