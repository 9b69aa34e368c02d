using System.Globalization;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using Microsoft.Build.Framework;

namespace ImageTarTasks.TaskBases;

/// <summary>The base of tasks that remove images nobody needs.</summary>
public abstract class ImagePruneTask : PruneTask
{
    /// <summary>Also remove images that have names and no container, not only untagged ones.</summary>
    [Option("-a", "--all")]
    public bool All { get; set; }

    /// <summary>
    /// Also remove images that have names, but of each repository keep this many, the ones used last.
    /// </summary>
    [Option(ValueName = "NUMBER")]
    public string? KeepLast { get; set; }

    /// <summary>
    /// Also remove images that have names, the ones not used for the longest time first, until the store takes at most
    /// this much space, such as 20GB.
    /// </summary>
    [Option(ValueName = "SIZE")]
    public string? MaxSize { get; set; }

    /// <summary>The names that were removed, or would be.</summary>
    [Output]
    public ITaskItem[] Untagged { get; set; } = [];

    /// <summary>The IDs of images and the chain IDs of layers that were freed, or would be.</summary>
    [Output]
    public ITaskItem[] Deleted { get; set; } = [];

    /// <summary>What happens to images, for the question.</summary>
    private protected string DescribeImageRemoval() =>
        (All, KeepLast, MaxSize) switch
        {
            (_, { Length: > 0 } count, _) =>
                $"all images without at least one container associated to them, except the {count} used last of each "
                    + "repository",
            (true, _, _) => "all images without at least one container associated to them",
            (_, _, { Length: > 0 } size) =>
                $"all dangling images, and those not used for the longest time until the store takes at most {size}",
            _ => "all dangling images",
        };

    /// <summary>What the options say about images.</summary>
    /// <exception cref="Core.Diagnostics.ImageTarException">ITT1011, ITT1031, ITT1032: an option is wrong.</exception>
    private protected ImagePruneOptions CreateOptions(ListFilter filter)
    {
        DateTimeOffset[] until = [.. filter.GetTimes("until", Clock)];
        return new ImagePruneOptions
        {
            All = All,
            KeepLast = ParseKeepLast(),
            MaxSize = OptionValues.ParseSize(nameof(MaxSize), MaxSize),
            DryRun = DryRun,
            Fits = image =>
                until.All(time => (image.Image?.Config.Created ?? DateTimeOffset.MinValue) < time)
                && (
                    !filter.HasLabels
                    || filter.MatchesLabels(image.Image?.Config.Settings.Labels ?? new Dictionary<string, string>())
                ),
        };
    }

    /// <summary>Removes images.</summary>
    private protected PruneResult PruneImages(ImageStore store, ImagePruneOptions options)
    {
        var result = store.PruneImages(options);
        if (result.Remaining is { } remaining && remaining > options.MaxSize)
        {
            Reporter.Warn(StoreDiagnostics.StillTooLarge(remaining, options.MaxSize.Value, store.Root));
        }

        Untagged = [.. result.Images.SelectMany(image => image.Untagged).Select(n => TaskItems.Create(n.Familiar))];
        Deleted = [.. result.Images.SelectMany(image => image.Deleted).Select(d => TaskItems.Create(d.Value))];
        return result;
    }

    private int? ParseKeepLast() =>
        string.IsNullOrEmpty(KeepLast) ? null
        : int.TryParse(KeepLast, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw PresentationDiagnostics.InvalidNumber("--keep-last", KeepLast);
}
