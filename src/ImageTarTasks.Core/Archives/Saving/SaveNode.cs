using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>The content that a descriptor of the store leads to, read and checked before anything is written.</summary>
/// <param name="Descriptor">The descriptor, as its parent has it.</param>
internal sealed record SaveNode(Descriptor Descriptor)
{
    /// <summary>The index, when it is one.</summary>
    public ImageIndex? Index { get; init; }

    /// <summary>The manifest, when it is one.</summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The image a manifest describes; null for artifacts and attestations.</summary>
    public Image? Image { get; init; }

    /// <summary>
    /// Whether the content is missing from the store. A manifest without any of the blobs it refers to is missing, too.
    /// </summary>
    public bool IsAbsent { get; init; }

    /// <summary>The children of an index, in order.</summary>
    public IReadOnlyList<SaveChild> Children { get; init; } = [];

    /// <summary>Levels of indexes from here down.</summary>
    public int Height { get; init; }

    /// <summary>The platform of the image, as the index states it, else as the configuration does.</summary>
    public Platform? Platform => Descriptor.Platform ?? Image?.Config.Platform;

    /// <summary>
    /// This node and all nodes below it, depth first. Each content occurs once for each platform it is listed for,
    /// because an index may list the same children many times at every level.
    /// </summary>
    public IEnumerable<SaveNode> All()
    {
        var seen = new HashSet<(Digest, Platform?)>();
        var waiting = new Stack<SaveNode>([this]);
        while (waiting.TryPop(out var node))
        {
            if (seen.Add((node.Descriptor.Digest, node.Descriptor.Platform)))
            {
                yield return node;
                foreach (var child in node.Children.Reverse())
                {
                    waiting.Push(child.Node);
                }
            }
        }
    }

    /// <summary>All images from here down.</summary>
    public IEnumerable<SaveNode> Images() => All().Where(node => node.Image is not null);

    /// <summary>
    /// All listed nodes that are missing. A missing attestation does not count, because a pull of one platform does not
    /// fetch it.
    /// </summary>
    public IEnumerable<SaveNode> Missing() => All().Where(node => node.IsAbsent && !node.Descriptor.IsAttestation);
}

/// <summary>A child of an index.</summary>
/// <param name="Position">Its position in the index's list.</param>
/// <param name="Node">The node.</param>
internal sealed record SaveChild(int Position, SaveNode Node);
