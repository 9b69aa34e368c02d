using System.Globalization;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>Which extended attributes are packed.</summary>
public enum XattrChoice
{
    /// <summary>None.</summary>
    None,

    /// <summary>A file's capabilities.</summary>
    Capabilities,

    /// <summary>All that belong to the file and not to the machine: no labels of SELinux, no measurements, nothing of overlay file systems.</summary>
    All,
}

/// <summary>A user and a group.</summary>
/// <param name="Uid">0..2^32-2.</param>
/// <param name="Gid">0..2^32-2.</param>
public readonly record struct Owner(long Uid, long Gid)
{
    /// <summary>Parses <c>UID[:GID]</c>; without a group it is the number of the user.</summary>
    /// <exception cref="ImageTarException">ITT1053.</exception>
    public static Owner Parse(string option, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var uid = ParseId(option, colon < 0 ? text : text[..colon]);
        return new Owner(uid, colon < 0 ? uid : ParseId(option, text[(colon + 1)..]));
    }

    /// <summary>Parses the number of a user or a group.</summary>
    /// <exception cref="ImageTarException">ITT1053.</exception>
    public static long ParseId(string option, string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : throw Diagnostics.InvalidOwner(option, text);
}

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
    public FilePatterns? Exclude { get; init; }

    /// <summary>Which extended attributes are kept.</summary>
    public XattrChoice Xattrs { get; init; }

    /// <summary>Files and folders to add; later ones go over earlier ones.</summary>
    public IReadOnlyList<PackedItem> Items { get; init; } = [];

    /// <summary>What a specification says of single names, or null.</summary>
    public MtreeSpec? Spec { get; init; }
}
