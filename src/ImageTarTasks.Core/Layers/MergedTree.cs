using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// A root filesystem in memory. Names (nodes) lead to files (inodes), so hard links survive while names are added and
/// removed. Kept in arrays of structs, about 100 bytes for each entry, because images have up to millions of entries.
/// </summary>
internal sealed class MergedTree
{
    /// <summary>The root directory's node.</summary>
    public const int Root = 0;

    /// <summary>No node.</summary>
    public const int None = -1;

    private const int NameBlockBits = 20;

    private readonly ChunkedList<Node> _nodes = new();
    private readonly ChunkedList<Inode> _inodes = new();
    private readonly List<InodeExtra> _extras = [];
    private readonly List<byte[]> _names = [];
    private int _namesUsed = 1 << NameBlockBits;
    private int[] _buckets = NewBuckets(1 << 10);

    /// <summary>A tree with nothing but a root that no layer has described.</summary>
    public MergedTree() =>
        _nodes.Add(
            new Node
            {
                Parent = Root,
                Inode = _inodes.Add(Inode.Implied),
                FirstChild = None,
                Next = None,
                Previous = None,
                IsImplied = true,
            }
        );

    /// <summary>
    /// Changes whenever an existing path may lead elsewhere than before. Adding a name does not change it.
    /// </summary>
    public int Version { get; private set; }

    /// <summary>Whether the root has no children.</summary>
    public bool IsEmpty => _nodes[Root].FirstChild == None;

    /// <summary>How many inodes were made; they are numbered in the order of layers and entries.</summary>
    public int InodeCount => _inodes.Count;

    /// <summary>How many nodes were made, removed ones included.</summary>
    public int NodeCount => _nodes.Count;

    /// <summary>A node, in place.</summary>
    public ref Node this[int node] => ref _nodes[node];

    /// <summary>The inode of a number, in place.</summary>
    public ref Inode InodeAt(int inode) => ref _inodes[inode];

    /// <summary>The inode a node leads to, in place.</summary>
    public ref Inode InodeOf(int node) => ref _inodes[_nodes[node].Inode];

    /// <summary>The rare properties of an inode: link target, device numbers, attributes, sparse map.</summary>
    public InodeExtra ExtraOf(int inode) =>
        _inodes[inode].Extra is var extra and >= 0 ? _extras[extra] : InodeExtra.Nothing;

    /// <summary>Makes an inode of an entry of a layer.</summary>
    public int AddInode(TarEntry entry, int layer) => _inodes.Add(Describe(entry, layer));

    /// <summary>Gives an inode the attributes of another entry, for directories that are described again.</summary>
    public void UpdateAttributes(int inode, TarEntry entry, int layer) => _inodes[inode] = Describe(entry, layer);

    /// <summary>Sets the rare properties of an inode.</summary>
    public void SetExtra(int inode, InodeExtra extra)
    {
        _inodes[inode].Extra = _extras.Count;
        _extras.Add(extra);
    }

    /// <summary>The child of a directory with a name, or <see cref="None"/>.</summary>
    public int Find(int parent, ReadOnlySpan<char> name)
    {
        for (var node = _buckets[Bucket(parent, name)]; node != None; node = _nodes[node].NextInBucket)
        {
            if (_nodes[node].Parent == parent && NameEquals(node, name))
            {
                return node;
            }
        }

        return None;
    }

    /// <summary>Adds a name below a directory. The name must be free and at most 255 bytes long.</summary>
    public int Add(int parent, ReadOnlySpan<char> name, int inode, int layer)
    {
        if (_nodes.Count >= _buckets.Length)
        {
            Grow();
        }

        var bucket = Bucket(parent, name);
        var first = _nodes[parent].FirstChild;
        var node = _nodes.Add(
            new Node
            {
                Parent = parent,
                Inode = inode,
                FirstChild = None,
                Next = first,
                Previous = None,
                NextInBucket = _buckets[bucket],
                NameOffset = StoreName(name),
                NameLength = checked((byte)name.Length),
                Layer = checked((ushort)layer),
            }
        );
        if (first != None)
        {
            _nodes[first].Previous = node;
        }

        _nodes[parent].FirstChild = node;
        _buckets[bucket] = node;
        return node;
    }

    /// <summary>Adds a directory that no layer describes: 0755, owner 0:0, 1970.</summary>
    public int AddImplied(int parent, ReadOnlySpan<char> name, int layer)
    {
        var node = Add(parent, name, _inodes.Add(Inode.Implied), layer);
        _nodes[node].IsImplied = true;
        return node;
    }

