using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Reduces indexes to the images that are present and their attestations.</summary>
internal sealed class IndexSubset
{
    private readonly Dictionary<Digest, IReadOnlyList<SaveChild>?> _children = [];

    /// <summary>The node without missing children; null when nothing but attestations would remain.</summary>
    public SaveNode? Of(SaveNode node)
    {
        if (node.IsAbsent || node.Index is null)
        {
            return node.IsAbsent ? null : node;
        }

        if (!_children.TryGetValue(node.Descriptor.Digest, out var kept))
        {
            kept = Keep(node);
            _children.Add(node.Descriptor.Digest, kept);
        }

        return kept is null ? null : node with { Children = kept };
    }

    private SaveChild[]? Keep(SaveNode index)
    {
        var there = index
            .Children.Select(child => (child.Position, Node: Of(child.Node)))
            .Where(child => child.Node is not null)
            .Select(child => new SaveChild(child.Position, child.Node!))
            .ToArray();
        var digests = there.Select(child => child.Node.Descriptor.Digest.Value).ToHashSet(StringComparer.Ordinal);
        var kept = there
            .Where(child =>
                child.Node.Descriptor.Annotation(Descriptor.AttestedDigestKey) is not { } attested
                || digests.Contains(attested)
            )
            .ToArray();
        return Array.Exists(kept, child => !child.Node.Descriptor.IsAttestation) ? kept : null;
    }
}
