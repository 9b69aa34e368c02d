using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store.Containers;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>Which images a prune removes.</summary>
public sealed record ImagePruneOptions
{
    /// <summary>Also images that have names, not only untagged ones. Those of containers stay.</summary>
    public bool All { get; init; }

    /// <summary>
    /// Also images that have names, except the ones used last of each repository: this many. Null: not asked for.
    /// </summary>
    public int? KeepLast { get; init; }

    /// <summary>
    /// Also images that have names, those first that were not used for the longest time, until the store's files have
    /// at most this many bytes. Null: no bound.
    /// </summary>
    public long? MaxSize { get; init; }

    /// <summary>Also delete the layers that are kept in another compression. A later save makes them again.</summary>
    public bool Recompressed { get; init; }

    /// <summary>IDs of containers that count as removed, for a dry run of a prune that removes them first.</summary>
    public IReadOnlyList<string> GoneContainers { get; init; } = [];

    /// <summary>Images that do not fit stay.</summary>
    public Func<StoredImage, bool> Fits { get; init; } = _ => true;

    /// <summary>Find out what a prune would remove, and change nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What a prune removed, or would remove.</summary>
/// <param name="Images">The images, in the order of their removal.</param>
/// <param name="Containers">The IDs of containers.</param>
/// <param name="Bytes">The bytes of the files that are deleted.</param>
/// <param name="Remaining">
/// The bytes of the store's files after it; null when <see cref="ImagePruneOptions.MaxSize"/> is not given.
/// </param>
public sealed record PruneResult(
    IReadOnlyList<RemovalResult> Images,
    IReadOnlyList<string> Containers,
    long Bytes,
    long? Remaining = null
);

/// <summary>
/// Removes all images or containers that nobody needs, in one change. What a running verb or build uses stays: the
/// sessions of others are looked at when the plan is made, and again under the lock.
/// </summary>
internal sealed class Pruner(StoreContext store, ImageResolver resolver)
{
    private const int Attempts = 3;

    private readonly Collector _collector = new(store);

    /// <summary>Removes images as the options say, and content that nothing needs any more.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006; ITT23xx.</exception>
    public PruneResult PruneImages(ImagePruneOptions options)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var pinned = ReadPins();
            if (options.DryRun)
            {
                var plan = Plan(store.ReadIndex(), store.Containers.List(), pinned, options);
                var bytes = _collector.Estimate(plan.Collection, pinned, options.Recompressed);
                return new PruneResult(plan.Removed, [], bytes, Size(options) - bytes);
            }

            if (store.Change((index, containers) => Plan(index, containers, pinned, options), TryApply) is { } result)
            {
                return result;
            }
        }

        // Others begin to use the very images again and again. Under the lock nobody does.
        using (store.Lock.Acquire())
        {
            var pinned = StoreSession.Pinned(store.Layout);
            return TryApply(Plan(store.ReadIndex(), store.Containers.List(), pinned, options))!;
        }

