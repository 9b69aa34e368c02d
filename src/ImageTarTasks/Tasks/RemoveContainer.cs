using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Removes containers.</summary>
[MSBuildMultiThreadableTask]
[Verb("rm", "container rm", "container remove", Example = "imagetar rm web")]
public sealed class RemoveContainer : ImageTask
{
    /// <summary>The containers, by name, ID, or first digits of an ID. All are tried, even when some fail.</summary>
    [Required, Argument(0, "CONTAINER")]
    public string[] Containers { get; set; } = [];

    /// <summary>Ignore containers that do not exist.</summary>
    [Option("-f", "--force")]
    public bool Force { get; set; }

    /// <summary>The containers that were removed: their IDs, with the metadata Name.</summary>
    [Output]
    public ITaskItem[] Removed { get; set; } = [];

    private protected override void Run(ImageStore store) =>
        ForEachArgument(Containers, name => Remove(store, name), Force ? StoreDiagnostics.NoSuchContainerCode : null);

    private void Remove(ImageStore store, string name)
    {
        var (id, containerName) = store.RemoveContainer(name);
        Removed = [.. Removed, TaskItems.Create(id, ("Name", containerName ?? ""))];
        Reporter.Result(name);
    }
}