    /// <summary>Makes a name that is not a directory lead to another inode.</summary>
    public void SetInode(int node, int inode, int layer)
    {
        _nodes[node].Inode = inode;
        _nodes[node].Layer = checked((ushort)layer);
        Version++;
    }

    /// <summary>Removes a name and everything below it. Inodes stay, because other names may lead to them.</summary>
    public void Remove(int node)
    {
        ref var gone = ref _nodes[node];
        if (gone.Previous != None)
        {
            _nodes[gone.Previous].Next = gone.Next;
        }
        else
        {
            _nodes[gone.Parent].FirstChild = gone.Next;
        }

        if (gone.Next != None)
        {
            _nodes[gone.Next].Previous = gone.Previous;
        }

        Unhash(node);
        Version++;
    }

    /// <summary>Removes everything below a directory.</summary>
    public void RemoveChildren(int directory)
    {
        for (var child = _nodes[directory].FirstChild; child != None; child = _nodes[child].Next)
        {
            Unhash(child);
        }

        _nodes[directory].FirstChild = None;
        Version++;
    }

    /// <summary>
    /// The children of a directory, the newest first. The tree must not change during the enumeration.
    /// </summary>
    public IEnumerable<int> Children(int directory)
    {
        for (var child = _nodes[directory].FirstChild; child != None; child = _nodes[child].Next)
        {
            yield return child;
        }
    }

    /// <summary>The children of a directory in the order of their names' bytes.</summary>
    public int[] SortedChildren(int directory)
    {
        var children = Children(directory).ToList();
        children.Sort((left, right) => NameOf(left).SequenceCompareTo(NameOf(right)));
        return [.. children];
    }

    /// <summary>The path of a node from the root, without a leading slash; empty for the root.</summary>
    public ByteString PathOf(int node)
    {
        var length = 0;
        for (var at = node; at != Root; at = _nodes[at].Parent)
        {
            length += _nodes[at].NameLength + 1;
        }

        if (length == 0)
        {
            return default;
        }

        var path = new byte[length - 1];
        for (var at = node; at != Root; at = _nodes[at].Parent)
        {
            var name = NameOf(at);
            length -= name.Length + 1;
            name.CopyTo(path.AsSpan(length));
            if (length > 0)
            {
                path[length - 1] = (byte)'/';
            }
        }

        return ByteString.FromBytes(path);
    }

    /// <summary>The last part of a node's path; empty for the root.</summary>
    public ByteString NameIn(int node) => ByteString.FromBytes(NameOf(node));

    private ReadOnlySpan<byte> NameOf(int node)
    {
        ref var named = ref _nodes[node];
        return _names[(int)(named.NameOffset >> NameBlockBits)]
            .AsSpan((int)(named.NameOffset & ((1 << NameBlockBits) - 1)), named.NameLength);
    }

    private bool NameEquals(int node, ReadOnlySpan<char> name)
    {
        var bytes = NameOf(node);
        if (bytes.Length != name.Length)
        {
            return false;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != name[i])
            {
                return false;
            }
        }

