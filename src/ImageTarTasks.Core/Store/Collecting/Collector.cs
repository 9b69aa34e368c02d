using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>
/// The garbage collector: the only class that deletes blobs. It keeps everything that index.json, the containers and
/// live sessions reach. It runs under the store's lock, after index.json was replaced. A process that dies in between
/// leaves only garbage for the next collection.
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
        foreach (var node in ContentGraph.Walk(targets, store.Blobs.TryRead, store.Layout.LocationOf))
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
    /// Deletes the content that only <paramref name="released"/> reached, old unreferenced blobs, and the files of dead
    /// sessions. The removal that released the content is complete: a failure here is a warning, and a later collection
    /// does the rest.
    /// </summary>
    /// <param name="index">The current index.json.</param>
    /// <param name="containers">The current containers.</param>
    /// <param name="released">Targets that have just lost their last name or container.</param>
    public void Collect(StoreIndex index, IReadOnlyList<Container> containers, IEnumerable<Descriptor> released)
    {
        try
        {
            DeleteGarbage(index, containers, released);
        }
        catch (ImageTarException failure)
        {
            store.Reporter.Warn(StoreDiagnostics.CollectionIncomplete(failure, store.Layout.Root));
        }
    }

    private void DeleteGarbage(StoreIndex index, IReadOnlyList<Container> containers, IEnumerable<Descriptor> released)
    {
        StoreSession.Sweep(store.Layout, store.Files, store.Reporter);
        if (FindReachable(index, containers) is not { } reachable)
        {
            return;
        }

        reachable.UnionWith(StoreSession.Pinned(store.Layout));
        var garbage = new List<(ContentKind Kind, Digest Digest)>();
        foreach (var target in released)
        {
            garbage.AddRange(WalkReleased(target).Select(node => (node.Kind, node.Descriptor.Digest)));
        }

        garbage.AddRange(FindOldBlobs().Select(digest => (ContentKind.Leaf, digest)));

        // Documents are deleted first: a visible document always has what it refers to, even if this process dies here.
        var deletions = garbage
            .DistinctBy(blob => blob.Digest)
            .Where(blob => !reachable.Contains(blob.Digest))
            .OrderByDescending(blob => blob.Kind)
            .ThenBy(blob => blob.Digest);
        foreach (var (_, digest) in deletions)
        {
            if (store.Blobs.SizeOf(digest) is not null)
            {
                store.Files.Delete(store.Layout.Blob(digest));
            }
        }

        DeleteOrphanedLayerIndexes();
        new RecompressedLayers(store).DeleteOrphans();
    }

    /// <summary>All content that must stay. Null, with a warning, when it cannot be determined.</summary>
    private HashSet<Digest>? FindReachable(StoreIndex index, IReadOnlyList<Container> containers)
    {
        var reachable = containers
            .SelectMany(container => container.Layers)
            .Select(layer => layer.Descriptor.Digest)
            .ToHashSet();
        var roots = index
            .Targets.Select(entry => entry.Target)
            .Concat(containers.Select(container => container.Image))
            .DistinctBy(root => root.Digest);
        foreach (var root in roots)
        {
            try
            {
                if (!store.Blobs.Has(root))
                {
                    throw StoreDiagnostics.BlobMissing(root.Digest, store.Layout.LocationOf(root.Digest));
                }

                var nodes = ContentGraph.Walk([root], store.Blobs.TryRead, store.Layout.LocationOf);
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
            return ContentGraph.Walk([target], store.Blobs.TryRead, store.Layout.LocationOf);
        }
        catch (ImageTarException e)
        {
            store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(target.Digest, e));
            return [new ContentNode(target, ContentKind.Index, true)];
        }
    }

    private IEnumerable<Digest> FindOldBlobs()
    {
        var threshold = DateTime.UtcNow - ForeignBlobGracePeriod;
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            var folder = new DirectoryInfo(store.Layout.BlobFolder(algorithm));
            if (!folder.Exists)
            {
                continue;
            }

            foreach (var file in StoreFiles.Run("list", folder.FullName, folder.GetFiles))
            {
                if (file.LastWriteTimeUtc < threshold && Digest.TryParse($"{algorithm}:{file.Name}", out var digest))
                {
                    yield return digest;
                }
            }
        }
    }

    private void DeleteOrphanedLayerIndexes()
    {
        if (!Directory.Exists(store.Layout.Layers))
        {
            return;
        }

        var folder = store.Layout.Layers;
        foreach (var path in StoreFiles.Run("list", folder, () => Directory.GetFiles(folder, "*.idx")))
        {
            if (
                Digest.TryParse("sha256:" + Path.GetFileNameWithoutExtension(path), out var blob)
                && store.Blobs.SizeOf(blob) is null
            )
            {
                store.Files.Delete(path);
            }
        }
    }
}
