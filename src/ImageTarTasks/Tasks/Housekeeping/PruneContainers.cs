using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Removes all containers, which here never run, and content that nothing needs any more.</summary>
[MSBuildMultiThreadableTask]
[Verb("container prune", Example = "imagetar container prune -f --filter until=24h")]
public sealed class PruneContainers : PruneTask
{
    /// <summary>The IDs of the containers that were removed, or would be.</summary>
    [Output]
    public ITaskItem[] Removed { get; set; } = [];

    private protected override IReadOnlyList<Func<PruneResult>> CreateSteps(ImageStore store, ListFilter filter) =>
        [
            () =>
            {
                var result = PruneContainers(store, filter);
                Removed = [.. result.Containers.Select(id => TaskItems.Create(id))];
                return result;
            },
        ];

    private protected override IReadOnlyList<string> DescribeRemoval() =>
        ["WARNING! This will remove all stopped containers."];
}
