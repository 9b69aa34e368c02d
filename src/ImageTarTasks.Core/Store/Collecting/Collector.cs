using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Containers;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>
/// The garbage collector: the only class that deletes blobs. It keeps everything that index.json, the containers and
/// live sessions reach. It plans without the lock and deletes under it, after index.json was replaced. A process that
/// dies in between leaves only garbage for the next collection.
/// </summary>
internal sealed class Collector(StoreContext store)
{
    /// <summary>
    /// The minimum age of unreferenced blobs that this program did not just release. Another OCI tool that copies into
    /// the folder writes blobs first and does not use our lock.
    /// </summary>
    private static readonly TimeSpan ForeignBlobGracePeriod = TimeSpan.FromHours(1);

    /// <summary>The ChainIDs of all layers that <paramref name="targets"/> have.</summary>
    public HashSet<ChainId> Chains(IEnumerable<Descriptor> targets)
    {
        var chains = new HashSet<ChainId>();
        foreach (var node in store.Walk(targets))
        {
            if (
                node.Kind == ContentKind.Manifest
                && store.Blobs.TryRead(node.Descriptor) is { } raw
                && ImageManifest.Parse(raw, node.Descriptor.MediaType, store.Layout.LocationOf(node.Descriptor.Digest))
                    is { IsImage: true } manifest
                && store.Blobs.TryRead(manifest.Config) is { } config
            )
            {
                var location = store.Layout.LocationOf(manifest.Config.Digest);
                chains.UnionWith(ChainId.Of(ImageConfig.Parse(config, location).DiffIds));
            }
        }

        return chains;
    }

    /// <summary>
    /// Finds the content that only <paramref name="released"/> reached, and unreferenced blobs. Reads the documents of
    /// all images, so it is called without the lock where possible.
    /// </summary>
    /// <param name="index">index.json after the removal.</param>
    /// <param name="containers">The containers after the removal.</param>
    /// <param name="released">Targets that lose their last name or container.</param>
    public CollectionPlan Plan(StoreIndex index, ContainerSet containers, IEnumerable<Descriptor> released)
    {
        if (FindReachable(index, containers) is not { } reachable)
        {
            return new CollectionPlan([], []);
        }

        // Documents are deleted first: a visible document always has what it refers to, even if this process dies here.
        Digest[] free =
        [
            .. released
                .SelectMany(WalkReleased)
                .DistinctBy(node => node.Descriptor.Digest)
                .OrderByDescending(node => node.Kind)
                .ThenBy(node => node.Descriptor.Digest)
                .Select(node => node.Descriptor.Digest)
                .Where(digest => !reachable.Contains(digest)),
        ];
        return new CollectionPlan(
            free,
            [
                .. FindBlobs()
                    .Select(blob => blob.Digest)
                    .Where(digest => !reachable.Contains(digest))
                    .Except(free)
                    .Where(IsOld)
                    .Order(),
            ]
        );
    }

    /// <summary>
    /// Deletes what a plan found and no live session pins, and the files of dead sessions. Under the store's lock,
    /// after the removal, with a plan for the current index.json and containers. The removal is complete by then: a
    /// failure here is a warning, and a later collection does the rest.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="withRecompressed">Delete all layers in another compression that no session needs, too.</param>
    /// <returns>The bytes of the files that were deleted.</returns>
    public long Collect(CollectionPlan plan, bool withRecompressed = false)
    {
        var bytes = 0L;
        try
        {
            StoreSession.Sweep(store.Layout, store.Files, store.Reporter);
            foreach (var file in FindGarbage(plan, StoreSession.Pinned(store.Layout), withRecompressed))
            {
                var length = StoreFiles.LengthOf(file);
                store.Files.Delete(file.FullName);
                bytes += length;
            }
        }
        catch (ImageTarException failure)
        {
            store.Reporter.Warn(StoreDiagnostics.CollectionIncomplete(failure, store.Layout.Root));
        }

        return bytes;
    }

    /// <summary>The bytes that <see cref="Collect"/> would delete.</summary>
    public long Estimate(CollectionPlan plan, IReadOnlySet<Digest> pinned, bool withRecompressed = false) =>
        FindGarbage(plan, pinned, withRecompressed).Sum(StoreFiles.LengthOf);

