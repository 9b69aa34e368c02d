using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Flattening;

/// <summary>The format of an exported root filesystem.</summary>
public enum RootFsFormat
{
    /// <summary>tar: ustar, with PAX headers where something does not fit.</summary>
    Tar,

    /// <summary>cpio of the newc format, for an initramfs.</summary>
    Cpio,
}

/// <summary>How a root filesystem is exported. The default is the file system as the layers have it.</summary>
public sealed record ExportOptions
{
    /// <summary>The format.</summary>
    public RootFsFormat Format { get; init; }

    /// <summary>Which extended attributes are kept.</summary>
    public XattrChoice Xattrs { get; init; }

    /// <summary>The owner of everything; null keeps the owners.</summary>
    public Owner? Owner { get; init; }

    /// <summary>
    /// The upper bound of modification times, and the time of files that the export adds itself. Null keeps the times
    /// of the layers; then added files, and files taken from the disk, have the time 0.
    /// </summary>
    public TarTime? MaxModificationTime { get; init; }

    /// <summary>The paths to include and to exclude; null for everything.</summary>
    public PathFilter? Filter { get; init; }

    /// <summary>
    /// When set, the export contains what a Docker Engine adds to every container (<c>.dockerenv</c>, empty
    /// <c>etc/hosts</c>, <c>dev</c>, <c>proc</c>...), and this working directory is created when it is missing; empty
    /// for no working directory.
    /// </summary>
    public string? DockerWorkingDirectory { get; init; }

    /// <summary>Files and folders to lay over the layers.</summary>
    public IReadOnlyList<PackedItem> Content { get; init; } = [];
}
