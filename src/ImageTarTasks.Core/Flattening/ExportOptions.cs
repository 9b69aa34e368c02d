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
    /// Later modification times become this one, which is also the time of what the export makes up; null keeps the times of the layers, and what is made up
    /// or taken from the disk has the time 0.
    /// </summary>
    public TarTime? Newest { get; init; }

    /// <summary>What to leave in and out; null for everything.</summary>
    public PathFilter? Filter { get; init; }

    /// <summary>
    /// When set, what a Docker Engine puts into every container (<c>.dockerenv</c>, empty <c>etc/hosts</c>, <c>dev</c>, <c>proc</c>...) is put in, and this
    /// working directory is made when it is missing; empty for none.
    /// </summary>
    public string? DockerWorkingDirectory { get; init; }

    /// <summary>Files and folders to lay over the layers.</summary>
    public IReadOnlyList<PackedItem> Content { get; init; } = [];
}
