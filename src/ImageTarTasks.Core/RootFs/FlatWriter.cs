using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>
/// Writes a merged tree as one tar: the root if a layer described it, directories with parents before children, then layer by layer,
/// lowest first, what each still contributes in the order it stands there, each file's other names as hard links right behind it. So
/// every path is there once, no parent is a link, every link's target precedes it, and each layer is read once, forward.
/// </summary>
internal sealed class FlatWriter(RootTree tree, TarWriter output)
{
    /// <summary>A symbolic link has no permissions; file systems and Docker say 0777, whatever a tar says.</summary>
    private const int LinkMode = 0b111_111_111;

    /// <summary>Writes everything and ends the tar.</summary>
    /// <param name="openLayer">
    /// Opens the plain tar of a layer, by number; called once, in order, for layers whose content is needed. It is read to its end, so
    /// that whoever made it can check it.
    /// </param>
    /// <param name="where">The layer of a number, for messages.</param>
    /// <param name="cancellation">Stops between entries and inside content.</param>
    /// <exception cref="ImageTarException">ITT2414, and what reading a layer throws.</exception>
    public void Write(Func<int, Stream> openLayer, Func<int, ContentLocation> where, CancellationToken cancellation)
    {
        var names = WriteDirectories(cancellation);
        var (firstName, otherName) = NamesByInode(names);
        var inode = 0;
        while (inode < firstName.Length)
        {
            if (firstName[inode] == RootTree.None)
            {
                inode++;
                continue;
            }

            var layer = tree.InodeAt(inode).Layer;
            var end = inode;
            var needsContent = false;
            while (end < firstName.Length && (firstName[end] == RootTree.None || tree.InodeAt(end).Layer == layer))
            {
                needsContent |= firstName[end] != RootTree.None && HasContent(end);
                end++;
            }

            using var content = needsContent ? new LayerContent(openLayer(layer), where(layer)) : null;
            for (; inode < end; inode++)
            {
                if (firstName[inode] != RootTree.None)
                {
                    cancellation.ThrowIfCancellationRequested();
                    WriteFile(inode, firstName[inode], otherName, content, cancellation);
                }
            }

            content?.ReadToEnd(cancellation);
        }

        output.Finish();
    }

    /// <summary>Walks the tree in order; returns the nodes that are no directories.</summary>
    private List<int> WriteDirectories(CancellationToken cancellation)
    {
        var names = new List<int>();
        var pending = new Stack<int>([RootTree.Root]);
        while (pending.TryPop(out var node))
        {
            cancellation.ThrowIfCancellationRequested();
            ref var inode = ref tree.InodeOf(node);
            if (inode.Kind != TarEntryKind.Directory)
            {
                names.Add(node);
                continue;
            }

            if (node != RootTree.Root)
            {
                output.Add(Entry(tree[node].Inode, ByteString.FromUnits(tree.PathOf(node).Units + "/")), null, cancellation);
            }
            else if (!tree[node].IsImplied)
            {
                output.Add(Entry(tree[node].Inode, ByteString.FromText("./")), null, cancellation);
            }

            var children = tree.SortedChildren(node);
            for (var i = children.Length - 1; i >= 0; i--)
            {
                pending.Push(children[i]);
            }
        }

        return names;
    }

    /// <summary>For each inode its first name, and for each name the inode's next one, in the order of the walk.</summary>
    private (int[] First, int[] Other) NamesByInode(List<int> names)
    {
        var first = new int[tree.InodeCount];
        var other = new int[tree.NodeCount];
        Array.Fill(first, RootTree.None);
        for (var i = names.Count - 1; i >= 0; i--)
        {
            ref var head = ref first[tree[names[i]].Inode];
            other[names[i]] = head;
            head = names[i];
        }

        return (first, other);
    }

    private bool HasContent(int inode) => tree.InodeAt(inode) is { Kind: TarEntryKind.File, Size: > 0 };

    private void WriteFile(int inode, int firstName, int[] otherName, LayerContent? layer, CancellationToken cancellation)
    {
        var path = tree.PathOf(firstName);
        var entry = Entry(inode, path);
        if (HasContent(inode))
        {
            using var content = layer!.Open(entry);
            output.Add(entry, content, cancellation);
        }
        else
        {
            output.Add(entry, entry.Kind == TarEntryKind.File ? Stream.Null : null, cancellation);
        }

        for (var name = otherName[firstName]; name != RootTree.None; name = otherName[name])
        {
            output.Add(
                entry with { Name = tree.PathOf(name), Kind = TarEntryKind.HardLink, LinkName = path, Size = 0, StoredSize = 0, Sparse = null, Xattrs = [] },
                null,
                cancellation);
        }
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
            Uid = inode.Uid,
            Gid = inode.Gid,
            Size = inode.Size,
            ModificationTime = new TarTime(inode.Seconds, inode.Nanoseconds),
            LinkName = inode.Kind == TarEntryKind.SymbolicLink ? extra.LinkName : default,
            DeviceMajor = extra.DeviceMajor,
            DeviceMinor = extra.DeviceMinor,
            Xattrs = extra.Xattrs,
            DataOffset = inode.DataOffset,
            StoredSize = extra.Sparse is { } runs ? runs.Sum(run => run.Length) : inode.Size,
            Sparse = extra.Sparse,
        };
    }
}
