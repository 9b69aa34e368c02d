using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Containers;

/// <summary>The kind of change of a path of a container.</summary>
public enum ContainerChangeKind
{
    /// <summary>The path, or something below it, differs from the image.</summary>
    Changed,

    /// <summary>The image does not have it.</summary>
    Added,

    /// <summary>The image has it, the container does not.</summary>
    Deleted,
}

/// <summary>A path of a container that differs from its image.</summary>
/// <param name="Kind">The kind of change.</param>
/// <param name="Path">The path from the root, without a leading slash.</param>
public readonly record struct ContainerChange(ContainerChangeKind Kind, ByteString Path);

/// <summary>Compares a container with its image, as <c>docker diff</c> does.</summary>
public static class ContainerDiff
{
    /// <summary>
    /// The changes, ordered by the bytes of their paths. A directory is changed when something in it is changed. Of a
    /// deleted directory only the top is listed.
    /// </summary>
    /// <exception cref="ImageTarException">ITT24xx, ITT302x.</exception>
    public static IReadOnlyList<ContainerChange> Compute(
        ImageStore store,
        Container container,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pin = store.Pin(container);
        if (container.Layers.Count == 0)
        {
            return [];
        }

        var now = new ContainerTree(store, container, reporter, cancellationToken);
        var before = new ContainerTree(store, container with { Layers = [] }, reporter, cancellationToken);
        return [.. Compare(before.Tree, now.Tree, now.Image.Layers.Count).OrderBy(change => change.Path)];
    }

    /// <summary>
    /// The changes between two trees, the first being the second without the layers from <paramref name="firstLayer"/>
    /// on.
    /// </summary>
    internal static IEnumerable<ContainerChange> Compare(MergedTree before, MergedTree now, int firstLayer)
    {
        var pending = new Stack<(int Before, int Now)>([(MergedTree.Root, MergedTree.Root)]);
        var changed = new HashSet<int>();
        while (pending.TryPop(out var directory))
        {
            foreach (var child in now.Children(directory.Now))
            {
                var name = now.NameIn(child);
                var old = directory.Before < 0 ? MergedTree.None : before.Find(directory.Before, name.Units);
                var isDirectory = now.InodeOf(child).Kind == TarEntryKind.Directory;
                var wasDirectory = old >= 0 && before.InodeOf(old).Kind == TarEntryKind.Directory;
                if (old < 0)
                {
                    yield return new ContainerChange(ContainerChangeKind.Added, now.PathOf(child));
                    MarkAbove(directory.Now);
                }
                else if (now[child].Layer >= firstLayer || isDirectory != wasDirectory)
                {
                    changed.Add(child);
                    MarkAbove(directory.Now);
                }

                if (isDirectory)
                {
                    pending.Push((wasDirectory ? old : MergedTree.None, child));
                }
            }

            if (directory.Before >= 0)
            {
                foreach (var gone in before.Children(directory.Before))
                {
                    if (now.Find(directory.Now, before.NameIn(gone).Units) < 0)
                    {
                        yield return new ContainerChange(ContainerChangeKind.Deleted, before.PathOf(gone));
                        MarkAbove(directory.Now);
                    }
                }
            }
        }

        foreach (var node in changed)
        {
            yield return new ContainerChange(ContainerChangeKind.Changed, now.PathOf(node));
        }

        // Marks directories of the image only. An added directory is listed as added.
        void MarkAbove(int node)
        {
            for (; node != MergedTree.Root && Existed(node) && changed.Add(node); node = now[node].Parent) { }
        }

        bool Existed(int node)
        {
            var names = new Stack<string>();
            for (; node != MergedTree.Root; node = now[node].Parent)
            {
                names.Push(now.NameIn(node).Units);
            }

            var old = MergedTree.Root;
            while (old >= 0 && names.TryPop(out var name))
            {
                old = before.Find(old, name);
            }

            return old >= 0;
        }
    }
}
