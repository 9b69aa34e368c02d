using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>
/// Ingests the blobs that a reader of archives or root filesystems finds. <see cref="StoreWriter"/> stages them for the
/// store. A verification only checks them. Both return the same <see cref="StagedBlob"/> for the same content.
/// </summary>
/// <remarks>
/// <para>
/// Idempotent: ingesting the same content again returns the same blob and keeps one copy.
/// </para>
/// <para>
/// Visibility: ingesting makes nothing visible in the store. Only <see cref="StoreWriter.Publish"/> and
/// <see cref="StoreWriter.AddLayer"/> do.
/// </para>
/// <para>
/// Streams: an ingester reads a stream to its end and does not close it. The caller closes it.
/// </para>
/// <para>
/// Errors: content that is not a valid layer is not an error. The blob is returned, and
/// <see cref="StagedBlob.LayerFault"/> has the reason. An error of the source stream is thrown unchanged. A failure of
/// the store's disk is thrown as ITT3006.
/// </para>
/// <para>
/// Blobs as arguments: a method takes only blobs that this ingester returned and that were not discarded since.
/// </para>
/// <para>
/// Threads: when <see cref="IsThreadSafe"/> is true, several threads may call the two <c>Stage</c> methods,
/// <see cref="AddDigest"/> and <see cref="TryReuseLayer"/> at once, for the same content too. No other call may run at
/// the same time as one of another thread.
/// </para>
/// </remarks>
internal interface IBlobIngester
{
    /// <summary>Whether several threads may ingest content at once (see the remarks).</summary>
    bool IsThreadSafe { get; }

    /// <summary>Ingests content of unknown kind in one pass.</summary>
    /// <param name="content">The content; read to its end, and not closed.</param>
    /// <param name="location">The location of the content, for messages.</param>
    /// <param name="maxPlainSize">
    /// The bound on the plain bytes of a layer (<c>max-unpacked</c>); null for <see cref="Limits.ExpansionRatio"/>.
    /// </param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="ImageTarException">ITT3006; the errors of <paramref name="content"/>.</exception>
    StagedBlob Stage(Stream content, ContentLocation location, long? maxPlainSize, CancellationToken cancellationToken);

    /// <summary>Ingests a document that this process composed or has in memory.</summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    StagedBlob Stage(ReadOnlyMemory<byte> content);

    /// <summary>
    /// Gives a blob a second digest, such as its sha512, under which documents may name it. The first one stays. The
    /// ingester does not verify the digest.
    /// </summary>
    /// <returns>The blob with the new digest.</returns>
    StagedBlob AddDigest(StagedBlob blob, Digest digest);

    /// <summary>Forgets a blob, as if it had never been ingested. Idempotent.</summary>
    void Discard(StagedBlob blob);

    /// <summary>Reads a small blob.</summary>
    /// <exception cref="ImageTarException">ITT2301: the blob is larger than <see cref="Limits.JsonBytes"/>.</exception>
    ReadOnlyMemory<byte> Read(StagedBlob blob);

    /// <summary>Whether the store has a blob of this digest and size. Its content is not verified.</summary>
    bool Has(Descriptor blob);

    /// <summary>
    /// A layer that the store has, with the summary of its index. The layer is not read again. Null when the store has
    /// no such layer, when its file changed since it was verified, or when this ingester reads every layer.
    /// </summary>
    StagedBlob? TryReuseLayer(Digest digest, long size);

    /// <summary>
    /// A blob that the store has, read and verified. Null when the store has no such blob, or when it is damaged, which
    /// is reported.
    /// </summary>
    StagedBlob? TryAdopt(Digest digest);
}
