using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Store.Containers;

/// <summary>A container whose file cannot be read. Nobody knows which image and layers it needs.</summary>
/// <param name="Id">Its ID, the name of the file.</param>
/// <param name="Name">Its name, when that much of the file can be read; else null.</param>
/// <param name="Reason">The error of reading the file.</param>
internal sealed record BrokenContainer(string Id, string? Name, ImageTarException Reason)
{
    /// <summary>Its name or else its ID.</summary>
    public string DisplayName => Name ?? Id;
}

/// <summary>The containers of a store at one moment.</summary>
/// <param name="Readable">Newest first.</param>
/// <param name="Broken">Ordered by ID.</param>
/// <param name="State">Differs when any file differs.</param>
internal sealed record ContainerSet(
    IReadOnlyList<Container> Readable,
    IReadOnlyList<BrokenContainer> Broken,
    string State
)
{
    public static ContainerSet Empty { get; } = new([], [], "");

    private IEnumerable<(string Id, string? Name)> All =>
        Readable
            .Select(container => (container.Id, (string?)container.Name))
            .Concat(Broken.Select(container => (container.Id, container.Name)));

    /// <summary>
    /// The container with an ID, a name (with or without a leading slash), or a unique ID prefix, in this order (moby
    /// daemon/container.go, GetContainer). Null when there is none, or several.
    /// </summary>
    /// <exception cref="ImageTarException">The container is one that cannot be read.</exception>
    public Container? Find(string nameOrId)
    {
        if (FindId(nameOrId) is not { } id)
        {
            return null;
        }

        return Broken.FirstOrDefault(container => container.Id == id) is { } broken
            ? throw broken.Reason
            : Readable.First(container => container.Id == id);
    }

    /// <summary>As <see cref="Find"/>, but the ID alone, also of a container that cannot be read.</summary>
    public string? FindId(string nameOrId)
    {
        var name = nameOrId.StartsWith('/') ? nameOrId[1..] : nameOrId;
        if (All.Any(container => container.Id == nameOrId))
        {
            return nameOrId;
        }

        if (OwnerOf(name) is { } byName)
        {
            return byName;
        }

        string[] byPrefix =
            nameOrId.Length == 0
                ? []
                :
                [
                    .. All.Select(container => container.Id)
                        .Where(id => id.StartsWith(nameOrId, StringComparison.Ordinal))
                        .Take(2),
                ];
        return byPrefix is [var single] ? single : null;
    }

    /// <summary>The ID of the container with a name, or null.</summary>
    public string? OwnerOf(string name) => All.FirstOrDefault(container => container.Name == name).Id;

    /// <summary>The name of a container, or null when it cannot be read.</summary>
    public string? NameOf(string id) => All.FirstOrDefault(container => container.Id == id).Name;

    /// <summary>The set without one container.</summary>
    public ContainerSet Without(string id) =>
        new(
            [.. Readable.Where(container => container.Id != id)],
            [.. Broken.Where(container => container.Id != id)],
            State
        );
}
