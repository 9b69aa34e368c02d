using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Reads the content to save, from the documents down to the presence of each blob.</summary>
internal sealed class SaveNodeReader(ImageStore store)
{
    private readonly Dictionary<(Digest, string, long, bool), SaveNode> _nodes = [];

    /// <summary>A target and everything below it.</summary>
    /// <exception cref="ImageTarException">
    /// ITT3020, ITT3021: something that cannot be absent is; ITT2315, ITT23xx.
    /// </exception>
    public SaveNode Open(Descriptor target) =>
        Visit(target, 0) switch
        {
            { IsAbsent: true, Manifest: { } manifest } => throw store.MissingBlobError(manifest.Config),
            { IsAbsent: true } => throw store.MissingBlobError(target),
            var node => node,
        };

    /// <summary>
    /// Follows a descriptor. Each content once, so an index that lists the same children over and over costs nothing.
    /// </summary>
    private SaveNode Visit(Descriptor descriptor, int depth)
    {
        var key = (descriptor.Digest, descriptor.MediaType, descriptor.Size, descriptor.IsAttestation);
        if (!_nodes.TryGetValue(key, out var node))
        {
            node = Open(descriptor, depth);
            _nodes.Add(key, node);
        }

        return depth + node.Height <= Limits.IndexDepth
            ? node with
            {
                Descriptor = descriptor,
            }
            : throw TooDeep(descriptor);
    }

    private SaveNode Open(Descriptor descriptor, int depth)
    {
        if (!store.Has(descriptor))
        {
            return new SaveNode(descriptor) { IsAbsent = true };
        }

        return MediaTypes.IsIndex(descriptor.MediaType) ? OpenIndex(descriptor, depth)
            : MediaTypes.IsManifest(descriptor.MediaType) ? OpenManifest(descriptor)
            : new SaveNode(descriptor);
    }

    private SaveNode OpenIndex(Descriptor descriptor, int depth)
    {
        if (depth >= Limits.IndexDepth)
        {
            throw TooDeep(descriptor);
        }

        var index = ImageIndex.Parse(
            store.ReadBlob(descriptor),
            descriptor.MediaType,
            store.LocationOf(descriptor.Digest)
        );
        var children = index.Manifests.Select((child, i) => new SaveChild(i, Visit(child, depth + 1))).ToArray();
        return new SaveNode(descriptor)
        {
            Index = index,
            Children = children,
            Height = 1 + children.Select(child => child.Node.Height).DefaultIfEmpty().Max(),
        };
    }

    private SaveNode OpenManifest(Descriptor descriptor)
    {
        var manifest = ImageManifest.Parse(
            store.ReadBlob(descriptor),
            descriptor.MediaType,
            store.LocationOf(descriptor.Digest)
        );
        var parts = manifest.Layers.Prepend(manifest.Config).ToArray();
        if (!Array.Exists(parts, store.Has))
        {
            // Docker's containerd store keeps the manifests of platforms it has not pulled, and nothing else of them.
            return new SaveNode(descriptor) { Manifest = manifest, IsAbsent = true };
        }

        return Array.Find(parts, part => !store.Has(part) && !store.LacksForeignLayer(part)) is { } missing
            ? throw store.MissingBlobError(missing)
            : new SaveNode(descriptor)
            {
                Manifest = manifest,
                Image =
                    manifest.IsImage && !descriptor.IsAttestation
                        ? Image.Parse(
                            manifest,
                            store.ReadBlob(manifest.Config),
                            store.LocationOf(manifest.Config.Digest)
                        )
                        : null,
            };
    }

    private ImageTarException TooDeep(Descriptor descriptor) =>
        StoreDiagnostics.IndexTooDeep(descriptor.Digest, store.LocationOf(descriptor.Digest));
}