    /// <summary>
    /// The bytes of each blob in the store: of its file, its layer index and, when wanted, its files in other
    /// compressions.
    /// </summary>
    public Dictionary<Digest, long> Sizes(bool withRecompressed)
    {
        var sizes = FindBlobs().ToDictionary(blob => blob.Digest, blob => StoreFiles.LengthOf(blob.File));
        var recompressed = withRecompressed ? new RecompressedLayers(store).Files() : [];
        foreach (var (layer, file) in FindLayerIndexes().Concat(recompressed))
        {
            if (sizes.TryGetValue(layer, out var size))
            {
                sizes[layer] = size + StoreFiles.LengthOf(file);
            }
        }

        return sizes;
    }

    /// <summary>
    /// The files to delete: what is made from layers that go, and then blobs in the order of the plan. So a process
    /// that dies in between never leaves a file whose layer is gone.
    /// </summary>
    private List<FileInfo> FindGarbage(CollectionPlan plan, IReadOnlySet<Digest> pinned, bool withRecompressed)
    {
        var blobs = new Dictionary<Digest, FileInfo>();
        foreach (var digest in plan.Released.Concat(plan.Old.Where(IsOld)))
        {
            if (!pinned.Contains(digest) && new FileInfo(store.Layout.Blob(digest)) is { Exists: true } file)
            {
                blobs.TryAdd(digest, file);
            }
        }

        var recompressed = new RecompressedLayers(store);
        return
        [
            .. FindLayerIndexes().Where(index => IsGone(index.Layer)).Select(index => index.File),
            .. withRecompressed ? recompressed.Unused(pinned) : recompressed.Orphans(pinned, IsGone),
            .. blobs.Values,
        ];

        bool IsGone(Digest digest) => blobs.ContainsKey(digest) || store.Blobs.SizeOf(digest) is null;
    }

    /// <summary>All content that must stay. Null, with a warning, when it cannot be determined.</summary>
    private HashSet<Digest>? FindReachable(StoreIndex index, ContainerSet containers)
    {
        if (containers.Broken is [var broken, ..])
        {
            store.Reporter.Warn(StoreDiagnostics.CollectionSkippedForContainer(broken.DisplayName, store.Layout.Root));
            return null;
        }

        var reachable = containers
            .Readable.SelectMany(container => container.Layers)
            .Select(layer => layer.Descriptor.Digest)
            .ToHashSet();
        var roots = index
            .Targets.Select(entry => entry.Target)
            .Concat(containers.Readable.Select(container => container.Image))
            .DistinctBy(root => root.Digest);
        foreach (var root in roots)
        {
            try
            {
                if (!store.Blobs.Has(root))
                {
                    throw StoreDiagnostics.BlobMissing(root.Digest, store.Layout.LocationOf(root.Digest));
                }

                var nodes = store.Walk(root);
                reachable.UnionWith(nodes.Select(node => node.Descriptor.Digest));
            }
            catch (ImageTarException e)
            {
                store.Reporter.Warn(
                    StoreDiagnostics.CollectionSkipped(root.Digest, e.Diagnostic.Message, store.Layout.Root)
                );
                return null;
            }
        }

        return reachable;
    }

    /// <summary>
    /// The content that a removed target reached. Of a damaged target only itself; the rest is old garbage later.
    /// </summary>
    private List<ContentNode> WalkReleased(Descriptor target)
    {
        try
        {
            return store.Walk(target);
        }
        catch (ImageTarException e)
        {
            store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(target.Digest, e));
            return [new ContentNode(target, ContentKind.Index, true)];
        }
    }

    private IEnumerable<(Digest Digest, FileInfo File)> FindBlobs()
    {
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            foreach (var file in StoreFiles.List(store.Layout.BlobFolder(algorithm)))
            {
                if (Digest.TryParse($"{algorithm}:{file.Name}", out var digest))
                {
                    yield return (digest, file);
                }
            }
        }
    }

    private IEnumerable<(Digest Layer, FileInfo File)> FindLayerIndexes()
    {
        foreach (var file in StoreFiles.List(store.Layout.Layers, "*.idx"))
        {
            if (Digest.TryParseHex(Path.GetFileNameWithoutExtension(file.Name), out var layer))
            {
                yield return (layer, file);
            }
        }
    }

    private bool IsOld(Digest blob)
    {
        var path = store.Layout.Blob(blob);
        return StoreFiles.Run("read", path, () => File.GetLastWriteTimeUtc(path))
            < DateTime.UtcNow - ForeignBlobGracePeriod;
    }
}

/// <summary>The blobs that a collection deletes unless they are pinned.</summary>
/// <param name="Released">Content that a removal releases, documents first.</param>
/// <param name="Old">Other content that nothing refers to, when it is still old by the time of the collection.</param>
internal sealed record CollectionPlan(IReadOnlyList<Digest> Released, IReadOnlyList<Digest> Old);