        return true;
    }

    private uint StoreName(ReadOnlySpan<char> name)
    {
        if (_namesUsed + name.Length > 1 << NameBlockBits)
        {
            _names.Add(new byte[1 << NameBlockBits]);
            _namesUsed = 0;
        }

        var start = _namesUsed;
        var block = _names[^1];
        foreach (var unit in name)
        {
            block[_namesUsed++] = (byte)unit;
        }

        return ((uint)(_names.Count - 1) << NameBlockBits) | (uint)start;
    }

    /// <summary>
    /// Hashes with the random seed of the process, because an attacker could otherwise choose names that collide.
    /// </summary>
    private int Bucket(int parent, ReadOnlySpan<char> name) =>
        HashCode.Combine(parent, string.GetHashCode(name, StringComparison.Ordinal)) & (_buckets.Length - 1);

    private void Unhash(int node)
    {
        Span<char> name = stackalloc char[Limits.ComponentBytes];
        ref var next = ref _buckets[Bucket(_nodes[node].Parent, Widen(node, name))];
        while (next != node)
        {
            next = ref _nodes[next].NextInBucket;
        }

        next = _nodes[node].NextInBucket;
        _nodes[node].NextInBucket = Removed;
    }

    private const int Removed = -2;

    private ReadOnlySpan<char> Widen(int node, Span<char> target)
    {
        var bytes = NameOf(node);
        for (var i = 0; i < bytes.Length; i++)
        {
            target[i] = (char)bytes[i];
        }

        return target[..bytes.Length];
    }

    private void Grow()
    {
        _buckets = NewBuckets(_buckets.Length * 2);
        Span<char> name = stackalloc char[Limits.ComponentBytes];
        for (var node = 1; node < _nodes.Count; node++)
        {
            ref var moved = ref _nodes[node];
            if (moved.NextInBucket != Removed)
            {
                ref var bucket = ref _buckets[Bucket(moved.Parent, Widen(node, name))];
                moved.NextInBucket = bucket;
                bucket = node;
            }
        }
    }

    private static int[] NewBuckets(int count)
    {
        var buckets = new int[count];
        Array.Fill(buckets, None);
        return buckets;
    }

    private Inode Describe(TarEntry entry, int layer)
    {
        var extra = None;
        if (
            entry.LinkName.Length > 0
            || entry.Xattrs.Count > 0
            || entry.Sparse is not null
            || entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice
        )
        {
            extra = _extras.Count;
            _extras.Add(
                new InodeExtra(entry.LinkName, entry.Xattrs, entry.Sparse, entry.DeviceMajor, entry.DeviceMinor)
            );
        }

        return new Inode
        {
            Size = entry.Kind == TarEntryKind.File ? entry.Size : 0,
            DataOffset = entry.DataOffset,
            Seconds = entry.ModificationTime.Seconds,
            Nanoseconds = entry.ModificationTime.Nanoseconds,
            Uid = (uint)entry.Uid,
            Gid = (uint)entry.Gid,
            Mode = (ushort)(entry.Mode & 0xfff),
            Kind = entry.Kind,
            Layer = checked((ushort)layer),
            Extra = extra,
        };
    }
}

/// <summary>A name in a directory.</summary>
internal struct Node
{
    /// <summary>The node of the directory. The root is its own parent.</summary>
    public int Parent;

    /// <summary>The inode of this name.</summary>
    public int Inode;

    /// <summary>The youngest child, of a directory.</summary>
    public int FirstChild;

    /// <summary>The next older sibling.</summary>
    public int Next;

    /// <summary>The next younger sibling.</summary>
    public int Previous;

    /// <summary>The next node of the same hash.</summary>
    public int NextInBucket;

    /// <summary>Where the name's bytes are.</summary>
    public uint NameOffset;

    /// <summary>The last layer that described this name.</summary>
    public ushort Layer;

    /// <summary>The name's length in bytes.</summary>
    public byte NameLength;

    /// <summary>Whether no layer describes this directory and it exists only because it has children.</summary>
    public bool IsImplied;
}

/// <summary>A file, directory, link or device, with any number of names.</summary>
internal struct Inode
{
    /// <summary>Bytes of content.</summary>
    public long Size;

    /// <summary>Where the content is in the layer's plain tar.</summary>
    public long DataOffset;

    /// <summary>Modification time: seconds.</summary>
    public long Seconds;

    /// <summary>Modification time: nanoseconds.</summary>
    public int Nanoseconds;

    /// <summary>Owner.</summary>
    public uint Uid;

    /// <summary>Group.</summary>
    public uint Gid;

    /// <summary>Index of the <see cref="InodeExtra"/>, or -1.</summary>
    public int Extra;

    /// <summary>The layer that the inode comes from.</summary>
    public ushort Layer;

    /// <summary>Permission bits.</summary>
    public ushort Mode;

    /// <summary>The kind of entry; never a hard link.</summary>
    public TarEntryKind Kind;

    /// <summary>A directory no layer describes.</summary>
    public static Inode Implied =>
        new()
        {
            Kind = TarEntryKind.Directory,
            Mode = 0b111_101_101,
            Extra = -1,
        };
}

/// <summary>The properties that only few inodes have.</summary>
internal sealed record InodeExtra(
    ByteString LinkName,
    IReadOnlyList<Xattr> Xattrs,
    IReadOnlyList<SparseRun>? Sparse,
    uint DeviceMajor,
    uint DeviceMinor
)
{
    /// <summary>Nothing of it.</summary>
    public static InodeExtra Nothing { get; } = new(default, [], null, 0, 0);
}
