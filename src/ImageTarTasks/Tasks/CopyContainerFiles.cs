using ImageTarTasks.Core.Containers;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Copies files and folders into a container, as one more layer of it, or out of one.</summary>
/// <remarks>
/// The rules about names are those of docker cp. docs/reference/formats.md says which attributes are kept, and which
/// files are never written to a disk.
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("cp", "container cp", Example = "imagetar cp app/. web:/srv/app")]
public sealed class CopyContainerFiles : ImageTask
{
    /// <summary>
    /// What to copy: a file or folder, or with /. at its end the content of a folder; CONTAINER:PATH; or - for a tar on
    /// standard input.
    /// </summary>
    [Required, Argument(0, "SOURCE")]
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary>Where to: CONTAINER:PATH; a file or folder; or - for a tar on standard output.</summary>
    [Required, Argument(1, "DESTINATION")]
    public ITaskItem? Destination { get; set; }

    /// <summary>
    /// Into a container: all becomes the user's in the image's configuration. Out of one: owners are kept, and setuid
    /// and setgid.
    /// </summary>
    [Option("-a", "--archive")]
    public bool Archive { get; set; }

    /// <summary>Copy the target of a symbolic link given as a source, not the link.</summary>
    [Option("-L", "--follow-link")]
    public bool FollowLink { get; set; }

    private protected override void Run(ImageStore store)
    {
        var destination = Destination ?? throw UsageDiagnostics.MissingOption(nameof(Destination), "where to copy to");
        var sources = Sources.Select(ContainerPath.TryParse).ToArray();
        switch (ContainerPath.TryParse(destination))
        {
            case { } into when Array.TrueForAll(sources, source => source is null):
                CopyInto(store, into);
                break;
            case not null:
                throw ContainerDiagnostics.InvalidCopy("copying between containers is not supported");
            case null when Array.TrueForAll(sources, source => source is not null):
                CopyOut(store, sources!, destination);
                break;
            case null:
                throw ContainerDiagnostics.InvalidCopy("must specify at least one container source");
        }

        Reporter.Summary(
            $"Copied {string.Join(' ', Sources.Select(source => source.ItemSpec))} to {destination.ItemSpec}"
        );
    }

    private void CopyInto(ImageStore store, ContainerPath destination)
    {
        var container =
            store.FindContainer(destination.Container) ?? throw StoreDiagnostics.NoSuchContainer(destination.Container);
        if (Sources is [{ ItemSpec: "-" }])
        {
            using var input = InputSource.OpenStandardInput(Streams, nameof(Sources));
            ContainerCopy.Into(store, container, input.Stream!, destination.Path, Archive, Reporter, CancellationToken);
            return;
        }

        CopySource[] sources =
        [
            .. Sources.Select(source => new CopySource(source.ItemSpec, TaskItems.GetFullPath(source))),
        ];
        ContainerCopy.Into(
            store,
            container,
            sources,
            destination.Path,
            Archive,
            FollowLink,
            Reporter,
            CancellationToken
        );
    }

    private void CopyOut(ImageStore store, ContainerPath[] sources, ITaskItem destination)
    {
        foreach (var source in sources)
        {
            var container =
                store.FindContainer(source.Container) ?? throw StoreDiagnostics.NoSuchContainer(source.Container);
            if (destination.ItemSpec != "-")
            {
                var target = new CopySource(destination.ItemSpec, TaskItems.GetFullPath(destination));
                ContainerCopy.ToDisk(
                    store,
                    container,
                    source.Path,
                    target,
                    sources.Length > 1,
                    Archive,
                    FollowLink,
                    Reporter,
                    CancellationToken
                );
                continue;
            }

            if (sources.Length > 1)
            {
                throw ContainerDiagnostics.InvalidCopy("several things cannot go to standard output");
            }

            using var output = OutputTarget.Open(null, Streams);
            ContainerCopy.ToTar(store, container, source.Path, FollowLink, output.Stream, Reporter, CancellationToken);
            output.Commit();
        }
    }

    /// <summary>A path in a container, as <c>CONTAINER:PATH</c>.</summary>
    private sealed record ContainerPath(string Container, string Path)
    {
        /// <summary>Docker's rule: a path that is absolute, begins with a dot or has no colon is the disk's.</summary>
        public static ContainerPath? TryParse(ITaskItem item)
        {
            var text = item.ItemSpec;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon <= 0 || text[0] == '.' || System.IO.Path.IsPathRooted(text)
                ? null
                : new ContainerPath(text[..colon], colon + 1 == text.Length ? "/" : text[(colon + 1)..]);
        }
    }
}