        PruneResult? TryApply(PrunePlan plan)
        {
            if (plan.Needed.Overlaps(StoreSession.Pinned(store.Layout)))
            {
                return null;
            }

            if (plan.Removed.Count > 0)
            {
                store.WriteIndex(plan.Index);
            }

            var bytes = _collector.Collect(plan.Collection, options.Recompressed);
            return new PruneResult(plan.Removed, [], bytes, Size(options));
        }
    }

    /// <summary>Removes containers, and content that nothing needs any more.</summary>
    /// <param name="fits">Containers that do not fit stay.</param>
    /// <param name="isDryRun">Change nothing.</param>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006.</exception>
    public PruneResult PruneContainers(Func<Container, bool> fits, bool isDryRun)
    {
        if (isDryRun)
        {
            var (ids, collection) = Plan(store.ReadIndex(), store.Containers.List());
            return new PruneResult([], ids, _collector.Estimate(collection, ReadPins()));
        }

        return store.Change(
            Plan,
            plan =>
            {
                store.Containers.Remove(plan.Ids);
                return new PruneResult([], plan.Ids, _collector.Collect(plan.Collection));
            }
        );

        (string[] Ids, CollectionPlan Collection) Plan(StoreIndex index, ContainerSet containers)
        {
            Container[] removed = [.. containers.Readable.Where(fits)];
            var left = removed.Aggregate(containers, (set, container) => set.Without(container.Id));
            return ([.. removed.Select(container => container.Id)], _collector.Plan(index, left, Released(removed)));
        }
    }

    private static IEnumerable<Descriptor> Released(IEnumerable<Container> containers) =>
        containers.SelectMany(container => container.Layers.Select(layer => layer.Descriptor).Prepend(container.Image));

    /// <summary>The bytes of the store's files, when a bound is given.</summary>
    private long? Size(ImagePruneOptions options) =>
        options.MaxSize is null ? null : _collector.Sizes(withRecompressed: true).Values.Sum();

    /// <summary>What live sessions pin; nothing when this process may not change the store, so nobody can.</summary>
    private HashSet<Digest> ReadPins()
    {
        try
        {
            using (store.Lock.Acquire())
            {
                return StoreSession.Pinned(store.Layout);
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            return [];
        }
    }

    private PrunePlan Plan(
        StoreIndex index,
        ContainerSet containers,
        IReadOnlySet<Digest> pinned,
        ImagePruneOptions options
    )
    {
        var gone = containers.Readable.Where(container => options.GoneContainers.Contains(container.Id)).ToArray();
        containers = gone.Aggregate(containers, (set, container) => set.Without(container.Id));
        var inContainers = containers.Readable.Select(container => container.Image.Digest).ToHashSet();
        var idsInContainers = containers
            .Readable.Select(container => resolver.TryOpen(container.Image)?.Id)
            .OfType<ImageId>()
            .ToHashSet();
        Candidate[] images =
        [
            .. ImageCatalog
                .Of(index, resolver)
                .Entries.Select(entry => new Candidate(
                    entry,
                    store.LastUse(entry.Target.Digest),
                    TryReadDocuments(entry)
                ))
                .OrderBy(image => image.LastUse)
                .ThenBy(image => image.Entry.Target.Digest),
        ];
        var kept = KeptOfEachRepository(images, options.KeepLast ?? 0);
        Candidate[] removable =
        [
            .. images.Where(image =>
                image.Documents is { } documents
                && !documents.Overlaps(inContainers)
                && !documents.Overlaps(pinned)
                && !idsInContainers.Contains(image.Entry.Image.Id)
                && !kept.Contains(image)
                && options.Fits(image.Entry.Image)
            ),
        ];
        var removed = removable
            .Where(image => options.All || options.KeepLast is not null || image.Entry.References.Count == 0)
            .ToHashSet();
        if (options.MaxSize is { } maxSize)
        {
            RemoveUntil(maxSize, images, removable, removed, containers);
        }

        Candidate[] inOrder = [.. removable.Where(removed.Contains)];
        foreach (var entry in inOrder.Select(image => image.Entry))
        {
            foreach (var name in entry.References)
            {
                index.RemoveName(name);
            }

            index.RemoveUntagged(entry.Target.Digest);
        }

        return new PrunePlan(
            index,
            _collector.Plan(index, containers, inOrder.Select(image => image.Entry.Target).Concat(Released(gone))),
            Results(inOrder, [.. images.Where(image => !removed.Contains(image))], index, containers),
            [.. inOrder.SelectMany(image => image.Documents!)]
        );
    }

    /// <summary>Adds images to <paramref name="removed"/> until the rest needs at most some bytes.</summary>
    private void RemoveUntil(
        long maxSize,
        Candidate[] images,
        Candidate[] removable,
        HashSet<Candidate> removed,
        ContainerSet containers
    )
    {
        var sizes = _collector.Sizes(withRecompressed: true);
        var users = new Dictionary<Digest, int>();
        var needed = images
            .Where(image => !removed.Contains(image))
            .ToDictionary(image => image, image => store.ContentOf(image.Entry.Target));
        var ofContainers = containers.Readable.SelectMany(container =>
            store.ContentOf(container.Image).Concat(container.Layers.Select(layer => layer.Descriptor.Digest))
        );
        foreach (var digest in needed.Values.SelectMany(digests => digests).Concat(ofContainers))
        {
            users[digest] = users.GetValueOrDefault(digest) + 1;
        }

        var total = users.Keys.Sum(digest => sizes.GetValueOrDefault(digest));
        foreach (var image in removable.Where(image => !removed.Contains(image)))
        {
            if (total <= maxSize)
            {
                return;
            }

            removed.Add(image);
            foreach (var digest in needed[image])
            {
                if (--users[digest] == 0)
                {
                    total -= sizes.GetValueOrDefault(digest);
                }
            }
        }
    }

    /// <summary>
    /// The manifests and indexes of an image: a session that pins one of them uses the image. Null for an image that
    /// cannot be read, which is reported: nobody knows what needs it, so a prune leaves it to <c>rmi</c> and
    /// <c>fsck</c>.
    /// </summary>
    private HashSet<Digest>? TryReadDocuments(ImageCatalogEntry entry)
    {
        try
        {
            _ = resolver.Open(entry.Target, null);
        }
        catch (ImageTarException e)
            when (e.Diagnostic.Code is StoreDiagnostics.NotAnImageCode or StoreDiagnostics.NoSuchPlatformCode)
        {
            // An artifact, which is pruned as an image is.
        }
        catch (ImageTarException e)
        {
            store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(entry.Target.Digest, e));
            return null;
        }

        return
        [
            .. store
                .Walk(entry.Target)
                .Where(node => node.Kind != Blobs.ContentKind.Leaf)
                .Select(node => node.Descriptor.Digest),
        ];
    }

    /// <summary>
    /// The images used last of each repository. An image stays when one of its repositories keeps it.
    /// </summary>
    private static HashSet<Candidate> KeptOfEachRepository(Candidate[] images, int count) =>
        [
            .. images
                .SelectMany(image =>
                    image
                        .Entry.References.Select(name => name.Repository)
                        .Distinct(StringComparer.Ordinal)
                        .Select(repository => (Repository: repository, Image: image))
                )
                .GroupBy(pair => pair.Repository, StringComparer.Ordinal)
                .SelectMany(repository => repository.TakeLast(count).Select(pair => pair.Image)),
        ];

    /// <summary>What is printed about each removed image: the last one that has a layer frees it.</summary>
    private RemovalResult[] Results(Candidate[] removed, Candidate[] left, StoreIndex index, ContainerSet containers)
    {
        if (removed.Length == 0)
        {
            return [];
        }

        var leftIds = left.Select(image => image.Entry.Image.Id).ToHashSet();
        var deletedIds = new HashSet<ImageId>();
        var chains = Removals.KeptChains(store, _collector, index, containers.Readable);
        var results = new RemovalResult[removed.Length];
        for (var i = removed.Length - 1; i >= 0; i--)
        {
            var image = removed[i].Entry.Image;
            var isGone = !leftIds.Contains(image.Id) && deletedIds.Add(image.Id);
            Digest[] freed =
                chains is null || image.Image is null
                    ? []
                    :
                    [
                        .. ChainId
                            .Of(image.Image.Config.DiffIds)
                            .Reverse()
                            .Where(chains.Add)
                            .Select(chain => chain.Digest),
                    ];
            results[i] = new RemovalResult(image.References, isGone ? [image.Id.Digest, .. freed] : freed);
        }

        return results;
    }

    /// <summary>
    /// An image, when it was used last, and its manifests and indexes, or null when it cannot be read.
    /// </summary>
    private sealed record Candidate(ImageCatalogEntry Entry, DateTime LastUse, HashSet<Digest>? Documents);

    /// <summary>The plan of a prune.</summary>
    /// <param name="Index">index.json after it.</param>
    /// <param name="Collection">The content to delete.</param>
    /// <param name="Removed">What to print.</param>
    /// <param name="Needed">The manifests and indexes of the removed images.</param>
    private sealed record PrunePlan(
        StoreIndex Index,
        CollectionPlan Collection,
        IReadOnlyList<RemovalResult> Removed,
        HashSet<Digest> Needed
    );
}
