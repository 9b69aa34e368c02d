using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Makes a container of an image: a name and an ID to export by. Nothing runs.</summary>
[MSBuildMultiThreadableTask]
[Verb("create", "container create", Example = "imagetar create --name web nginx:1.27 nginx -g 'daemon off;'")]
public sealed class CreateContainer : ImageTask
{
    /// <summary>The image: a name, an ID, or the first digits of one.</summary>
    [Required, Argument(0, "IMAGE")]
    public string Image { get; set; } = "";

    /// <summary>The command it would run instead of the image's, and its arguments.</summary>
    [Argument(1, "COMMAND", IsOptional = true, IsTrailingCommand = true)]
    public string[] Command { get; set; } = [];

    /// <summary>The container's name; one is made when it is not given.</summary>
    [Option(ValueName = "NAME")]
    public string? Name { get; set; }

    /// <summary>
    /// The platform to take of an image for several, such as linux/arm64. [default: the one of this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>The container: its ID, with the metadata Name, Image and ManifestDigest.</summary>
    [Output]
    public ITaskItem? Container { get; set; }

    private protected override void Run(ImageStore store)
    {
        var name = string.IsNullOrEmpty(Name) ? null : Name;
        var command = Command.Length == 0 ? null : Command;
        var container = store.CreateContainer(
            store.Find(Image),
            Image,
            name,
            command,
            OptionValues.ParsePlatform(Platform)
        );
        Container = TaskItems.Create(
            container.Id,
            ("Name", container.Name),
            ("Image", Image),
            ("ManifestDigest", container.Image.Digest.Value)
        );
        Reporter.Result(container.Id);
    }
}
