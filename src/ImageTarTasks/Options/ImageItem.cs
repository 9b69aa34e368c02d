using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Options;

/// <summary>An image as an item of a build.</summary>
internal static class ImageItem
{
    /// <summary>
    /// The image under its first name, else its ID, with the metadata ImageId, ManifestDigest (the manifest or index
    /// the names point to), References (all of <paramref name="references"/>), and for an image Platform, Size (bytes
    /// of its layers as stored) and Layers (their number).
    /// </summary>
    public static ITaskItem Create(StoredImage image, IReadOnlyList<ImageReference> references) =>
        TaskItems
            .Create(
                references.Count > 0 ? references[0].Familiar : image.Id.ToString(),
                ("ImageId", image.Id.ToString()),
                ("ManifestDigest", image.Target.Digest.Value),
                ("Platform", image.Image?.Config.Platform.ToString()),
                (
                    "Size",
                    image.Image is { } sized ? TaskItems.FormatNumber(sized.Layers.Sum(l => l.Descriptor.Size)) : null
                ),
                ("Layers", image.Image is { } layered ? TaskItems.FormatNumber(layered.Layers.Count) : null)
            )
            .WithList("References", references.Select(r => r.Familiar));
}
