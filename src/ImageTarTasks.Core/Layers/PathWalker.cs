using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// Finds directories of a <see cref="MergedTree"/> by path, through symbolic links, never out of the root.
/// </summary>
internal sealed class PathWalker(MergedTree tree, LayerWarnings warnings)
{
    private string _lastFolder = "";
    private int _lastNode = MergedTree.Root;
    private int _lastVersion;
    private bool _followedLinks;

    /// <summary>The directory at a path, or <see cref="MergedTree.None"/>.</summary>
    /// <param name="folder">Clean path; empty for the root.</param>
    /// <param name="location">For messages.</param>
    /// <param name="goneLinks">Symbolic links to treat as missing.</param>
    /// <exception cref="ImageTarException">ITT2404.</exception>
    public int Find(ReadOnlySpan<char> folder, ContentLocation location, HashSet<int>? goneLinks = null) =>
        Walk(folder, layer: null, default, location, goneLinks);

    /// <summary>The directory at a path. Missing directories are created.</summary>
    /// <exception cref="ImageTarException">ITT2401, ITT2403, ITT2404.</exception>
    public int FindOrAdd(ReadOnlySpan<char> folder, int layer, ByteString entry, ContentLocation location)
    {
        // The entries of one directory follow one another, so most look-ups are of the directory found last.
        if (_lastVersion == tree.Version && folder.SequenceEqual(_lastFolder))
        {
            return _lastNode;
        }

        var node = Walk(folder, layer, entry, location, goneLinks: null);
        if (!_followedLinks)
        {
            (_lastFolder, _lastNode, _lastVersion) = (folder.ToString(), node, tree.Version);
        }

        return node;
    }

    private int Walk(
        ReadOnlySpan<char> folder,
        int? layer,
        ByteString entry,
        ContentLocation location,
        HashSet<int>? goneLinks
    )
    {
        var current = MergedTree.Root;
        var hops = 0;
        var targets = 0;
        var followedLower = false;
        List<string>? missing = null;
        _followedLinks = false;
        var rest = folder;
        while (!rest.IsEmpty)
        {
            var slash = rest.IndexOf('/');
            var name = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? [] : rest[(slash + 1)..];
            if (name is "" or ".")
            {
                continue;
            }

            if (name is "..")
            {
                if (missing is { Count: > 0 })
                {
                    missing.RemoveAt(missing.Count - 1);
                }
                else
                {
                    current = tree[current].Parent;
                }

                continue;
            }

            var child =
                missing is { Count: > 0 } || name.Length > Limits.ComponentBytes
                    ? MergedTree.None
                    : tree.Find(current, name);
            if (child < 0)
            {
                if (layer is null)
                {
                    return MergedTree.None;
                }

                CheckName(name, location);
                (missing ??= []).Add(name.ToString());
                continue;
            }

            switch (tree.InodeOf(child).Kind)
            {
                case TarEntryKind.Directory:
                    current = child;
                    break;
                case TarEntryKind.SymbolicLink when goneLinks?.Contains(child) == true:
                    return MergedTree.None;
                case TarEntryKind.SymbolicLink:
                    var target = tree.ExtraOf(tree[child].Inode).LinkName.Units;
                    targets += target.Length;
                    if (++hops > Limits.SymlinkHops || targets > Limits.LinkTargetsBytes)
                    {
                        return layer is null ? MergedTree.None : throw LayerDiagnostics.TooManyLinks(location);
                    }

                    _followedLinks = true;
                    followedLower |= tree[child].Layer != layer;
                    current = target.StartsWith('/') ? MergedTree.Root : current;
                    rest = rest.IsEmpty ? target : string.Concat(target, "/", rest);
                    break;
                default:
                    if (layer is not { } changingIn)
                    {
                        return MergedTree.None;
                    }

                    // Every mount of the layers would show a directory here. Within one layer it is a contradiction.
                    if (tree[child].Layer == changingIn || hops > 0)
                    {
                        throw LayerDiagnostics.ParentNotDirectory(tree.PathOf(child).ToText(), location);
                    }

                    var shared = name.ToString();
                    tree.Remove(child);
                    current = tree.AddImplied(current, shared, changingIn);
                    warnings.Add(LayerRule.FileBecomesParent, entry);
                    break;
            }
        }

        if (layer is { } addingIn)
        {
            foreach (var name in missing ?? [])
            {
                current = tree.AddImplied(current, name, addingIn);
            }

            if (followedLower)
            {
                warnings.Add(LayerRule.ThroughSymbolicLink, entry);
            }
        }

        return current;
    }

    /// <summary>Checks the length of a path part. The parts of a link's target have not been checked before.</summary>
    private static void CheckName(ReadOnlySpan<char> name, ContentLocation location)
    {
        if (name.Length > Limits.ComponentBytes)
        {
            throw PathDiagnostics.InvalidEntryName(
                "leads through a symbolic link to a part longer than 255 bytes",
                location
            );
        }

        if (name.StartsWith(Whiteout.Prefix))
        {
            throw PathDiagnostics.InvalidEntryName("leads through a symbolic link to a whiteout's name", location);
        }
    }
}
