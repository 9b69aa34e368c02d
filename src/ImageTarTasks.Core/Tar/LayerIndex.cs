using ImageTarTasks.Values;

namespace ImageTarTasks.Tar;

/// <summary>What is known of a layer after reading it once.</summary>
/// <param name="DiffId">The digest of the plain tar.</param>
/// <param name="PlainSize">Bytes of the plain tar.</param>
/// <param name="ContentSize">What Docker calls the layer's size: bytes of its files (each inode once) and of its symbolic links' targets.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Compression">What was around the tar.</param>
public sealed record LayerSummary(DiffId DiffId, long PlainSize, long ContentSize, long Entries, CompressionKind Compression);

/// <summary>Writes a layer index while the layer's entries go by.</summary>
public sealed class LayerIndexWriter : IDisposable
{
    /// <summary>Writes to <paramref name="target"/>, which stays open and must seek.</summary>
    public LayerIndexWriter(Stream target) => throw new NotImplementedException();

    /// <summary>Adds the next entry.</summary>
    public void Add(TarEntry entry) => throw new NotImplementedException();

    /// <summary>Bytes of content so far, as <see cref="LayerSummary.ContentSize"/> counts them.</summary>
    public long ContentSize => throw new NotImplementedException();

    /// <summary>Entries so far.</summary>
    public long Entries => throw new NotImplementedException();

    /// <summary>Ends the index; without this call a reader refuses it.</summary>
    public void Complete(LayerSummary summary) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>
/// The headers of a layer's entries in the order of the tar, with the offset of each content: enough to plan without reading the layer.
/// A private file format with a version and a checksum; a file that is damaged or of another version is not an error but absent.
/// </summary>
public sealed class LayerIndex : IDisposable
{
    /// <summary>What is known of the whole layer.</summary>
    public LayerSummary Summary => throw new NotImplementedException();

    /// <summary>Opens an index; null when it is not whole or of another version. The stream is owned by the result, or closed.</summary>
    public static LayerIndex? TryOpen(Stream source) => throw new NotImplementedException();

    /// <summary>The entries, in order; may be enumerated once.</summary>
    public IEnumerable<TarEntry> ReadEntries() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
