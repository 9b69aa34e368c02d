using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Removes names of images, and images without a name, and deletes content that nothing needs any more.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("rmi", "image rm", "image remove", Example = "imagetar rmi busybox:1.36")]
public sealed class RemoveImage : ImageTask
{
    /// <summary>The images: a name removes that name, an ID the image. All are tried, even when some fail.</summary>
    [Required, Argument(0, "IMAGE")]
    public string[] Images { get; set; } = [];

    /// <summary>
    /// Remove an image with all its names, even when containers use it, and ignore images that do not exist.
    /// </summary>
    [Option("-f", "--force")]
    public bool Force { get; set; }

    /// <summary>Accepted for compatibility with Docker; has no effect.</summary>
    [Option]
    public bool NoPrune { get; set; }

    /// <summary>The names that were removed.</summary>
    [Output]
    public ITaskItem[] Untagged { get; set; } = [];

    /// <summary>The IDs of images and the chain IDs of layers that were freed.</summary>
    [Output]
    public ITaskItem[] Deleted { get; set; } = [];

    private protected override void Run(ImageStore store) =>
        ForEachArgument(Images, name => Remove(store, name), Force ? StoreDiagnostics.NoSuchImageCode : null);

    private void Remove(ImageStore store, string name)
    {
        var removed = store.Remove(name, Force);
        foreach (var reference in removed.Untagged)
        {
            Reporter.Result($"Untagged: {reference}");
        }

        foreach (var digest in removed.Deleted)
        {
            Reporter.Result($"Deleted: {digest}");
        }

        Untagged = [.. Untagged, .. removed.Untagged.Select(r => TaskItems.Create(r.Familiar))];
        Deleted = [.. Deleted, .. removed.Deleted.Select(d => TaskItems.Create(d.Value))];
    }
}
