using ImageTarTasks.Oci;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>An image for one platform, checked from its manifest down to the DiffIDs of its layers.</summary>
/// <param name="Manifest">The manifest's descriptor, as the index that lists it has it, or made here.</param>
/// <param name="Image">Manifest and configuration.</param>
internal sealed record ArchiveImage(Descriptor Manifest, Image Image);

/// <summary>Something of an archive that will be published: an image, an index of images, or an artifact.</summary>
/// <param name="Target">What its names will point to.</param>
/// <param name="Images">The whole images in it, in order; none in an artifact.</param>
internal sealed record ArchiveTarget(Descriptor Target, IReadOnlyList<ArchiveImage> Images)
{
    /// <summary>Its names, in the archive's order, each once.</summary>
    public List<ImageReference> Names { get; } = [];

    public void AddName(ImageReference name)
    {
        if (!Names.Contains(name))
        {
            Names.Add(name);
        }
    }
}
