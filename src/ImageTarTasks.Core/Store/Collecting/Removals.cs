using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>
/// Removes images and containers, and the content that nothing needs any more. All images are read for the plan, before
/// the store's lock is taken.
/// </summary>
internal sealed class Removals(StoreContext store, ImageResolver resolver)
{
    private readonly Collector _collector = new(store);

    /// <summary>Removes names and images as <c>docker rmi</c> does.</summary>
    /// <exception cref="ImageTarException">ITT3010; ITT3011: conflict, in Docker's words.</exception>
    public RemovalResult RemoveImage(string nameOrId, bool force) =>
        store.Change(
            (index, containers) =>
            {
                var plan = ImageRemoval.Plan(
                    ImageCatalog.Of(index, resolver),
                    Uses(containers.Readable),
                    nameOrId,
                    force
                );
                foreach (var name in plan.Untagged)
                {
                    index.RemoveName(name);
                }

                foreach (var entry in plan.Dropped)
                {
                    index.RemoveUntagged(entry.Target.Digest);
                }

                var freed = FreedChains(plan.Deleted, index, containers.Readable);
                return (
                    Index: index,
                    Collection: _collector.Plan(index, containers, plan.Dropped.Select(entry => entry.Target)),
                    Result: new RemovalResult(
                        plan.Untagged,
                        plan.Deleted is { } image ? [image.Id.Digest, .. freed] : []
                    )
                );
            },
            plan =>
            {
                store.WriteIndex(plan.Index);
                _collector.Collect(plan.Collection);
                return plan.Result;
            }
        );

    /// <summary>Removes a container, also one that cannot be read.</summary>
    /// <exception cref="ImageTarException">ITT3031: no such container.</exception>
    public (string Id, string? Name) RemoveContainer(string nameOrId) =>
        store.Change(
            (index, containers) =>
            {
                var id = containers.FindId(nameOrId) ?? throw StoreDiagnostics.NoSuchContainer(nameOrId);
                var released = containers
                    .Readable.Where(container => container.Id == id)
                    .SelectMany(container =>
                        container.Layers.Select(layer => layer.Descriptor).Prepend(container.Image)
                    );
                return (
                    Id: id,
                    Name: containers.NameOf(id),
                    Collection: _collector.Plan(index, containers.Without(id), released)
                );
            },
            plan =>
            {
                store.Containers.Remove(plan.Id);
                _collector.Collect(plan.Collection);
                return (plan.Id, plan.Name);
            }
        );

    private List<ImageUse> Uses(IReadOnlyList<Container> containers) =>
        [
            .. containers.Select(container => new ImageUse(
                container.Id,
                resolver.TryOpen(container.Image)?.Id ?? new ImageId(container.Image.Digest)
            )),
        ];

    /// <summary>
    /// The ChainIDs of the layers that only the deleted image had, top to bottom, as <c>docker rmi</c> prints them.
    /// </summary>
    private Digest[] FreedChains(StoredImage? deleted, StoreIndex index, IReadOnlyList<Container> containers)
    {
        if (deleted?.Image is not { } image)
        {
            return [];
        }

        if (KeptChains(store, _collector, index, containers) is not { } kept)
        {
            return [];
        }

        return
        [
            .. ChainId
                .Of(image.Config.DiffIds)
                .Reverse()
                .Where(chain => !kept.Contains(chain))
                .Select(chain => chain.Digest),
        ];
    }

    /// <summary>
    /// The ChainIDs of all layers that a store keeps. Null, with a warning, when an image is damaged: its layers are
    /// unknown, so none is said to be free. Removing another image goes on.
    /// </summary>
    public static HashSet<ChainId>? KeptChains(
        StoreContext store,
        Collector collector,
        StoreIndex index,
        IReadOnlyList<Container> containers
    )
    {
        try
        {
            return collector.Chains([
                .. index.Targets.Select(entry => entry.Target).Where(store.Blobs.Has),
                .. containers.Select(container => container.Image),
            ]);
        }
        catch (ImageTarException unreadable)
        {
            store.Reporter.Warn(StoreDiagnostics.LayersUnknown(unreadable, store.Layout.Root));
            return null;
        }
    }
}
