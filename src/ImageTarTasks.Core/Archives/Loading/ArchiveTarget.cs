using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>A part of an archive that will be published: an image, an index of images, or an artifact.</summary>
/// <param name="Target">The descriptor that its names will point to.</param>
/// <param name="Images">
/// The complete images in it, in order, checked from their manifests to the DiffIDs; empty for an artifact.
/// </param>
internal sealed record ArchiveTarget(Descriptor Target, IReadOnlyList<PlatformImage> Images)
{
    /// <summary>Its names, in the archive's order, each once.</summary>
    public List<ImageReference> Names { get; } = [];

    /// <summary>Words of index.json that are not names of images but distinguish entries of one archive.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>Images of an index that are not in the archive, each once.</summary>
    public IReadOnlyList<Descriptor> Missing { get; init; } = [];

    public void AddName(ImageReference name)
    {
        if (!Names.Contains(name))
        {
            Names.Add(name);
        }
    }
}
