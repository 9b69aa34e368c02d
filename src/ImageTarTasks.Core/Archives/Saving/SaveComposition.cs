using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>
/// Gathers the blobs of an archive. A changed layer or index changes every document above it. Everything else keeps its
/// bytes and its digest.
/// </summary>
/// <param name="store">The store that holds the content.</param>
/// <param name="except">Layers to leave out.</param>
/// <param name="recompression">Recompresses layers; null keeps them as they are stored.</param>
internal sealed class SaveComposition(ImageStore store, IReadOnlySet<Digest> except, LayerRecompression? recompression)
{
    private readonly SortedDictionary<Digest, SaveBlob> _blobs = [];
    private readonly SortedDictionary<Digest, Descriptor> _leftOut = [];
    private readonly Dictionary<Digest, Descriptor> _documents = [];
    private readonly Dictionary<Digest, ImageManifest> _manifests = [];

    /// <summary>All blobs so far.</summary>
    public IReadOnlyList<SaveBlob> Blobs => [.. _blobs.Values];

    /// <summary>All layers that are left out and whose bytes no other document needs in another role.</summary>
    public IReadOnlyList<Descriptor> LeftOut => [.. _leftOut.Values.Where(layer => !_blobs.ContainsKey(layer.Digest))];

    /// <summary>
    /// Adds a node and everything present below it. Returns its descriptor in the archive, with the annotations and
    /// platform of the given one.
    /// </summary>
    public Descriptor Add(SaveNode node)
    {
        if (!_documents.TryGetValue(node.Descriptor.Digest, out var now))
        {
            now =
                node.Index is not null ? AddIndex(node)
                : node.Manifest is not null ? AddManifest(node)
                : AddStored(node.Descriptor);
            _documents.Add(node.Descriptor.Digest, now);
        }

        return node.Descriptor with
        {
            MediaType = now.MediaType,
            Digest = now.Digest,
            Size = now.Size,
        };
    }

    /// <summary>An added image as it is in the archive.</summary>
    public PlatformImage ImageOf(SaveNode node) =>
        new(
            Add(node),
            _manifests.TryGetValue(node.Descriptor.Digest, out var manifest)
                ? new Image(manifest, node.Image!.Config)
                : node.Image!
        );

    private Descriptor AddIndex(SaveNode node)
    {
        var children = node
            .Children.Select(child =>
                (child.Position, Now: child.Node.IsAbsent ? child.Node.Descriptor : Add(child.Node))
            )
            .ToArray();
        var before = node.Index!.Manifests;
        if (
            children.Length == before.Count
            && Array.TrueForAll(children, child => child.Now.Digest == before[child.Position].Digest)
        )
        {
            return AddStored(node.Descriptor);
        }

        var edited = DocumentEditing.WithManifests(node.Index, children, store.LocationOf(node.Descriptor.Digest));
        return AddDocument(edited.Descriptor, edited.Raw);
    }

    private Descriptor AddManifest(SaveNode node)
    {
        var manifest = node.Manifest!;
        AddStored(manifest.Config);
        var layers = node.Image is { } image && recompression is not null ? recompression.Apply(image) : null;
        for (var i = 0; i < manifest.Layers.Count; i++)
        {
            AddLayer(layers?[i] ?? Stored(manifest.Layers[i]));
        }

        if (
            layers is null
            || layers.Zip(manifest.Layers).All(pair => pair.First.Descriptor.Digest == pair.Second.Digest)
        )
        {
            return AddStored(node.Descriptor);
        }

        var edited = DocumentEditing.WithLayers(
            manifest,
            [.. layers.Select(layer => layer.Descriptor)],
            store.LocationOf(node.Descriptor.Digest)
        );
        _manifests.Add(node.Descriptor.Digest, edited);
        return AddDocument(edited.Descriptor, edited.Raw);
    }

    private void AddLayer(SaveBlob layer)
    {
        var digest = layer.Descriptor.Digest;
        if (store.LacksForeignLayer(layer.Descriptor))
        {
            // The archive is complete without it, as the image was when it came in.
            return;
        }

        if (except.Contains(digest))
        {
            _leftOut.TryAdd(digest, layer.Descriptor);
        }
        else
        {
            _blobs.TryAdd(digest, layer);
        }
    }

    private Descriptor AddStored(Descriptor blob)
    {
        _blobs.TryAdd(blob.Digest, Stored(blob));
        return blob;
    }

    private Descriptor AddDocument(Descriptor descriptor, ReadOnlyMemory<byte> bytes)
    {
        _blobs.TryAdd(
            descriptor.Digest,
            new SaveBlob(descriptor, () => new MemoryStream(bytes.ToArray(), writable: false))
        );
        return descriptor;
    }

    private SaveBlob Stored(Descriptor blob) => new(blob, () => store.OpenBlob(blob));
}
