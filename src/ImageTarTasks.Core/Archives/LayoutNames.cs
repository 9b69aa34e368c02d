namespace ImageTarTasks.Archives;

/// <summary>The annotations that name an entry of index.json.</summary>
internal static class LayoutNames
{
    /// <summary>The whole name, normalised; containerd's, which Docker writes too.</summary>
    public const string Containerd = "io.containerd.image.name";

    /// <summary>A tag or a whole name (image-spec annotations.md).</summary>
    public const string RefName = "org.opencontainers.image.ref.name";
}
