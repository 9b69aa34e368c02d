using ImageTarTasks.Core.Containers;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Makes an image of a container: its image with the layers that were copied into it on top.</summary>
/// <remarks>The same container gives the same image, on any day.</remarks>
[MSBuildMultiThreadableTask]
[Verb("commit", "container commit", Example = "imagetar commit -c 'CMD [\"/srv/app/run\"]' web team/web:1.0")]
public sealed class CommitContainer : ImageTask
{
    /// <summary>The container, by name, ID, or first digits of one.</summary>
    [Required, Argument(0, "CONTAINER")]
    public string Container { get; set; } = "";

    /// <summary>The image's name; without one it has only its ID.</summary>
    [Argument(1, "REPOSITORY[:TAG]", IsOptional = true)]
    public string? Reference { get; set; }

    /// <summary>
    /// Dockerfile instructions to apply, such as CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME or WORKDIR.
    /// </summary>
    [Option("-c", "--change", ValueName = "INSTRUCTION")]
    public string[] Changes { get; set; } = [];

    /// <summary>The comment of the image and of its history.</summary>
    [Option("-m", "--message")]
    public string? Message { get; set; }

    /// <summary>The author of the image, such as "Ada &lt;ada@example.com&gt;".</summary>
    [Option("-a", "--author")]
    public string? Author { get; set; }

    /// <summary>Accepted for compatibility with Docker; has no effect.</summary>
    [Option("-p", "--pause")]
    public bool Pause { get; set; }

    /// <summary>
    /// The creation time of the image: 2026-01-31T12:00:00Z, or seconds since 1970. [default: $SOURCE_DATE_EPOCH, else
    /// the newest time in the copied files, or the creation time of the container's image]
    /// </summary>
    [Option(ValueName = "TIME")]
    public string? Created { get; set; }

    /// <summary>
    /// The image: name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem? Image { get; set; }

    private protected override void Run(ImageStore store)
    {
        var options = new CommitOptions
        {
            Changes = Changes,
            Message = Message,
            Author = Author,
            Reference = string.IsNullOrEmpty(Reference) ? null : ImageReference.Parse(Reference).OrLatest(),
            Created = OptionValues.ParseTime(nameof(Created), Created, ReadEnvironment),
        };
        var container = store.FindContainer(Container) ?? throw StoreDiagnostics.NoSuchContainer(Container);
        var image = ContainerCommit.Commit(store, container, options, CancellationToken);
        Image = ImageItem.Create(image, options.Reference is { } name ? [name] : []);
        Reporter.Result(image.Id.ToString());
    }
}
