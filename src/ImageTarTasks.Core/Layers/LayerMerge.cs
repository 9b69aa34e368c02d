using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// Merges layers, lowest first, into one <see cref="MergedTree"/>, from the headers of their entries alone. The rules
/// (image-spec layer.md): the whiteouts of a layer act on lower layers only, wherever they are in the tar. Then entries
/// apply in order, and the last one wins. Parents are resolved through symbolic links inside the root. A hard link
/// joins the file that its target is at that moment, and a new file never changes the other names of an old one. A
/// parent that no layer describes is a directory with mode 0755 and owner 0:0; it replaces no known attribute.
/// </summary>
/// <remarks>Security: names are keys. Nothing here touches a file system.</remarks>
internal sealed class LayerMerge
{
    private readonly bool _rootFs;
    private readonly Dictionary<string, int> _aufs = new(StringComparer.Ordinal);
    private readonly HashSet<int> _replacedLinks = [];
    private readonly PathWalker _walker;
    private int _layer = -1;

    /// <summary>Starts with an empty tree.</summary>
    /// <param name="rootFs">
    /// Whether the layers are a root filesystem that is being imported. Then no name may be a whiteout or contain a
    /// <c>..</c>.
    /// </param>
    public LayerMerge(bool rootFs = false)
    {
        _rootFs = rootFs;
        _walker = new PathWalker(Tree, Warnings);
    }

    /// <summary>The result so far.</summary>
    public MergedTree Tree { get; } = new();

    /// <summary>The cases in which the merge applied a rule that other tools may not share.</summary>
    public LayerWarnings Warnings { get; } = new();

    /// <summary>
    /// The own path of the directory that a path leads to, through symbolic links inside the root; null when it leads
    /// to none.
    /// </summary>
    public ByteString? DirectoryAt(ByteString path, ContentLocation location) =>
        _walker.Find(path.Units, location) is >= 0 and var node ? Tree.PathOf(node) : null;

    /// <summary>Adds the next layer.</summary>
    /// <param name="entries">Its entries in order. Called twice when there are lower layers.</param>
    /// <param name="location">The layer, for messages.</param>
    /// <param name="cancellationToken">Stops between entries.</param>
    /// <exception cref="ImageTarException">ITT24xx.</exception>
    public void Add(
        Func<IEnumerable<TarEntry>> entries,
        ContentLocation location,
        CancellationToken cancellationToken = default
    )
    {
        _layer++;
        if (!Tree.IsEmpty)
        {
            ApplyWhiteouts(entries(), location, cancellationToken);
        }

        foreach (var entry in entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Apply(entry, location.In(entry.Name));
        }

        _aufs.Clear();
    }

    /// <summary>
    /// Applies whiteouts from the top of the tree downwards, in any order of the tar. Below a directory that is removed
    /// there is nothing left to hide, and a symbolic link that this layer replaces by a directory leads nowhere any
    /// more.
    /// </summary>
    private void ApplyWhiteouts(
        IEnumerable<TarEntry> entries,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        var whiteouts = new List<(int Depth, string Path)>();
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Kind is not (TarEntryKind.File or TarEntryKind.HardLink or TarEntryKind.Directory))
            {
                continue;
            }

            var entryLocation = location.In(entry.Name);
            var path = EntryPath.Of(entry.Name, !_rootFs, entryLocation);
            if (path.Length == 0)
            {
                continue;
            }

