using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Verification;

/// <summary>
/// Keeps only the results of ingesting content, within bounds: digests, DiffIDs, small documents, and the indexes of
/// layers. Blobs that a delta archive leaves out are read from a store.
/// </summary>
/// <param name="store">The store; it is only read.</param>
internal sealed class VerifyingIngester(ImageStore store) : IBlobIngester
{
    private readonly Dictionary<Digest, IngestedBlob> _ingested = [];
    private long _documents;
    private long _indexes;

    /// <summary>False: the bounds hold for everything that is kept, in the order of the archive.</summary>
    public bool IsThreadSafe => false;

    public StagedBlob Stage(
        Stream content,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        using var copy = new BoundedBuffer(Limits.JsonBytes);
        var index = new BoundedBuffer(Limits.IndexBytes - _indexes);
        var result = LayerIngest.Run(content, copy, index, location, maxPlainSize, cancellationToken);
        var blob = new StagedBlob(result.Digest, result.Size, result.Layer, result.Fault);
        return Keep(blob, result.Layer is null ? copy : null, result.Layer is null ? null : index, location);
    }

    public StagedBlob Stage(ReadOnlyMemory<byte> content)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return Stage(stream, new ContentLocation(store.Root), null, CancellationToken.None);
    }

    public StagedBlob AddDigest(StagedBlob blob, Digest digest)
    {
        var alias = blob with { Digest = digest };
        _ingested[digest] = _ingested[blob.Digest] with { Blob = alias };
        return alias;
    }

    public void Discard(StagedBlob blob) => _ingested.Remove(blob.Digest);

    public ReadOnlyMemory<byte> Read(StagedBlob blob) =>
        _ingested[blob.Digest].Content
        ?? throw DocumentDiagnostics.DocumentTooLarge("content " + blob.Digest, new ContentLocation(blob.Digest.Value));

    public bool Has(Descriptor blob) => store.Has(blob);

    /// <summary>Verifying takes nothing for known.</summary>
    public StagedBlob? TryReuseLayer(Digest digest, long size) => null;

    public StagedBlob? TryAdopt(Digest digest)
    {
        if (_ingested.TryGetValue(digest, out var seen))
        {
            return seen.Blob;
        }

        if (store.SizeOf(digest) is not { } size)
        {
            return null;
        }

        try
        {
            using var content = store.OpenBlob(new Descriptor("application/octet-stream", digest, size));
            return Stage(content, store.LocationOf(digest), long.MaxValue, CancellationToken.None);
        }
        catch (ImageTarException damaged)
        {
            store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(digest, damaged));
            return null;
        }
    }

    /// <summary>Whether this blob was seen.</summary>
    public bool HasIngested(Digest blob) => _ingested.ContainsKey(blob);

    /// <summary>The entries of a layer that was seen; null when there were too many to keep.</summary>
    public IEnumerable<TarEntry>? Entries(Digest layer) =>
        _ingested[layer].Index is { } index
        && LayerIndex.TryOpen(new MemoryStream(index, writable: false)) is { } opened
            ? opened.ReadEntries()
            : null;

    private StagedBlob Keep(StagedBlob blob, BoundedBuffer? document, BoundedBuffer? index, ContentLocation location)
    {
        if (_ingested.TryGetValue(blob.Digest, out var before))
        {
            return before.Blob;
        }

        var content = document is { HasOverflown: false } ? document.ToArray() : null;
        if ((_documents += content?.Length ?? 0) > Limits.DocumentBytes)
        {
            throw ArchiveDiagnostics.ArchiveTooComplex(
                "bytes of documents that are kept in memory",
                Limits.DocumentBytes,
                location
            );
        }

        var entries = index is { HasOverflown: false } ? index.ToArray() : null;
        _indexes += entries?.Length ?? 0;
        _ingested.Add(blob.Digest, new IngestedBlob(blob, content, entries));
        return blob;
    }

    private sealed record IngestedBlob(StagedBlob Blob, byte[]? Content, byte[]? Index);

    /// <summary>A memory stream that holds up to a number of bytes, and nothing once it gets more.</summary>
    private sealed class BoundedBuffer(long most) : MemoryStream
    {
        public bool HasOverflown { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!HasOverflown)
            {
                // The base class forwards this call to the other overload.
                base.Write(buffer);
            }
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            HasOverflown |= Length + count > most;
            if (!HasOverflown)
            {
                base.Write(buffer, offset, count);
            }
            else
            {
                SetLength(0);
                Capacity = 0;
            }
        }
    }
}
