using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// Writes a layer on top of others. Before each entry it writes the folders that contain the entry, with the attributes
/// they have in the layers below. The image specification does not require this, but overlay file systems do: they give
/// a folder that a layer does not describe to root, with mode 0755.
/// </summary>
/// <param name="below">The file system of the layers below.</param>
/// <param name="output">The tar of the layer.</param>
internal sealed class OverlayLayerWriter(MergedTree below, TarWriter output)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Writes an entry, whose name is clean and leads through no link.</summary>
    public void Add(TarEntry entry, Stream? content, CancellationToken cancellationToken)
    {
        var name = entry.Name.Units.TrimEnd('/');
        AddParents(name, cancellationToken);
        if (entry.Kind == TarEntryKind.Directory)
        {
            _written.Add(name);
        }

        output.Add(entry, content, cancellationToken);
    }

    private void AddParents(string name, CancellationToken cancellationToken)
    {
        var node = MergedTree.Root;
        for (
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            slash >= 0 && node >= 0;
            slash = name.IndexOf('/', slash + 1)
        )
        {
            var folder = name[..slash];
            node = below.Find(node, folder.AsSpan(folder.LastIndexOf('/') + 1));
            if (node >= 0 && below.InodeOf(node).Kind == TarEntryKind.Directory && _written.Add(folder))
            {
                var inode = below.InodeOf(node);
                output.Add(
                    new TarEntry
                    {
                        Name = ByteString.FromUnits(folder),
                        Kind = TarEntryKind.Directory,
                        Mode = inode.Mode,
                        Uid = inode.Uid,
                        Gid = inode.Gid,
                        ModificationTime = new TarTime(inode.Seconds, inode.Nanoseconds),
                        Xattrs = below.ExtraOf(below[node].Inode).Xattrs,
                    },
                    null,
                    cancellationToken
                );
            }
        }
    }
}