            if (Whiteout.Classify(path, entry.Kind, entryLocation) is WhiteoutKind.Name or WhiteoutKind.Opaque)
            {
                whiteouts.Add((path.Count(c => c == '/'), path));
            }
            else if (
                entry.Kind == TarEntryKind.Directory
                && Lookup(path, entryLocation) is >= 0 and var node
                && Tree.InodeOf(node).Kind == TarEntryKind.SymbolicLink
            )
            {
                _replacedLinks.Add(node);
            }
        }

        whiteouts.Sort(
            (left, right) =>
                left.Depth != right.Depth
                    ? left.Depth.CompareTo(right.Depth)
                    : string.CompareOrdinal(left.Path, right.Path)
        );
        foreach (var (_, path) in whiteouts)
        {
            EntryPath.Split(path, out var folder, out var leaf);
            var parent = _walker.Find(folder, location, _replacedLinks);
            if (parent < 0)
            {
                continue;
            }

            if (leaf is ".wh..wh..opq")
            {
                Tree.RemoveChildren(parent);
            }
            else if (Tree.Find(parent, leaf[Whiteout.Prefix.Length..]) is >= 0 and var node)
            {
                Tree.Remove(node);
            }
        }

        _replacedLinks.Clear();
    }

    private void Apply(TarEntry entry, ContentLocation location)
    {
        if (Tree.InodeCount >= Limits.Entries)
        {
            throw LayerDiagnostics.TooManyEntries(location);
        }

        var path = EntryPath.Of(entry.Name, !_rootFs, location);
        if (path.Length == 0)
        {
            DescribeRoot(entry, location);
            return;
        }

        if (_rootFs && Whiteout.IsIn(path))
        {
            throw LayerDiagnostics.WhiteoutNameInRootFs(location);
        }

        switch (Whiteout.Classify(path, entry.Kind, location))
        {
            case WhiteoutKind.None:
                Place(WithoutOverlayAttributes(entry), path, location);
                break;
            case WhiteoutKind.AufsMetadata:
                KeepAufsFile(entry, path, location);
                break;
            default:
                NoteUnusualWhiteout(entry);
                break;
        }
    }

    private void DescribeRoot(TarEntry entry, ContentLocation location)
    {
        if (entry.Kind != TarEntryKind.Directory)
        {
            throw LayerDiagnostics.RootNotDirectory(location);
        }

        Describe(MergedTree.Root, WithoutOverlayAttributes(entry));
    }

    private void Place(TarEntry entry, string path, ContentLocation location)
    {
        EntryPath.Split(path, out var folder, out var leaf);
        var parent = _walker.FindOrAdd(folder, _layer, entry.Name, location);
        var existing = Tree.Find(parent, leaf);
        switch (entry.Kind)
        {
            case TarEntryKind.Directory when existing >= 0 && Tree.InodeOf(existing).Kind == TarEntryKind.Directory:
                Describe(existing, entry);
                break;
            case TarEntryKind.HardLink:
                var target = LinkTarget(entry, existing, location);
                ApplyLinkAttributes(target, entry);
                Put(parent, leaf, existing, target, entry.Name);
                break;
            default:
                Put(parent, leaf, existing, Tree.AddInode(entry, _layer), entry.Name);
                break;
        }
    }

    /// <summary>
    /// Updates a directory that is described again: it keeps its children and gets the new attributes.
    /// </summary>
    private void Describe(int node, TarEntry entry)
    {
        NoteDuplicate(node, entry.Name);
        ref var directory = ref Tree[node];
        directory.Layer = checked((ushort)_layer);
        directory.IsImplied = false;
        Tree.UpdateAttributes(directory.Inode, entry, _layer);
    }

    private void Put(int parent, ReadOnlySpan<char> leaf, int existing, int inode, ByteString name)
    {
        if (existing >= 0)
        {
            NoteDuplicate(existing, name);
            if (
                Tree.InodeOf(existing).Kind != TarEntryKind.Directory
                && Tree.InodeAt(inode).Kind != TarEntryKind.Directory
            )
            {
                Tree.SetInode(existing, inode, _layer);
                return;
            }

            Tree.Remove(existing);
        }

        Tree.Add(parent, leaf, inode, _layer);
    }

    private void NoteDuplicate(int node, ByteString name)
    {
        ref var known = ref Tree[node];
        if (!known.IsImplied && known.Layer == _layer)
        {
            Warnings.Add(LayerRule.DuplicateName, name);
        }
    }

    /// <summary>The inode a hard link joins.</summary>
    private int LinkTarget(TarEntry entry, int existing, ContentLocation location)
    {
        if (entry.LinkName.IsEmpty)
        {
            throw LayerDiagnostics.HardLinkTargetMissing(entry.LinkName, location);
        }

        var path = EntryPath.Of(entry.LinkName, !_rootFs, location);
        if (_aufs.TryGetValue(path, out var kept))
        {
            return kept;
        }

        var target = path.Length == 0 ? MergedTree.Root : Lookup(path, location);
        if (target < 0 || target == existing)
        {
            throw LayerDiagnostics.HardLinkTargetMissing(entry.LinkName, location);
        }

        if (Tree.InodeOf(target).Kind == TarEntryKind.Directory)
        {
            throw LayerDiagnostics.HardLinkToDirectory(entry.LinkName, location);
        }

        if (Tree[target].Layer != _layer)
        {
            Warnings.Add(LayerRule.LinkAcrossLayers, entry.Name);
        }

        return Tree[target].Inode;
    }

    /// <summary>
    /// The header of a link describes the same file as the target's, later: it counts, as it does for Docker.
    /// </summary>
    private void ApplyLinkAttributes(int target, TarEntry entry)
    {
        ref var inode = ref Tree.InodeAt(target);
        var isLink = inode.Kind == TarEntryKind.SymbolicLink;
        var (mode, time) = isLink
            ? (inode.Mode, new TarTime(inode.Seconds, inode.Nanoseconds))
            : ((ushort)(entry.Mode & 0xfff), entry.ModificationTime);
        if (
            inode.Uid != entry.Uid
            || inode.Gid != entry.Gid
            || inode.Mode != mode
            || inode.Seconds != time.Seconds
            || inode.Nanoseconds != time.Nanoseconds
        )
        {
            Warnings.Add(LayerRule.LinkAttributes, entry.Name);
            inode.Uid = (uint)entry.Uid;
            inode.Gid = (uint)entry.Gid;
            inode.Mode = mode;
            inode.Seconds = time.Seconds;
            inode.Nanoseconds = time.Nanoseconds;
        }

        var known = Tree.ExtraOf(target);
        if (entry.Xattrs.Count > 0 && !entry.Xattrs.SequenceEqual(known.Xattrs))
        {
            var all = known
                .Xattrs.Concat(entry.Xattrs)
                .GroupBy(xattr => xattr.Name)
                .Select(same => same.Last())
                .OrderBy(xattr => xattr.Name);
            Tree.SetExtra(target, known with { Xattrs = [.. all] });
        }
    }

    private void KeepAufsFile(TarEntry entry, string path, ContentLocation location)
    {
        Warnings.Add(LayerRule.AufsMetadata, entry.Name);
        if (entry.Kind == TarEntryKind.File)
        {
            _aufs[path] = Tree.AddInode(WithoutOverlayAttributes(entry), _layer);
        }
        else if (entry.Kind == TarEntryKind.HardLink)
        {
            _aufs[path] = LinkTarget(entry, MergedTree.None, location);
        }
    }

    private void NoteUnusualWhiteout(TarEntry entry)
    {
        if (entry.Kind == TarEntryKind.HardLink)
        {
            Warnings.Add(LayerRule.WhiteoutIsLink, entry.Name);
        }
        else if (entry.Size > 0)
        {
            Warnings.Add(LayerRule.WhiteoutWithContent, entry.Name);
        }
    }

    /// <summary>They would make an overlay mount of the exported files show something else than the files.</summary>
    private TarEntry WithoutOverlayAttributes(TarEntry entry)
    {
        if (entry.Xattrs.Count == 0 || !entry.Xattrs.Any(IsOverlay))
        {
            return entry;
        }

        Warnings.Add(LayerRule.OverlayAttribute, entry.Name);
        return entry with { Xattrs = [.. entry.Xattrs.Where(xattr => !IsOverlay(xattr))] };

        static bool IsOverlay(Xattr xattr) =>
            xattr.Name.StartsWith("trusted.overlay.") || xattr.Name.StartsWith("user.overlay.");
    }

    /// <summary>The node of a path: parents are followed, the last part is not.</summary>
    private int Lookup(string path, ContentLocation location)
    {
        EntryPath.Split(path, out var folder, out var leaf);
        var parent = _walker.Find(folder, location);
        return parent < 0 ? MergedTree.None : Tree.Find(parent, leaf);
    }
}
