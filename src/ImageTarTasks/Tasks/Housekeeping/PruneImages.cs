using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Removes untagged images, or all that no container uses, and content that nothing needs any more. Images that a
/// running verb or build uses stay.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("image prune", Example = "imagetar image prune -f --keep-last 3 --max-size 20GB")]
public sealed class PruneImages : ImagePruneTask
{
    private protected override IReadOnlyList<Func<PruneResult>> CreateSteps(ImageStore store, ListFilter filter)
    {
        var options = CreateOptions(filter);
        return [() => PruneImages(store, options)];
    }

    private protected override IReadOnlyList<string> DescribeRemoval() =>
        [$"WARNING! This will remove {DescribeImageRemoval()}."];
}
