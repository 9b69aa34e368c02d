using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Containers;

/// <summary>The file system of a container: the layers of its image and its own layers, merged in memory.</summary>
internal sealed class ContainerTree
{
    private readonly List<LayerSource> _sources;
    private readonly LayerMerge _merge = new();

    /// <summary>Merges the layers.</summary>
    /// <exception cref="ImageTarException">ITT24xx; ITT2432: the image is for Windows.</exception>
    public ContainerTree(ImageStore store, Container container, IReporter reporter, CancellationToken cancellationToken)
    {
        Container = container;
        Image = store.OpenImage(container.Image);
        if (Image.Config.Platform.Os == "windows")
        {
            throw ContainerDiagnostics.WindowsLayers(container.ImageName, Image.Config.Platform);
        }

        _sources =
        [
            .. Image
                .Layers.Concat(container.Layers)
                .Select(layer => new StoredLayer(store, layer, reporter, "Copying")),
        ];
        foreach (var source in _sources)
        {
            _merge.Add(() => source.Entries(cancellationToken), source.Location, cancellationToken);
        }

        _merge.Warnings.Clear();
    }

    /// <summary>The container.</summary>
    public Container Container { get; }

    /// <summary>Its image.</summary>
    public Image Image { get; }

    /// <summary>The files.</summary>
    public MergedTree Tree => _merge.Tree;

    /// <summary>Checks that a new layer can be merged on top, and merges it.</summary>
    /// <exception cref="ImageTarException">ITT24xx.</exception>
    public void Add(
        Func<IEnumerable<TarEntry>> entries,
        ContentLocation location,
        CancellationToken cancellationToken
    ) => _merge.Add(entries, location, cancellationToken);

    /// <summary>
    /// Where a path leads, inside the root: parents through symbolic links, the last part through them when <paramref
    /// name="follow"/> or the path ends in a slash or a dot.
    /// </summary>
    /// <param name="path">As a user wrote it; relative to the root.</param>
    /// <param name="follow">Whether a link at the end is followed.</param>
    /// <returns>
    /// The directory (or none), the name in it, empty for the directory itself, and the node (or none).
    /// </returns>
    public (int Parent, string Name, int Node) Find(string path, bool follow)
    {
        var units = ByteString.FromText(path).Units;
        follow |= units.EndsWith('/') || units.EndsWith("/.", StringComparison.Ordinal);
        var walker = new PathWalker(Tree, _merge.Warnings);
        var location = new ContentLocation("container " + Container.Name);
        for (var hops = 0; hops <= Limits.SymlinkHops; hops++)
        {
            var clean = Clean(units);
            if (clean.Length == 0)
            {
                return (MergedTree.Root, "", MergedTree.Root);
            }

            EntryPath.Split(clean, out var folder, out var leaf);
            var parent = walker.Find(folder, location);
            var node = parent < 0 || leaf.Length > Limits.ComponentBytes ? MergedTree.None : Tree.Find(parent, leaf);
            if (!follow || node < 0 || Tree.InodeOf(node).Kind != TarEntryKind.SymbolicLink)
            {
                return (parent, leaf.ToString(), node);
            }

            var target = Tree.ExtraOf(Tree[node].Inode).LinkName.Units;
            units = target.StartsWith('/') ? target : Tree.PathOf(parent).Units + "/" + target;
        }

        throw LayerDiagnostics.TooManyLinks(location.In(ByteString.FromText(path)));
    }

    /// <summary>The directory at a normalised path, or none.</summary>
    public int FindFolder(ReadOnlySpan<char> path) =>
        new PathWalker(Tree, _merge.Warnings).Find(path, new ContentLocation("container " + Container.Name));

    /// <summary>Writes a file, or a directory with everything below it.</summary>
    /// <param name="node">The node to begin at.</param>
    /// <param name="name">The name it gets.</param>
    /// <param name="output">The output.</param>
    /// <param name="cancellationToken">Stops inside content.</param>
    public void Write(int node, ByteString name, IRootFsOutput output, CancellationToken cancellationToken) =>
        new FlatWriter(Tree, output, new ExportOptions()) { Start = (node, name) }.Write(
            number => _sources[number].Open(),
            cancellationToken
        );

    /// <summary>The content of a small file; null when there is no file at that path.</summary>
    /// <exception cref="ImageTarException">ITT2301: it is larger than a document may be.</exception>
    public byte[]? Read(string path, CancellationToken cancellationToken)
    {
        var (_, _, node) = Find(path, follow: true);
        if (node < 0 || Tree.InodeOf(node) is not { Kind: TarEntryKind.File } inode)
        {
            return null;
        }

        if (inode.Size > Limits.JsonBytes)
        {
            throw DocumentDiagnostics.DocumentTooLarge(path, new ContentLocation("container " + Container.Name));
        }

        var memory = new MemoryOutput();
        Write(node, ByteString.FromText(path), memory, cancellationToken);
        return memory.Content;
    }

    /// <summary>A path without empty and dot parts; two dots take away the part before, and stop at the root.</summary>
    private static string Clean(string units)
    {
        var parts = new List<string>();
        foreach (var part in units.Split('/'))
        {
            if (part is "..")
            {
                parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private sealed class MemoryOutput : IRootFsOutput
    {
        public byte[] Content { get; private set; } = [];

        public void Add(TarEntry entry, in FileNames names, Stream? content, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream();
            content?.CopyTo(bytes);
            Content = bytes.ToArray();
        }

        public void Finish() { }
    }
}
