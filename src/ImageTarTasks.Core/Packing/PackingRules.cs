using ImageTarTasks.Core.Paths;

namespace ImageTarTasks.Core.Packing;

/// <summary>A file or a folder to put into a root filesystem.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Target">Its place, such as <c>srv/app</c>. The content of a folder is put there.</param>
public sealed record PackedItem(string Path, string Target)
{
    /// <summary>The change of the permission bits, for a folder of everything below it; null to keep them.</summary>
    public ModeChange? Mode { get; init; }

    /// <summary>The owner, or null for that of the rules.</summary>
    public long? Uid { get; init; }

    /// <summary>The group, or null for that of the rules.</summary>
    public long? Gid { get; init; }
}

/// <summary>
/// How files of this machine become entries of a layer. The more specific rule wins: an item over an owner, a
/// specification over an item.
/// </summary>
public sealed record PackingRules
{
    /// <summary>The owner of all.</summary>
    public Owner Owner { get; init; }

    /// <summary>Changes of permission bits, applied in order. Symbolic links have no bits to change.</summary>
    public IReadOnlyList<ModeRule> Modes { get; init; } = [];

    /// <summary>Patterns of files to leave out, or null.</summary>
    public IgnorePatterns? Exclude { get; init; }

    /// <summary>Which extended attributes are kept.</summary>
    public XattrChoice Xattrs { get; init; } = XattrChoice.None;

    /// <summary>Files and folders to add; later ones go over earlier ones.</summary>
    public IReadOnlyList<PackedItem> Items { get; init; } = [];

    /// <summary>
    /// Whether folders that exist only because of their content get no entry. On top of other layers they keep the
    /// attributes those layers give them, and a link to a folder is followed.
    /// </summary>
    public bool LeavesOutParents { get; init; }

    /// <summary>The specification of single names, or null.</summary>
    public MtreeSpec? Spec { get; init; }
}
