using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>
/// Where content goes that a door reads: into the store (<see cref="StoreWriter"/>), or nowhere, when it is only looked at. What is learned of
/// it on the way is the same.
/// </summary>
internal interface IBlobIngester
{
    /// <summary>Whether several threads may stage content at once.</summary>
    bool TakesSeveral { get; }

    /// <summary>Takes content of unknown kind in one pass; see <see cref="StoreWriter.Stage(Stream, ContentLocation, long?, CancellationToken)"/>.</summary>
    StagedBlob Stage(Stream content, ContentLocation where, long? maxPlainSize, CancellationToken cancellation);

    /// <summary>Takes a document this process made or already holds.</summary>
    StagedBlob Stage(ReadOnlyMemory<byte> content);

    /// <summary>Keeps a blob under another digest of the same content.</summary>
    StagedBlob Rename(StagedBlob blob, Digest digest);

    /// <summary>Lets a blob go, as if it had never come.</summary>
    void Discard(StagedBlob blob);

    /// <summary>The bytes of a small blob.</summary>
    /// <exception cref="ImageTarException">ITT2301: it is not small.</exception>
    ReadOnlyMemory<byte> Read(StagedBlob blob);

    /// <summary>Whether the store has a blob already, of the right size.</summary>
    bool Has(Descriptor blob);

    /// <summary>
    /// A layer the store has already, by what is known of it, without reading it; null when it has none of that digest and size, or one that was
    /// changed since it came in.
    /// </summary>
    StagedBlob? Known(Digest digest, long size);

    /// <summary>A blob the store already has, verified; null when it has none of that digest, or a damaged one.</summary>
    StagedBlob? Adopt(Digest digest);
}
