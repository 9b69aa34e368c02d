using System.Globalization;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using Microsoft.Build.Framework;

namespace ImageTarTasks.TaskBases;

/// <summary>The base of tasks that remove everything nobody needs, with Docker's questions and outputs.</summary>
/// <remarks>The tool asks before it removes anything. A build does not: nobody is there to answer.</remarks>
public abstract class PruneTask : ImageTask
{
    /// <summary>Do not ask. A build never asks.</summary>
    [Option("-f", "--force")]
    public bool Force { get; set; }

    /// <summary>Print what would be removed and how much space that would free. Remove nothing.</summary>
    [Option]
    public bool DryRun { get; set; }

    /// <summary>Only what fits: until=TIME, label=KEY[=VALUE], label!=KEY[=VALUE].</summary>
    [Option(ValueName = "FILTER")]
    public string[] Filter { get; set; } = [];

    /// <summary>The number of bytes that were freed, or would be.</summary>
    [Output]
    public string ReclaimedBytes { get; set; } = "0";

    /// <summary>The clock, for <c>until</c>.</summary>
    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    private protected sealed override void Run(ImageStore store)
    {
        var filter = ListFilter.Parse(Filter, "until", "label", "label!");
        var steps = CreateSteps(store, filter);
        if (!Force && !DryRun && !Reporter.Confirm(DescribeRemoval(), "Are you sure you want to continue?"))
        {
            return;
        }

        var bytes = 0L;
        foreach (var step in steps)
        {
            CancellationToken.ThrowIfCancellationRequested();
            var result = step();
            bytes += result.Bytes;
            Print("Containers", [.. result.Containers]);
            Print(
                "Images",
                [
                    .. result.Images.SelectMany(image =>
                        image
                            .Untagged.Select(name => $"untagged: {name.Familiar}")
                            .Concat(image.Deleted.Select(digest => $"deleted: {digest}"))
                    ),
                ]
            );
        }

        ReclaimedBytes = bytes.ToString(CultureInfo.InvariantCulture);
        Reporter.Result(
            $"{(DryRun ? "Total space to reclaim" : "Total reclaimed space")}: {HumanSize.Format(bytes, 4)}"
        );
    }

    /// <summary>Checks the options and returns the removals, in their order.</summary>
    private protected abstract IReadOnlyList<Func<PruneResult>> CreateSteps(ImageStore store, ListFilter filter);

    /// <summary>What the question is about.</summary>
    private protected abstract IReadOnlyList<string> DescribeRemoval();

    /// <summary>The removal of containers.</summary>
    private protected PruneResult PruneContainers(ImageStore store, ListFilter filter)
    {
        DateTimeOffset[] until = [.. filter.GetTimes("until", Clock)];
        return store.PruneContainers(
            container =>
                until.All(time => container.Created < time)
                && (
                    !filter.HasLabels
                    || filter.MatchesLabels(
                        store.TryOpenImage(container.Image)?.Config.Settings.Labels ?? new Dictionary<string, string>()
                    )
                ),
            DryRun
        );
    }

    private void Print(string what, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        Reporter.Result(DryRun ? $"{what} to delete:" : $"Deleted {what}:");
        foreach (var line in lines)
        {
            Reporter.Result(line);
        }

        Reporter.Result("");
    }
}
