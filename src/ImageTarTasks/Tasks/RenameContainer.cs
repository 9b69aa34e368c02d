using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Gives a container another name.</summary>
[MSBuildMultiThreadableTask]
[Verb("rename", "container rename", Example = "imagetar rename web web-old")]
public sealed class RenameContainer : ImageTask
{
    /// <summary>The container, by name, ID, or first digits of one.</summary>
    [Required, Argument(0, "CONTAINER")]
    public string Container { get; set; } = "";

    /// <summary>The new name.</summary>
    [Required, Argument(1, "NEW_NAME")]
    public string NewName { get; set; } = "";

    private protected override void Run(ImageStore store)
    {
        if (Container.Length == 0 || NewName.Length == 0)
        {
            throw UsageDiagnostics.MissingOption(
                Container.Length == 0 ? nameof(Container) : nameof(NewName),
                "neither old nor new names may be empty"
            );
        }

        store.RenameContainer(Container, NewName);
        Reporter.Summary($"Renamed {Container} to {NewName}");
    }
}
