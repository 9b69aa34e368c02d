using ImageTarTasks.Core.Containers;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Lists the files and folders of a container that are not as in its image: A for added, C for changed, D for deleted.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("diff", "container diff", Example = "imagetar diff web")]
public sealed class DiffContainer : ResultTask
{
    /// <summary>The container, by name, ID, or first digits of one.</summary>
    [Required, Argument(0, "CONTAINER")]
    public string Container { get; set; } = "";

    /// <summary>The paths, with the metadata Kind: Added, Changed or Deleted.</summary>
    [Output]
    public ITaskItem[] Changes { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var container = store.FindContainer(Container) ?? throw StoreDiagnostics.NoSuchContainer(Container);
        var changes = ContainerDiff.Compute(store, container, Reporter, CancellationToken);
        Changes =
        [
            .. changes.Select(change => TaskItems.Create("/" + change.Path.ToText(), ("Kind", change.Kind.ToString()))),
        ];
        WriteResult(
            changes.Select(change => $"{change.Kind.ToString()[0]} /{change.Path.ToText()}"),
            json =>
            {
                json.Name("changes").BeginArray();
                foreach (var change in changes)
                {
                    json.BeginObject();
                    json.Name("kind").String(change.Kind.ToString());
                    json.Name("path").String("/" + change.Path.ToText());
                    json.EndObject();
                }

                json.EndArray();
            }
        );
    }
}
