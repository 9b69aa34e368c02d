using ImageTarTasks.Core.Paths;

namespace ImageTarTasks.Core.Packing;

/// <summary>A file or a folder to put into a root filesystem.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Target">Where it goes, such as <c>srv/app</c>; a folder's content goes there.</param>
public sealed record PackedItem(string Path, string Target)
{
    /// <summary>What becomes of the permission bits, of everything below it for a folder; null to keep them.</summary>
    public ModeChange? Mode { get; init; }

    /// <summary>The owner, or null for that of the rules.</summary>
    public long? Uid { get; init; }

    /// <summary>The group, or null for that of the rules.</summary>
    public long? Gid { get; init; }
}

/// <summary>How files of this machine become entries of a layer. What a more particular rule says counts: an item over an owner, a specification over an item.</summary>
public sealed record PackingRules
{
    /// <summary>The owner of all.</summary>
    public Owner Owner { get; init; }

    /// <summary>Changes of permission bits, one after another; symbolic links have none to change.</summary>
    public IReadOnlyList<ModeRule> Modes { get; init; } = [];

    /// <summary>What is left out, or null.</summary>
    public IgnorePatterns? Exclude { get; init; }

    /// <summary>Which extended attributes are kept.</summary>
    public XattrChoice Xattrs { get; init; } = XattrChoice.None;

    /// <summary>Files and folders to add; later ones go over earlier ones.</summary>
    public IReadOnlyList<PackedItem> Items { get; init; } = [];

    /// <summary>
    /// Whether folders that are only there because of what goes into them get no entry: on top of other layers, what those say of such a folder
    /// counts, and where they have a link to a folder, the link is followed.
    /// </summary>
    public bool LeavesOutParents { get; init; }

    /// <summary>What a specification says of single names, or null.</summary>
    public MtreeSpec? Spec { get; init; }
}
