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
internal sealed class Collector(StoreLayout layout, StoreFiles files, BlobFiles blobs, IReporter reporter)
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
        foreach (var node in ContentGraph.Walk(targets, blobs.TryRead, layout.Where))
        {
            if (node.Kind == ContentKind.Manifest && blobs.TryRead(node.Descriptor) is { } raw
                && ImageManifest.Parse(raw, node.Descriptor.MediaType, layout.Where(node.Descriptor.Digest)) is { IsImage: true } manifest
                && blobs.TryRead(manifest.Config) is { } config)
            {
                chains.UnionWith(ChainId.Of(ImageConfig.Parse(config, layout.Where(manifest.Config.Digest)).DiffIds));
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
        StoreSession.Sweep(layout, files);
        if (Needed(index, containers) is not { } needed)
        {
            return;
        }

        needed.UnionWith(StoreSession.Pinned(layout));
        var garbage = new List<(ContentKind Kind, Digest Digest)>();
        foreach (var target in released)
        {
            garbage.AddRange(Below(target).Select(node => (node.Kind, node.Descriptor.Digest)));
        }

        garbage.AddRange(OldBlobs().Select(digest => (ContentKind.Leaf, digest)));

        // Documents first: whoever finds a document finds what it needs, even if this process dies here.
        foreach (var (_, digest) in garbage.DistinctBy(g => g.Digest).Where(g => !needed.Contains(g.Digest)).OrderByDescending(g => g.Kind).ThenBy(g => g.Digest))
        {
            if (blobs.SizeOf(digest) is not null)
            {
                files.Delete(layout.Blob(digest));
            }
        }

        DeleteOrphanedLayerIndexes();
        RecompressedLayers.DeleteOrphans(layout, files, blobs);
    }

    /// <summary>All that must stay; null, and a warning, when that cannot be known.</summary>
    private HashSet<Digest>? Needed(StoreIndex index, IReadOnlyList<Container> containers)
    {
        var needed = containers.SelectMany(container => container.Layers).Select(layer => layer.Descriptor.Digest).ToHashSet();
        foreach (var root in index.Targets.Select(t => t.Target).Concat(containers.Select(c => c.Image)).DistinctBy(root => root.Digest))
        {
            try
            {
                if (!blobs.Has(root))
                {
                    throw StoreDiagnostics.BlobMissing(root.Digest, layout.Where(root.Digest));
                }

                needed.UnionWith(ContentGraph.Walk([root], blobs.TryRead, layout.Where).Select(node => node.Descriptor.Digest));
            }
            catch (ImageTarException e)
            {
                reporter.Warn(StoreDiagnostics.CollectionSkipped(root.Digest, e.Diagnostic.Message, layout.Root));
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
            return ContentGraph.Walk([target], blobs.TryRead, layout.Where);
        }
        catch (ImageTarException e)
        {
            reporter.Warn(StoreDiagnostics.ImageUnreadable(target.Digest, e));
            return [new ContentNode(target, ContentKind.Index, true)];
        }
    }

    private IEnumerable<Digest> OldBlobs()
    {
        var young = DateTime.UtcNow - GraceOfStrangers;
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            var folder = new DirectoryInfo(layout.BlobFolder(algorithm));
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
        if (!Directory.Exists(layout.Layers))
        {
            return;
        }

        foreach (var path in StoreFiles.Run("list", layout.Layers, () => Directory.GetFiles(layout.Layers, "*.idx")))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileNameWithoutExtension(path), out var blob) && blobs.SizeOf(blob) is null)
            {
                files.Delete(path);
            }
        }
    }
}
