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
                chains.UnionWith(
                    ChainId.Of(ImageConfig.Parse(config, store.Layout.LocationOf(manifest.Config.Digest)).DiffIds)
                );
            }
        }

        return chains;
    }

    /// <summary>
    /// Deletes the content that only <paramref name="released"/> reached, old unreferenced blobs, and the files of dead
    /// sessions.
    /// </summary>
    /// <param name="index">The current index.json.</param>
    /// <param name="containers">The current containers.</param>
    /// <param name="released">Targets that have just lost their last name or container.</param>
    public void Collect(StoreIndex index, IReadOnlyList<Container> containers, IEnumerable<Descriptor> released)
    {
        StoreSession.Sweep(store.Layout, store.Files);
        if (FindReachable(index, containers) is not { } needed)
        {
            return;
        }

        needed.UnionWith(StoreSession.Pinned(store.Layout));
        var garbage = new List<(ContentKind Kind, Digest Digest)>();
        foreach (var target in released)
        {
            garbage.AddRange(WalkReleased(target).Select(node => (node.Kind, node.Descriptor.Digest)));
        }

        garbage.AddRange(FindOldBlobs().Select(digest => (ContentKind.Leaf, digest)));

        // Documents are deleted first: a visible document always has what it refers to, even if this process dies here.
        foreach (
            var (_, digest) in garbage
                .DistinctBy(g => g.Digest)
                .Where(g => !needed.Contains(g.Digest))
                .OrderByDescending(g => g.Kind)
                .ThenBy(g => g.Digest)
        )
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
        var needed = containers
            .SelectMany(container => container.Layers)
            .Select(layer => layer.Descriptor.Digest)
            .ToHashSet();
        foreach (
            var root in index
                .Targets.Select(t => t.Target)
                .Concat(containers.Select(c => c.Image))
                .DistinctBy(root => root.Digest)
        )
        {
            try
            {
                if (!store.Blobs.Has(root))
                {
                    throw StoreDiagnostics.BlobMissing(root.Digest, store.Layout.LocationOf(root.Digest));
                }

                needed.UnionWith(
                    ContentGraph
                        .Walk([root], store.Blobs.TryRead, store.Layout.LocationOf)
                        .Select(node => node.Descriptor.Digest)
                );
            }
            catch (ImageTarException e)
            {
                store.Reporter.Warn(
                    StoreDiagnostics.CollectionSkipped(root.Digest, e.Diagnostic.Message, store.Layout.Root)
                );
                return null;
            }
        }

        return needed;
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
        var young = DateTime.UtcNow - ForeignBlobGracePeriod;
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            var folder = new DirectoryInfo(store.Layout.BlobFolder(algorithm));
            if (!folder.Exists)
            {
                continue;
            }

            foreach (var file in StoreFiles.Run("list", folder.FullName, folder.GetFiles))
            {
                if (file.LastWriteTimeUtc < young && Digest.TryParse($"{algorithm}:{file.Name}", out var digest))
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

        foreach (
            var path in StoreFiles.Run(
                "list",
                store.Layout.Layers,
                () => Directory.GetFiles(store.Layout.Layers, "*.idx")
            )
        )
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
