using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// Writes a merged tree as one archive. First the root, when a layer describes it, then directories with parents before
/// children. Then, layer by layer from the lowest one, the files that each layer still contributes, in the order of the
/// layer, each followed by its other names as hard links. So every path occurs once, no parent is a link, the target of
/// every link precedes it, and each layer is read once, forward.
/// </summary>
internal sealed class FlatWriter(MergedTree tree, IRootFsOutput output, ExportOptions options)
{
    /// <summary>
    /// The mode of symbolic links. A symbolic link has no permissions; file systems and Docker report 0777, whatever a
    /// tar contains.
    /// </summary>
    private const int LinkMode = 0b111_111_111;

    private const string Capability = "security.capability";

    private readonly bool[]? _taken = options.Filter?.Select(tree);

    /// <summary>
    /// The node to begin at, which is always written, and the name it gets. Null for the root, whose name precedes no
    /// other name.
    /// </summary>
    public (int Node, ByteString Name)? Start { get; init; }

    /// <summary>Writes everything and ends the archive.</summary>
    /// <param name="open">
    /// Opens the contents of a layer by number. Called once for each layer whose content is needed, in order.
    /// </param>
    /// <param name="cancellationToken">Stops between entries and inside content.</param>
    /// <exception cref="ImageTarException">ITT2414, and the errors of reading a layer.</exception>
    public void Write(Func<int, ILayerContents> open, CancellationToken cancellationToken)
    {
        var names = WriteDirectories(cancellationToken);
        var (firstName, otherName) = NamesByInode(names);
        var inode = 0;
        while (inode < firstName.Length)
        {
            if (firstName[inode] == MergedTree.None)
            {
                inode++;
                continue;
            }

            var layer = tree.InodeAt(inode).Layer;
            var end = inode;
            var needsContent = false;
            while (end < firstName.Length && (firstName[end] == MergedTree.None || tree.InodeAt(end).Layer == layer))
            {
                needsContent |= firstName[end] != MergedTree.None && HasContent(end);
                end++;
            }

            using var contents = needsContent ? open(layer) : null;
            for (; inode < end; inode++)
            {
                if (firstName[inode] != MergedTree.None)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    WriteFile(inode, firstName[inode], otherName, contents, cancellationToken);
                }
            }

            contents?.ReadToEnd(cancellationToken);
        }

        output.Finish();
    }

    /// <summary>Walks the tree in order and returns the nodes that are not directories.</summary>
    private List<int> WriteDirectories(CancellationToken cancellationToken)
    {
        var names = new List<int>();
        var pending = new Stack<int>([Start?.Node ?? MergedTree.Root]);
        while (pending.TryPop(out var node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var inode = ref tree.InodeOf(node);
            if (inode.Kind != TarEntryKind.Directory)
            {
                names.Add(node);
                continue;
            }

            if (node != MergedTree.Root || !tree[node].IsImplied || Start is not null)
            {
                var name = ByteString.FromUnits(NameOf(node).Units + "/");
                output.Add(Entry(tree[node].Inode, name), new FileNames(1, name), null, cancellationToken);
            }

            var children = tree.SortedChildren(node);
            for (var i = children.Length - 1; i >= 0; i--)
            {
                if (_taken?[children[i]] != false)
                {
                    pending.Push(children[i]);
                }
            }
        }

        return names;
    }

    /// <summary>
    /// For each inode its first name, and for each name the inode's next one, in the order of the walk.
    /// </summary>
    private (int[] First, int[] Other) NamesByInode(List<int> names)
    {
        var first = new int[tree.InodeCount];
        var other = new int[tree.NodeCount];
        Array.Fill(first, MergedTree.None);
        for (var i = names.Count - 1; i >= 0; i--)
        {
            ref var head = ref first[tree[names[i]].Inode];
            other[names[i]] = head;
            head = names[i];
        }

        return (first, other);
    }

    private bool HasContent(int inode) => tree.InodeAt(inode) is { Kind: TarEntryKind.File, Size: > 0 };

    private void WriteFile(
        int inode,
        int firstName,
        int[] otherName,
        ILayerContents? layer,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        for (var name = firstName; name != MergedTree.None; name = otherName[name])
        {
            count++;
        }

        var entry = Entry(inode, NameOf(firstName));
        var names = new FileNames(count, entry.Name);
        if (HasContent(inode))
        {
            using var content = layer!.Open(entry);
            output.Add(entry, names, content, cancellationToken);
        }
        else
        {
            output.Add(entry, names, entry.Kind == TarEntryKind.File ? Stream.Null : null, cancellationToken);
        }

        for (var name = otherName[firstName]; name != MergedTree.None; name = otherName[name])
        {
            output.Add(entry with { Name = NameOf(name) }, names, null, cancellationToken);
        }
    }

    /// <summary>A node's name in the archive.</summary>
    private ByteString NameOf(int node)
    {
        var path = tree.PathOf(node);
        if (Start is not var (start, name))
        {
            return node == MergedTree.Root ? ByteString.FromText(".") : path;
        }

        return node == start
            ? name
            : ByteString.FromUnits(
                $"{name.Units}/{path.Units[(start == MergedTree.Root ? 0 : tree.PathOf(start).Length + 1)..]}"
            );
    }

    private TarEntry Entry(int number, ByteString name)
    {
        ref var inode = ref tree.InodeAt(number);
        var extra = tree.ExtraOf(number);
        return new TarEntry
        {
            Name = name,
            Kind = inode.Kind,
            Mode = inode.Kind == TarEntryKind.SymbolicLink ? LinkMode : inode.Mode,
            Uid = options.Owner?.Uid ?? inode.Uid,
            Gid = options.Owner?.Gid ?? inode.Gid,
            Size = inode.Size,
            ModificationTime = options.MaxModificationTime is { } newest
                ? new TarTime(inode.Seconds, inode.Nanoseconds).ClampedTo(newest)
                : new TarTime(inode.Seconds, inode.Nanoseconds),
            LinkName = inode.Kind == TarEntryKind.SymbolicLink ? extra.LinkName : default,
            DeviceMajor = extra.DeviceMajor,
            DeviceMinor = extra.DeviceMinor,
            Xattrs = Kept(extra.Xattrs),
            DataOffset = inode.DataOffset,
            StoredSize = extra.Sparse is { } runs ? runs.Sum(run => run.Length) : inode.Size,
            Sparse = extra.Sparse,
        };
    }

    private IReadOnlyList<Xattr> Kept(IReadOnlyList<Xattr> all) =>
        options.Xattrs switch
        {
            XattrChoice.All => all,
            XattrChoice.Capabilities when all.Count > 0 => [.. all.Where(xattr => xattr.Name.Units == Capability)],
            _ => [],
        };
}
