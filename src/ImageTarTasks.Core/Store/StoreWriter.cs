using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.Store;

/// <summary>
/// One addition to the store. Content is streamed into a staging area that belongs to this process, hashed and, when it is a tar in
/// any compression, indexed, all in one pass. <see cref="Publish"/> makes what the new names need visible, at once; the rest vanishes.
/// </summary>
public sealed class StoreWriter : IDisposable
{
    /// <summary>
    /// Stages content of unknown kind in one pass. When it is a tar, in whatever compression, <see cref="StagedBlob.Layer"/> is set and its
    /// layer index kept; when it looks like one and is damaged, <see cref="StagedBlob.LayerFault"/> says how. Never throws for bad content.
    /// </summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="where">For messages about the content.</param>
    /// <param name="maxPlainSize">ITT2110 when the plain bytes exceed this (<c>max-unpacked</c>); null for no bound.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    public StagedBlob Stage(Stream content, ContentLocation where, long? maxPlainSize, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Stages a document this process made or already holds.</summary>
    public StagedBlob Stage(ReadOnlyMemory<byte> content) => throw new NotImplementedException();

    /// <summary>A blob the store already has, kept from now on until this writer ends; null when it has none of that digest.</summary>
    public StagedBlob? Adopt(Digest digest) => throw new NotImplementedException();

    /// <summary>A blob staged or adopted by this writer.</summary>
    public StagedBlob? Find(Digest digest) => throw new NotImplementedException();

    /// <summary>The bytes of a small staged or adopted blob.</summary>
    public ReadOnlyMemory<byte> Read(StagedBlob blob) => throw new NotImplementedException();

    /// <summary>The index of a blob staged by this writer that is a layer (<see cref="StagedBlob.Layer"/> is set).</summary>
    public LayerIndex OpenLayerIndex(StagedBlob blob) => throw new NotImplementedException();

    /// <summary>
    /// Under the store's lock: moves every staged blob reachable from <paramref name="publications"/> into place and replaces index.json once.
    /// All or nothing. Returns, for each name that was taken from another image, the name and that image.
    /// </summary>
    /// <param name="publications">Targets and the names they get; a target without names stays untagged.</param>
    /// <param name="onTaken">Asked under the lock for every name another image has: whether to take it (true), leave it (false); may throw to stop all.</param>
    /// <exception cref="ImageTarException">ITT3020: something reachable is neither staged nor stored.</exception>
    public IReadOnlyList<TakenName> Publish(IReadOnlyList<Publication> publications, Func<TakenName, bool>? onTaken = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>A blob in a writer's hands.</summary>
/// <param name="Digest">sha256 of its bytes.</param>
/// <param name="Size">Their number.</param>
/// <param name="Layer">What it is as a layer, when it is a tar.</param>
/// <param name="LayerFault">Why it cannot be a layer, when it is not a sound tar.</param>
public sealed record StagedBlob(Digest Digest, long Size, LayerSummary? Layer, ImageTarException? LayerFault);

/// <summary>A target (manifest or index) and the names it gets.</summary>
public sealed record Publication(Descriptor Target, IReadOnlyList<ImageReference> References);

/// <summary>A name that pointed to another image before.</summary>
public sealed record TakenName(ImageReference Name, StoredImage Previous);
