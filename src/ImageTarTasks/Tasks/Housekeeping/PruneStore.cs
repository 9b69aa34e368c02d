using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Removes all containers, untagged images or all images, layers that are kept in another compression for later saves,
/// and content that nothing needs any more. What a running verb or build uses stays.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("system prune", Example = "imagetar system prune -a --filter until=720h")]
public sealed class PruneStore : ImagePruneTask
{
    /// <summary>Accepted for compatibility with Docker; has no effect.</summary>
    [Option]
    public bool Volumes { get; set; }

    /// <summary>The IDs of the containers that were removed, or would be.</summary>
    [Output]
    public ITaskItem[] RemovedContainers { get; set; } = [];

    private protected override IReadOnlyList<Func<PruneResult>> CreateSteps(ImageStore store, ListFilter filter)
    {
        var options = CreateOptions(filter) with { Recompressed = true };
        return
        [
            () =>
            {
                var result = PruneContainers(store, filter);
                RemovedContainers = [.. result.Containers.Select(id => TaskItems.Create(id))];
                options = options with { GoneContainers = result.Containers };

                // A dry run counts the content of the containers with that of the images.
                return DryRun ? result with { Bytes = 0 } : result;
            },
            () => PruneImages(store, options),
        ];
    }

    private protected override IReadOnlyList<string> DescribeRemoval() =>
        [
            "WARNING! This will remove:",
            "  - all stopped containers",
            $"  - {DescribeImageRemoval()}",
            "  - all layers kept in another compression",
            "",
            .. Filter.Length == 0
                ? Array.Empty<string>()
                :
                [
                    "  Items to be pruned will be filtered with:",
                    .. Filter.Order(StringComparer.Ordinal).Select(filter => $"  - {filter}"),
                    "",
                ],
        ];
}
