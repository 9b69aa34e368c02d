using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>The source of an entry: a path of this machine, and its item; null for the packed folder.</summary>
internal sealed record Origin(string Path, PackedItem? Item);

/// <summary>The names in the rules, as a tree: items to add, and the entries of a specification.</summary>
internal sealed class PackedTree
{
    private readonly SortedDictionary<ByteString, PackedTree> _children = [];
    private readonly List<Origin> _items = [];

    /// <summary>The children by name.</summary>
    public IReadOnlyDictionary<ByteString, PackedTree> Children => _children;

    /// <summary>The items that go here, in their order.</summary>
    public IReadOnlyList<Origin> Items => _items;

    /// <summary>The entry of the specification for this name, or null.</summary>
    public MtreeEntry? Specified { get; private set; }

    /// <summary>The tree of some rules.</summary>
    public static PackedTree Of(PackingRules rules)
    {
        var root = new PackedTree();
        foreach (var item in rules.Items)
        {
            root.At(ByteString.FromText(item.Target))._items.Add(new Origin(item.Path, item));
        }

        foreach (var (name, entry) in rules.Spec?.Entries ?? new Dictionary<ByteString, MtreeEntry>())
        {
            root.At(name).Specified = entry;
        }

        return root;
    }

    private PackedTree At(ByteString name)
    {
        var node = this;
        foreach (var part in name.Units.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(ByteString.FromUnits))
        {
            if (!node._children.TryGetValue(part, out var child))
            {
                node._children.Add(part, child = new PackedTree());
            }

            node = child;
        }

        return node;
    }
}

/// <summary>A name to be packed.</summary>
/// <param name="Name">Such as <c>usr/bin</c>; empty for the root.</param>
/// <param name="Place">
/// The same, unless a folder of it is a link in the layers below; then the place that the link leads to.
/// </param>
/// <param name="Origins">The sources of that name. The last one wins, and folders are merged.</param>
/// <param name="Tree">The rules for the name and the names below it, or null.</param>
/// <param name="Matches">What the exclude patterns matched for the folder that contains it.</param>
/// <param name="ExcludedParent">
/// The folder that contains it, when that folder is excluded unless something in it is not.
/// </param>
internal sealed record PackedName(
    ByteString Name,
    ByteString Place,
    IReadOnlyList<Origin> Origins,
    PackedTree? Tree,
    IgnoreMatches Matches,
    ExcludedFolder? ExcludedParent
);

/// <summary>A folder that is left out, unless something below it is not.</summary>
internal sealed class ExcludedFolder(PackedFile file, ExcludedFolder? parent)
{
    /// <summary>The folder.</summary>
    public PackedFile File { get; } = file;

    /// <summary>The folder above, when that is excluded too.</summary>
    public ExcludedFolder? Parent { get; } = parent;

    /// <summary>Whether it was written, because something below it is not excluded.</summary>
    public bool IsWritten { get; set; }
}
