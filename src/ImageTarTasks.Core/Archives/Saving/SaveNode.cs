using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>What a descriptor leads to in the store, read and judged before anything is written.</summary>
/// <param name="Descriptor">The descriptor, as its parent has it.</param>
internal sealed record SaveNode(Descriptor Descriptor)
{
    /// <summary>The index, when it is one.</summary>
    public ImageIndex? Index { get; init; }

    /// <summary>The manifest, when it is one.</summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The image a manifest describes; null for artifacts and attestations.</summary>
    public Image? Image { get; init; }

    /// <summary>Not in the store, or a manifest without anything it refers to, which is as much.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>What an index lists, in order.</summary>
    public IReadOnlyList<SaveChild> Children { get; init; } = [];

    /// <summary>Levels of indexes from here down.</summary>
    public int Height { get; init; }

    /// <summary>What the image runs on: as the index states it, or else as the configuration does.</summary>
    public Platform? Platform => Descriptor.Platform ?? Image?.Config.Platform;

    /// <summary>
    /// Everything from here down, depth first, each content once for each platform it is listed for: an index may list the same children over and
    /// over, level by level.
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

    /// <summary>All that is listed and absent. An attestation alone is not missed: who pulls one platform does not get it.</summary>
    public IEnumerable<SaveNode> Missing() => All().Where(node => node.IsAbsent && !node.Descriptor.IsAttestation);
}

/// <summary>A child of an index.</summary>
/// <param name="Position">Its place in the index's list.</param>
/// <param name="Node">What it is.</param>
internal sealed record SaveChild(int Position, SaveNode Node);
