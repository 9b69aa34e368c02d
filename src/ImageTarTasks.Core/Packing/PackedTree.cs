using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>Where something comes from: a path of this machine, and the item it belongs to; null for the folder that is packed.</summary>
internal sealed record Origin(string Path, PackedItem? Item);

/// <summary>The names that rules speak of, as a tree: what is put there, and what a specification says.</summary>
internal sealed class PackedTree
{
    private readonly SortedDictionary<ByteString, PackedTree> _children = [];
    private readonly List<Origin> _items = [];

    /// <summary>What is below, by name.</summary>
    public IReadOnlyDictionary<ByteString, PackedTree> Children => _children;

    /// <summary>The items that go here, in their order.</summary>
    public IReadOnlyList<Origin> Items => _items;

    /// <summary>What the specification says of this name, or null.</summary>
    public MtreeEntry? Said { get; private set; }

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
            root.At(name).Said = entry;
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
/// <param name="Place">The same, unless the layers underneath have a link for a folder of it: then where that leads.</param>
/// <param name="Origins">What there is of that name; the last one counts, and folders among them are merged.</param>
/// <param name="Tree">What rules say of the name and of those below it, or null.</param>
/// <param name="Matches">What the patterns of exclusion matched of the folder it is in.</param>
/// <param name="Withheld">The folder it is in, when that is left out for the time being.</param>
internal sealed record PackedName(ByteString Name, ByteString Place, IReadOnlyList<Origin> Origins, PackedTree? Tree, IgnoreMatches Matches, ExcludedFolder? Withheld);

/// <summary>A folder that is left out, unless something below it is not.</summary>
internal sealed class ExcludedFolder(PackedFile file, ExcludedFolder? above)
{
    /// <summary>The folder.</summary>
    public PackedFile File { get; } = file;

    /// <summary>The folder above, when that is withheld too.</summary>
    public ExcludedFolder? Above { get; } = above;

    /// <summary>Whether it came in after all.</summary>
    public bool IsWritten { get; set; }
}
