using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// The files that a Docker Engine adds to the file system of every container it creates, and therefore to the output of
/// <c>docker export</c>: mount points for what it mounts when a container runs, and the working directory.
/// </summary>
internal static class DockerEngineFiles
{
    private const int Mode = 0b111_101_101;
    private const string Folder = "/";

    /// <summary>
    /// The paths to add (moby daemon/initlayer/setup_unix.go): a directory, the target of a link, or null for an empty
    /// file.
    /// </summary>
    private static readonly (string Path, string? What)[] RequiredPaths =
    [
        (".dockerenv", null),
        ("dev/console", null),
        ("dev/pts", Folder),
        ("dev/shm", Folder),
        ("etc/hostname", null),
        ("etc/hosts", null),
        ("etc/mtab", "/proc/mounts"),
        ("etc/resolv.conf", null),
        ("proc", Folder),
        ("sys", Folder),
    ];

    /// <summary>
    /// Adds the files. Existing directories stay as they are. Anything else at one of these paths or their parents is
    /// replaced, as Docker does, so the image's own <c>etc/hosts</c> disappears.
    /// </summary>
    /// <param name="tree">The file system.</param>
    /// <param name="workingDirectory">
    /// The working directory of the image, created when it is missing; empty for none.
    /// </param>
    /// <param name="time">The time of the added files.</param>
    /// <param name="layer">A layer number that no layer has.</param>
    public static void AddTo(MergedTree tree, string workingDirectory, TarTime time, int layer)
    {
        foreach (var (path, what) in RequiredPaths)
        {
            var slash = path.LastIndexOf('/');
            var parent = MergedTree.Root;
            foreach (var name in slash < 0 ? [] : path[..slash].Split('/'))
            {
                parent = Directory(tree, parent, name, time, layer);
            }

            var leaf = path[(slash + 1)..];
            var existing = tree.Find(parent, leaf);
            if (what is Folder)
            {
                Directory(tree, parent, leaf, time, layer);
            }
            else if (existing < 0 || tree.InodeOf(existing).Kind != TarEntryKind.Directory)
            {
                if (existing >= 0)
                {
                    tree.Remove(existing);
                }

                var entry = what is null
                    ? new TarEntry
                    {
                        Name = default,
                        Kind = TarEntryKind.File,
                        Mode = Mode,
                        ModificationTime = time,
                    }
                    : new TarEntry
                    {
                        Name = default,
                        Kind = TarEntryKind.SymbolicLink,
                        LinkName = ByteString.FromText(what),
                        ModificationTime = time,
                    };
                tree.Add(parent, leaf, tree.AddInode(entry, layer), layer);
            }
        }

        AddWorkingDirectory(tree, workingDirectory, time, layer);
    }

    private static void AddWorkingDirectory(MergedTree tree, string path, TarTime time, int layer)
    {
        var location = new ContentLocation("the image's configuration").In("WorkingDir");
        var clean = path.Length == 0 ? "" : EntryPath.Of(ByteString.FromText(path), allowDotDot: true, location);
        if (clean.Length > 0)
        {
            var before = tree.NodeCount;
            new PathWalker(tree, new LayerWarnings()).FindOrAdd(clean, layer, ByteString.FromText(path), location);
            for (var node = before; node < tree.NodeCount; node++)
            {
                tree.UpdateAttributes(tree[node].Inode, Described(time), layer);
            }
        }
    }

    private static TarEntry Described(TarTime time) =>
        new()
        {
            Name = default,
            Kind = TarEntryKind.Directory,
            Mode = Mode,
            ModificationTime = time,
        };

    /// <summary>The directory of a name. It replaces anything else that has the name.</summary>
    private static int Directory(MergedTree tree, int parent, string name, TarTime time, int layer)
    {
        var existing = tree.Find(parent, name);
        if (existing >= 0 && tree.InodeOf(existing).Kind == TarEntryKind.Directory)
        {
            return existing;
        }

        if (existing >= 0)
        {
            tree.Remove(existing);
        }

        return tree.Add(parent, name, tree.AddInode(Described(time), layer), layer);
    }
}
