using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>
/// Frees what nothing needs any more. Needed is what index.json, the containers and live sessions reach. Everything here happens under
/// the store's lock, after index.json was replaced, so a process that dies in between leaves only garbage for the next collection.
/// </summary>
internal sealed class Collector(StoreContext store)
{
    /// <summary>
    /// Blobs that nobody refers to and this program did not just release stay for a while: another OCI tool copying into the folder writes
    /// blobs first and knows nothing of our lock.
    /// </summary>
    private static readonly TimeSpan GraceOfStrangers = TimeSpan.FromHours(1);

    /// <summary>The ChainIDs of all layers that <paramref name="targets"/> have.</summary>
    public HashSet<ChainId> Chains(IEnumerable<Descriptor> targets)
    {
        var chains = new HashSet<ChainId>();
        foreach (var node in ContentGraph.Walk(targets, store.Blobs.TryRead, store.Layout.Where))
        {
            if (node.Kind == ContentKind.Manifest && store.Blobs.TryRead(node.Descriptor) is { } raw
                && ImageManifest.Parse(raw, node.Descriptor.MediaType, store.Layout.Where(node.Descriptor.Digest)) is { IsImage: true } manifest
                && store.Blobs.TryRead(manifest.Config) is { } config)
            {
                chains.UnionWith(ChainId.Of(ImageConfig.Parse(config, store.Layout.Where(manifest.Config.Digest)).DiffIds));
            }
        }

        return chains;
    }

    /// <summary>Deletes what only <paramref name="released"/> needed, old garbage, and what dead sessions left.</summary>
    /// <param name="index">index.json as it is now.</param>
    /// <param name="containers">The containers there are now.</param>
    /// <param name="released">Targets that have just lost their last name or container.</param>
    public void Collect(StoreIndex index, IReadOnlyList<Container> containers, IEnumerable<Descriptor> released)
    {
        StoreSession.Sweep(store.Layout, store.Files);
        if (Needed(index, containers) is not { } needed)
        {
            return;
        }

        needed.UnionWith(StoreSession.Pinned(store.Layout));
        var garbage = new List<(ContentKind Kind, Digest Digest)>();
        foreach (var target in released)
        {
            garbage.AddRange(Below(target).Select(node => (node.Kind, node.Descriptor.Digest)));
        }

        garbage.AddRange(OldBlobs().Select(digest => (ContentKind.Leaf, digest)));

        // Documents first: whoever finds a document finds what it needs, even if this process dies here.
        foreach (var (_, digest) in garbage.DistinctBy(g => g.Digest).Where(g => !needed.Contains(g.Digest)).OrderByDescending(g => g.Kind).ThenBy(g => g.Digest))
        {
            if (store.Blobs.SizeOf(digest) is not null)
            {
                store.Files.Delete(store.Layout.Blob(digest));
            }
        }

        DeleteOrphanedLayerIndexes();
        new RecompressedLayers(store).DeleteOrphans();
    }

    /// <summary>All that must stay; null, and a warning, when that cannot be known.</summary>
    private HashSet<Digest>? Needed(StoreIndex index, IReadOnlyList<Container> containers)
    {
        var needed = containers.SelectMany(container => container.Layers).Select(layer => layer.Descriptor.Digest).ToHashSet();
        foreach (var root in index.Targets.Select(t => t.Target).Concat(containers.Select(c => c.Image)).DistinctBy(root => root.Digest))
        {
            try
            {
                if (!store.Blobs.Has(root))
                {
                    throw StoreDiagnostics.BlobMissing(root.Digest, store.Layout.Where(root.Digest));
                }

                needed.UnionWith(ContentGraph.Walk([root], store.Blobs.TryRead, store.Layout.Where).Select(node => node.Descriptor.Digest));
            }
            catch (ImageTarException e)
            {
                store.Reporter.Warn(StoreDiagnostics.CollectionSkipped(root.Digest, e.Diagnostic.Message, store.Layout.Root));
                return null;
            }
        }

        return needed;
    }

    /// <summary>What a removed target reached; of a damaged one at least itself, the rest is garbage for later.</summary>
    private List<ContentNode> Below(Descriptor target)
    {
        try
        {
            return ContentGraph.Walk([target], store.Blobs.TryRead, store.Layout.Where);
        }
        catch (ImageTarException e)
        {
            store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(target.Digest, e));
            return [new ContentNode(target, ContentKind.Index, true)];
        }
    }

    private IEnumerable<Digest> OldBlobs()
    {
        var young = DateTime.UtcNow - GraceOfStrangers;
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

        foreach (var path in StoreFiles.Run("list", store.Layout.Layers, () => Directory.GetFiles(store.Layout.Layers, "*.idx")))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileNameWithoutExtension(path), out var blob) && store.Blobs.SizeOf(blob) is null)
            {
                store.Files.Delete(path);
            }
        }
    }
}
