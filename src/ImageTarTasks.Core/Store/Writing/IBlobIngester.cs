using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>
/// Receives the content that a reader of archives or root filesystems finds. <see cref="StoreWriter"/> puts it into the
/// store; a verification only checks it. Both compute the same results.
/// </summary>
/// <remarks>
/// The contract. Ingesting the same content twice gives the same blob. An ingester never closes the streams it reads.
/// Errors of the content as a layer are returned in the blob; errors of the stream and of the disk are thrown. Nothing
/// becomes visible in a store by ingesting it.
/// </remarks>
internal interface IBlobIngester
{
    /// <summary>Whether several threads may ingest content at once.</summary>
    bool IsThreadSafe { get; }

    /// <summary>
    /// Takes content of unknown kind in one pass; see <see cref="StoreWriter.Stage(Stream, ContentLocation, long?,
    /// CancellationToken)"/>.
    /// </summary>
    StagedBlob Stage(Stream content, ContentLocation location, long? maxPlainSize, CancellationToken cancellationToken);

    /// <summary>Takes a document this process made or already holds.</summary>
    StagedBlob Stage(ReadOnlyMemory<byte> content);

    /// <summary>Refers to a blob by another digest of the same content.</summary>
    StagedBlob ChangeDigest(StagedBlob blob, Digest digest);

    /// <summary>Drops a blob, as if it had never been ingested.</summary>
    void Discard(StagedBlob blob);

    /// <summary>The bytes of a small blob.</summary>
    /// <exception cref="ImageTarException">ITT2301: it is not small.</exception>
    ReadOnlyMemory<byte> Read(StagedBlob blob);

    /// <summary>Whether the store has a blob already, of the right size.</summary>
    bool Has(Descriptor blob);

    /// <summary>
    /// A layer that the store has already, known by its index and not read again. Null when the store has none of that
    /// digest and size, or when the file changed since it came in.
    /// </summary>
    StagedBlob? TryReuseLayer(Digest digest, long size);

    /// <summary>
    /// A blob the store already has, verified; null when it has none of that digest, or a damaged one.
    /// </summary>
    StagedBlob? TryAdopt(Digest digest);
}
