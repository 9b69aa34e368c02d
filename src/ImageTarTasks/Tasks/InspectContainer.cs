using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Prints all details of containers.</summary>
[MSBuildMultiThreadableTask]
[Verb("container inspect", Example = "imagetar container inspect web")]
public sealed class InspectContainer : InspectTask
{
    private protected override RecordValue Inspect(ImageStore store, string name)
    {
        var container = store.FindContainer(name) ?? throw StoreDiagnostics.NoSuchContainer(name);
        return InspectRecords.Create(container, store.OpenImage(container.Image));
    }
}

/// <summary>Prints all details of containers and images. A name of both means the container.</summary>
[MSBuildMultiThreadableTask]
[Verb("inspect", Example = "imagetar inspect --type image busybox:1.36")]
public sealed class InspectObject : InspectTask
{
    /// <summary>Only this kind.</summary>
    [Option, Choices("container", "image")]
    public string? Type { get; set; }

    private protected override RecordValue Inspect(ImageStore store, string name)
    {
        var isImage = string.Equals(Type, "image", StringComparison.OrdinalIgnoreCase);
        if (!isImage && store.FindContainer(name) is { } container)
        {
            return InspectRecords.Create(container, store.OpenImage(container.Image));
        }

        var stored =
            isImage ? store.Find(name)
            : Type is { Length: > 0 } ? throw StoreDiagnostics.NoSuchContainer(name)
            : store.TryFind(name) ?? throw PresentationDiagnostics.NoSuchObject(name);
        return InspectRecords.Create(
            stored,
            store.OpenImage(stored.Target),
            new LayerSizes(store, Reporter, CancellationToken)
        );
    }
}
