using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Blobs;

/// <summary>
/// The kind of a node. The values are in the order in which content becomes visible, so that everything a visible
/// document refers to is there.
/// </summary>
internal enum ContentKind
{
    /// <summary>A configuration, a layer, or other content without references.</summary>
    Leaf,

    /// <summary>An image manifest.</summary>
    Manifest,

    /// <summary>An image index.</summary>
    Index,
}

/// <summary>Content that is reachable from a target.</summary>
/// <param name="Descriptor">The descriptor that refers to it.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Required">
/// Whether it must be present. Children of an index may be missing (an image for some of its platforms), and so may
/// foreign layers.
/// </param>
internal readonly record struct ContentNode(Descriptor Descriptor, ContentKind Kind, bool Required);

/// <summary>
/// Walks from indexes to manifests to configurations and layers (image-spec image-index.md and manifest.md).
/// </summary>
internal static class ContentGraph
{
    /// <summary>
    /// All content reachable from <paramref name="roots"/>: a document before the content that it alone refers to, in
    /// the order of the documents. Visits each content once and does not recurse.
    /// </summary>
    /// <param name="roots">The targets to begin at.</param>
    /// <param name="read">Reads the bytes of a document; null when it is missing.</param>
    /// <param name="location">The location of a document, for messages.</param>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static List<ContentNode> Walk(
        IEnumerable<Descriptor> roots,
        Func<Descriptor, ReadOnlyMemory<byte>?> read,
        Func<Digest, ContentLocation> location
    )
    {
        var nodes = new List<ContentNode>();
        var seen = new Dictionary<(Digest, long, ContentKind), int>();
        var pending = new Stack<(Descriptor Descriptor, int Depth, bool Required)>(
            roots.Reverse().Select(root => (root, 0, true))
        );
        while (pending.TryPop(out var next))
        {
            var kind = KindOf(next.Descriptor.MediaType);
            if (seen.TryGetValue((next.Descriptor.Digest, next.Descriptor.Size, kind), out var position))
            {
                nodes[position] = nodes[position] with { Required = nodes[position].Required || next.Required };
                continue;
            }

            seen.Add((next.Descriptor.Digest, next.Descriptor.Size, kind), nodes.Count);
            nodes.Add(new ContentNode(next.Descriptor, kind, next.Required));
            if (kind == ContentKind.Leaf || read(next.Descriptor) is not { } raw)
            {
                continue;
            }

            var documentLocation = location(next.Descriptor.Digest);
            if (kind == ContentKind.Manifest)
            {
                var manifest = ImageManifest.Parse(raw, next.Descriptor.MediaType, documentLocation);
                Push(manifest.Layers.Prepend(manifest.Config), next.Depth, true);
            }
            else if (next.Depth < Limits.IndexDepth)
            {
                var index = ImageIndex.Parse(raw, next.Descriptor.MediaType, documentLocation);
                Push(index.Manifests, next.Depth + 1, false);
            }
            else
            {
                throw StoreDiagnostics.IndexTooDeep(next.Descriptor.Digest, documentLocation);
            }
        }

        return nodes;

        void Push(IEnumerable<Descriptor> children, int depth, bool required)
        {
            foreach (var child in children.Reverse())
            {
                pending.Push((child, depth, required && !child.IsForeignLayer));
            }
        }
    }

    private static ContentKind KindOf(string mediaType)
    {
        if (MediaTypes.IsIndex(mediaType))
        {
            return ContentKind.Index;
        }

        return MediaTypes.IsManifest(mediaType) ? ContentKind.Manifest : ContentKind.Leaf;
    }
}
