using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Paths;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// Selects paths of a root filesystem. A path that an include pattern matches is taken with everything below it, and so
/// are the directories that lead to it. Without include patterns everything is taken. A path that an exclude pattern
/// matches is left out with everything below it, even when an include pattern matches.
/// </summary>
/// <param name="Include">Patterns of paths to take.</param>
/// <param name="Exclude">Patterns of paths to leave out.</param>
public sealed record PathFilter(IReadOnlyList<PathGlob> Include, IReadOnlyList<PathGlob> Exclude)
{
    /// <summary>Marks the nodes of a tree that are taken, by their numbers. The root always is.</summary>
    internal bool[] Select(MergedTree tree)
    {
        var taken = new bool[tree.NodeCount];
        taken[MergedTree.Root] = true;
        var pending = new Stack<(int Node, bool Included)>([(MergedTree.Root, Include.Count == 0)]);
        while (pending.TryPop(out var directory))
        {
            foreach (var child in tree.Children(directory.Node))
            {
                var path = tree.PathOf(child);
                if (Exclude.Any(pattern => pattern.Matches(path)))
                {
                    continue;
                }

                var included = directory.Included || Include.Any(pattern => pattern.Matches(path));
                if (included)
                {
                    // The directories above are taken once, by the first of their children that is.
                    for (var node = child; !taken[node]; node = tree[node].Parent)
                    {
                        taken[node] = true;
                    }
                }

                if (tree.InodeOf(child).Kind == Tar.TarEntryKind.Directory)
                {
                    pending.Push((child, included));
                }
            }
        }

        return taken;
    }
}
