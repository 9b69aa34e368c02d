using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Gives an image of the store another name.</summary>
[MSBuildMultiThreadableTask]
[Verb("tag", "image tag", Example = "imagetar tag busybox:1.36 registry.example/tools/busybox:stable")]
public sealed class TagImage : ImageTask
{
    /// <summary>The image: a name, an ID, or the first digits of one.</summary>
    [Required, Argument(0, "SOURCE_IMAGE[:TAG]")]
    public string Source { get; set; } = "";

    /// <summary>The new name. If another image has it, it moves to this image.</summary>
    [Required, Argument(1, "TARGET_IMAGE[:TAG]")]
    public string Target { get; set; } = "";

    /// <summary>
    /// The image: its new name, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem? Image { get; set; }

    private protected override void Run(ImageStore store)
    {
        var name = ImageReference.Parse(Target).OrLatest();
        var image = store.Find(Source);
        store.Tag(image, name);
        Image = ImageItem.Create(image, [name]);
        Reporter.Summary($"Tagged {Source} as {name}");
    }
}
