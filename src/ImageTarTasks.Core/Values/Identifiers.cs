using System.Text;

namespace ImageTarTasks.Core.Values;

/// <summary>
/// The digest of a layer's uncompressed tar stream, every byte to its end (image-spec config.md "Layer DiffID").
/// </summary>
public readonly record struct DiffId(Digest Digest)
{
    /// <inheritdoc/>
    public override string ToString() => Digest.Value;
}

/// <summary>The identity of a stack of layers (image-spec config.md "Layer ChainID").</summary>
internal readonly record struct ChainId(Digest Digest)
{
    /// <summary>The ChainIDs of <paramref name="diffIds"/>, lowest layer first: one per layer.</summary>
    public static IReadOnlyList<ChainId> Of(IEnumerable<DiffId> diffIds)
    {
        var chain = new List<ChainId>();
        foreach (var diffId in diffIds)
        {
            chain.Add(
                new ChainId(
                    chain.Count == 0 ? diffId.Digest : Digest.Of(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}"))
                )
            );
        }

        return chain;
    }

    /// <inheritdoc/>
    public override string ToString() => Digest.Value;
}

/// <summary>The identity of an image: the digest of its configuration, as in Docker's classic store.</summary>
public readonly record struct ImageId(Digest Digest)
{
    /// <summary>The first 12 hex digits, as tables show them.</summary>
    public string Short => Digest.ShortHex;

    /// <summary>
    /// Whether Docker takes <paramref name="text"/> for (the beginning of) this ID even where a name of the same text
    /// led to it.
    /// </summary>
    public bool Matches(string text) =>
        Digest.Value.StartsWith(text, StringComparison.Ordinal)
        || Digest.Hex.StartsWith(text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Digest.Value;
}
