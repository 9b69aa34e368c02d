using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>An image for one platform and the descriptor that leads to it.</summary>
/// <param name="Manifest">The manifest's descriptor, as the index that lists it has it, or made here.</param>
/// <param name="Image">Manifest and configuration.</param>
public sealed record PlatformImage(Descriptor Manifest, Image Image);
