using System.Globalization;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Shows what uses the disk space of the store. Sizes are those of files, which a prune can free. Docker's row Build
/// Cache is here the layers that are kept in another compression.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("system df", Example = "imagetar system df -v")]
public sealed class ListDiskUsage : ImageTask
{
    private static readonly Listing Summary = new(
        "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Type"] = "TYPE",
            ["TotalCount"] = "TOTAL",
            ["Active"] = "ACTIVE",
            ["Size"] = "SIZE",
            ["Reclaimable"] = "RECLAIMABLE",
        }
    );

    private static readonly Listing ImageTable = new(
        "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t"
            + "{{.Containers}}\t{{.LastUsedSince}}",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Repository"] = "REPOSITORY",
            ["Tag"] = "TAG",
            ["ID"] = "IMAGE ID",
            ["CreatedSince"] = "CREATED",
            ["Size"] = "SIZE",
            ["SharedSize"] = "SHARED SIZE",
            ["UniqueSize"] = "UNIQUE SIZE",
            ["Containers"] = "CONTAINERS",
            ["LastUsedSince"] = "LAST USED",
        }
    );

    private static readonly Listing ContainerTable = new(
        "{{.ID}}\t{{.Image}}\t{{.Size}}\t{{.RunningFor}}\t{{.Names}}",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ID"] = "CONTAINER ID",
            ["Image"] = "IMAGE",
            ["Size"] = "SIZE",
            ["RunningFor"] = "CREATED",
            ["Names"] = "NAMES",
        }
    );

    private static readonly Listing CacheTable = new(
        "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ID"] = "LAYER",
            ["CacheType"] = "COMPRESSION",
            ["Size"] = "SIZE",
            ["CreatedSince"] = "CREATED",
        }
    );

    /// <summary>Show each image, container and recompressed layer.</summary>
    [Option("-v", "--verbose")]
    public bool Verbose { get; set; }

    /// <summary>How to print the summary: table, table TEMPLATE, json, or a template of Go's for each row.</summary>
    [Option(ValueName = "FORMAT")]
    public string? Format { get; set; }

    /// <summary>The bytes of all files: images, containers, recompressed layers and unreferenced content.</summary>
    [Output]
    public string TotalBytes { get; set; } = "0";

    /// <summary>The clock, for ages.</summary>
    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    private protected override void Run(ImageStore store)
    {
        if (Verbose && !string.IsNullOrEmpty(Format))
        {
            throw UsageDiagnostics.OptionsExclude(nameof(Verbose), nameof(Format));
        }

        var usage = store.MeasureUsage();
        var containerBytes = usage.Containers.Sum(container => container.Size);
        var cacheBytes = usage.Recompressed.Sum(file => file.Size);
        TotalBytes = usage.TotalBytes.ToString(CultureInfo.InvariantCulture);
        if (Verbose)
        {
            PrintDetails(usage, cacheBytes);
            return;
        }

        Print(
            Summary.Render(
                Format,
                quiet: false,
                [
                    Row(
                        "Images",
                        usage.Images.Count,
                        usage.Images.Count(image => image.Containers > 0),
                        usage.ImageBytes,
                        usage.ReclaimableImageBytes
                    ),
                    Row("Containers", usage.Containers.Count, 0, containerBytes, containerBytes),
                    Row("Local Volumes", 0, 0, 0, 0),
                    Row("Build Cache", usage.Recompressed.Count, 0, cacheBytes, cacheBytes, withPercentage: false),
                ]
            )
        );
    }

    private static RecordValue Row(
        string type,
        int total,
        int active,
        long size,
        long reclaimable,
        bool withPercentage = true
    ) =>
        new RecordValue("*formatter.diskUsageContext") { IsRow = true }
            .With("Type", new SafeText(type))
            .With("TotalCount", new SafeText(total.ToString(CultureInfo.InvariantCulture)))
            .With("Active", new SafeText(active.ToString(CultureInfo.InvariantCulture)))
            .With("Size", new SafeText(HumanSize.Format(size, 4)))
            .With(
                "Reclaimable",
                new SafeText(
                    HumanSize.Format(reclaimable, 4)
                        + (
                            withPercentage && size > 0
                                ? string.Create(CultureInfo.InvariantCulture, $" ({reclaimable * 100 / size}%)")
                                : ""
                        )
                )
            );

    private void PrintDetails(StoreUsage usage, long cacheBytes)
    {
        Print(["Images space usage:", ""]);
        Print(ImageTable.Render("table", quiet: false, usage.Images.SelectMany(ImageRows)));
        Print(["", "Containers space usage:", ""]);
        Print(ContainerTable.Render("table", quiet: false, usage.Containers.Select(ContainerRow)));
        Print(["", $"Build cache usage: {HumanSize.Format(cacheBytes, 4)}", ""]);
        Print(CacheTable.Render("table", quiet: false, usage.Recompressed.Select(CacheRow)));
        Print(["", $"Unreferenced content: {HumanSize.Format(usage.UnreferencedBytes, 4)}"]);
    }

    private IEnumerable<RecordValue> ImageRows(ImageUsage usage)
    {
        var names =
            usage.Image.References.Count > 0
                ? usage.Image.References.Select(name => (name.FamiliarRepository, name.Tag ?? "<none>"))
                : [("<none>", "<none>")];
        return names.Select(name =>
            new RecordValue("*formatter.diskUsageImageContext") { IsRow = true }
                .With("Repository", new SafeText(name.Item1))
                .With("Tag", new SafeText(name.Item2))
                .With("ID", new SafeText(usage.Image.Id.Short))
                .With("CreatedSince", new SafeText(FormatAge(usage.Image.Image?.Config.Created)))
                .With("Size", new SafeText(HumanSize.Format(usage.Size, 4)))
                .With("SharedSize", new SafeText(HumanSize.Format(usage.Shared, 4)))
                .With("UniqueSize", new SafeText(HumanSize.Format(usage.Size - usage.Shared, 4)))
                .With("Containers", new SafeText(usage.Containers.ToString(CultureInfo.InvariantCulture)))
                .With("LastUsedSince", new SafeText(FormatAge(new DateTimeOffset(usage.LastUse))))
        );
    }

    private RecordValue ContainerRow(ContainerUsage usage) =>
        new RecordValue("*formatter.ContainerContext") { IsRow = true }
            .With("ID", new SafeText(usage.Container.Id[..12]))
            .With("Image", usage.Container.ImageName)
            .With("Size", new SafeText(HumanSize.Format(usage.Size, 4)))
            .With("RunningFor", new SafeText(FormatAge(usage.Container.Created)))
            .With("Names", new SafeText(usage.Container.Name));

    private RecordValue CacheRow(RecompressedUsage usage) =>
        new RecordValue("*formatter.buildCacheContext") { IsRow = true }
            .With("ID", new SafeText(usage.Layer.ShortHex))
            .With("CacheType", usage.Compression)
            .With("Size", new SafeText(HumanSize.Format(usage.Size, 4)))
            .With("CreatedSince", new SafeText(FormatAge(new DateTimeOffset(usage.Created))));

    private string FormatAge(DateTimeOffset? time) =>
        time is { } known ? $"{HumanAge.Format(Clock.GetUtcNow() - known)} ago" : "N/A";

    private void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Reporter.Result(line);
        }
    }
}
