using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Prints all details of images: names, digests, platform, configuration, layers.</summary>
[MSBuildMultiThreadableTask]
[Verb("image inspect", Example = "imagetar image inspect -f '{{json .Config.Labels}}' busybox:1.36")]
public sealed class InspectImage : InspectTask
{
    /// <summary>
    /// The platform to show of an image for several, such as linux/arm64. [default: the one of this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>
    /// The images: first name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem[] Images { get; set; } = [];

    private protected override RecordValue Inspect(ImageStore store, string name)
    {
        var stored = store.Find(name);
        var image = store.OpenImage(stored.Target, OptionValues.ParsePlatform(Platform));
        Images = [.. Images, ImageItem.Create(stored with { Image = image }, stored.References)];
        return InspectRecords.Create(stored, image, new LayerSizes(store, Reporter, CancellationToken));
    }
}
