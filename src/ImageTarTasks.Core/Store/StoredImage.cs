using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store;

/// <summary>An image of the store.</summary>
/// <param name="Target">The manifest or index that its names point to.</param>
/// <param name="References">Its names, in ordinal order; empty for an untagged (dangling) image.</param>
/// <param name="Image">
/// The image for the host's platform, or the first one; null when the target has none, such as an artifact, or is
/// damaged.
/// </param>
public sealed record StoredImage(Descriptor Target, IReadOnlyList<ImageReference> References, Image? Image)
{
    /// <summary>The image ID; for a target without an image, the target's digest.</summary>
    public ImageId Id => Image?.Id ?? new ImageId(Target.Digest);
}

/// <summary>An image to save and the names it is saved under.</summary>
public sealed record ImageSelection(StoredImage Image, IReadOnlyList<ImageReference> References);

/// <summary>The result of a removal, in the order Docker prints it.</summary>
/// <param name="Untagged">Names removed.</param>
/// <param name="Deleted">The image ID and then the ChainIDs of deleted layers, top to bottom.</param>
public sealed record RemovalResult(IReadOnlyList<ImageReference> Untagged, IReadOnlyList<Digest> Deleted);

/// <summary>A container: an image, layers with the changes above it, and a name. Containers never run.</summary>
/// <param name="Id">64 hex digits.</param>
/// <param name="Name">The name, without Docker's leading slash.</param>
/// <param name="Image">The manifest that it was created from.</param>
/// <param name="ImageName">The image as the user named it.</param>
/// <param name="Created">The time of its creation.</param>
/// <param name="Command">
/// The command of the container: the entry point of the image, then the command of the user or else of the image.
/// </param>
/// <param name="Layers">Its own layers above the image's, lowest first.</param>
public sealed record Container(
    string Id,
    string Name,
    Descriptor Image,
    string ImageName,
    DateTimeOffset Created,
    IReadOnlyList<string> Command,
    IReadOnlyList<Layer> Layers
);

/// <summary>What a process can do with a store.</summary>
/// <param name="Exists">Whether there is a store.</param>
/// <param name="CanWrite">Whether this process may write its files.</param>
/// <param name="LocksWork">Whether file locks work, which every change needs.</param>
public sealed record StoreAccess(bool Exists, bool CanWrite, bool LocksWork);

/// <summary>A blob that a writer has staged or adopted.</summary>
/// <param name="Digest">The digest of its bytes: sha256, or another one that documents use for it.</param>
/// <param name="Size">The number of its bytes.</param>
/// <param name="Layer">Its summary as a layer, when it is a tar.</param>
/// <param name="LayerFault">The reason it cannot be a layer, when it is not a sound tar.</param>
internal sealed record StagedBlob(
    Digest Digest,
    long Size,
    Tar.Indexing.LayerSummary? Layer,
    ImageTarException? LayerFault
);

/// <summary>A target (manifest or index) and the names it gets.</summary>
internal sealed record Publication(Descriptor Target, IReadOnlyList<ImageReference> References);

/// <summary>What a publication did.</summary>
/// <param name="Taken">The names that were taken from other images, with those images.</param>
/// <param name="Images">The images with all the names they have now, in the order of the publications.</param>
internal sealed record PublishResult(IReadOnlyList<TakenName> Taken, IReadOnlyList<StoredImage> Images);

/// <summary>A name that pointed to another image before.</summary>
public sealed record TakenName(ImageReference Name, StoredImage Previous);
