using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Writing;

/// <summary>
/// One addition to the store. Content is streamed into a session folder, hashed and, when it is a tar in any
/// compression, indexed, all in one pass. <see cref="Publish"/> makes the content that the new names need visible
/// atomically. Everything else is deleted with the session.
/// </summary>
internal sealed class StoreWriter : IBlobIngester, IDisposable
{
    private const string UnknownType = "application/octet-stream";

    /// <summary>The bound for content that was accepted before. It is not checked again.</summary>
    private const long Unbounded = long.MaxValue;

    private readonly StoreContext _store;
    private readonly StoreSession _session;
    private readonly Dictionary<Digest, StagedFile> _staged = [];

    /// <summary>Guards the staged blobs while several threads stage.</summary>
    private readonly Lock _stagedLock = new();

    internal StoreWriter(StoreContext store)
    {
        _store = store;
        _session = store.BeginSession();
    }

    /// <inheritdoc/>
    bool IBlobIngester.IsThreadSafe => true;

    /// <summary>
    /// Stages content of unknown kind in one pass. When it is a tar in any compression, <see cref="StagedBlob.Layer"/>
    /// is set and its layer index is kept. Otherwise <see cref="StagedBlob.LayerFault"/> is the reason. Never throws
    /// for content that is not a sound layer; a stream that cannot be read throws. Several threads may stage at once.
    /// </summary>
    /// <param name="content">Read to its end.</param>
    /// <param name="location">For messages about the content.</param>
    /// <param name="maxPlainSize">
    /// The bound on the plain bytes of a layer (<c>max-unpacked</c>); null for no bound.
    /// </param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="ImageTarException">ITT3006: the store's disk is full or fails.</exception>
    public StagedBlob Stage(
        Stream content,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        var path = _session.NextFile();
        var indexPath = _session.NextFile();
        IngestResult admitted;
        using (var copy = StagingStream.Create(_store.Files, path))
        using (var index = StagingStream.Create(_store.Files, indexPath))
        {
            admitted = LayerIngest.Run(content, copy, index, location, maxPlainSize, cancellationToken);
        }

        var blob = new StagedBlob(admitted.Digest, admitted.Size, admitted.Layer, admitted.Fault);
        if (admitted.Layer is null)
        {
            _store.Files.Delete(indexPath);
        }

        StagedBlob? before;
        lock (_stagedLock)
        {
            before = _staged.TryGetValue(blob.Digest, out var held) && held.Path is not null ? held.Blob : null;
            if (before is null)
            {
                _staged[blob.Digest] = new StagedFile(blob, path, admitted.Layer is null ? null : indexPath);
                return blob;
            }
        }

        _store.Files.Delete(path);
        if (admitted.Layer is not null)
        {
            _store.Files.Delete(indexPath);
        }

        return before;
    }

    /// <summary>Stages a document this process made or already holds.</summary>
    public StagedBlob Stage(ReadOnlyMemory<byte> content)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return Stage(stream, new ContentLocation(_store.Layout.Root), null, CancellationToken.None);
    }

    /// <summary>Whether the store has a blob already, of the right size.</summary>
    public bool Has(Descriptor blob) => _store.Blobs.Has(blob);

    /// <summary>
    /// A blob the store already has, kept from now on until this writer ends; null when it has none of that digest, or
    /// a damaged one. It is read and verified once, and indexed when it is a layer.
    /// </summary>
    public StagedBlob? TryAdopt(Digest digest)
    {
        if (Find(digest) is { } held)
        {
            return held;
        }

        long size;
        using (_store.Lock.Acquire())
        {
            if (_store.Blobs.SizeOf(digest) is not { } found)
            {
                return null;
            }

            size = found;
            _session.Pin([digest]);
        }

        var indexPath = _session.NextFile();
        var descriptor = new Descriptor(UnknownType, digest, size);
        IngestResult admitted;
        try
        {
            using var content = _store.Blobs.Open(descriptor);
            using var index = StagingStream.Create(_store.Files, indexPath);
            admitted = LayerIngest.Run(
                content,
                null,
                index,
                _store.Layout.LocationOf(digest),
                Unbounded,
                CancellationToken.None
            );
        }
        catch (ImageTarException e)
        {
            _store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(digest, e));
            return null;
        }

        var blob = new StagedBlob(digest, size, admitted.Layer, admitted.Fault);
        _staged[digest] = new StagedFile(blob, null, admitted.Layer is null ? null : indexPath);
        return blob;
    }

    /// <summary>
    /// A layer that the store has already, kept until this writer ends, known by its index and not read again. Null
    /// when the store has none of that digest and size, or when its file changed since it was verified; then the
    /// content must be read.
    /// </summary>
    public StagedBlob? TryReuseLayer(Digest digest, long size)
    {
        if (Find(digest) is { } held)
        {
            return held.Size == size ? held : null;
        }

        if (LayerIndexFiles.ReadSummary(_store.Layout, digest) is not { } layer)
        {
            return null;
        }

        using (_store.Lock.Acquire())
        {
            if (_store.Blobs.SizeOf(digest) != size || !LayerIndexFiles.IsUpToDate(_store.Layout, digest))
            {
                return null;
            }

            _session.Pin([digest]);
        }

        var blob = new StagedBlob(digest, size, layer, null);
        lock (_stagedLock)
        {
            // Unless the same content has just been staged.
            return _staged.TryAdd(digest, new StagedFile(blob, null, null)) ? blob : _staged[digest].Blob;
        }
    }

    /// <summary>A blob staged or adopted by this writer.</summary>
    public StagedBlob? Find(Digest digest)
    {
        lock (_stagedLock)
        {
            return _staged.TryGetValue(digest, out var held) ? held.Blob : null;
        }
    }

    /// <summary>
    /// Refers to a staged blob by another digest of the same content, which the caller has computed. Documents may name
    /// a blob by its sha512.
    /// </summary>
    public StagedBlob ChangeDigest(StagedBlob blob, Digest digest)
    {
        var renamed = blob with { Digest = digest };
        lock (_stagedLock)
        {
            _staged[digest] = _staged[blob.Digest] with { Blob = renamed };
            _staged.Remove(blob.Digest);
        }

        return renamed;
    }

    /// <summary>Lets a staged blob go, as if it had never been staged.</summary>
    public void Discard(StagedBlob blob) => _staged.Remove(blob.Digest);

    /// <summary>The bytes of a small staged or adopted blob.</summary>
    /// <exception cref="ImageTarException">ITT2301: it is not small.</exception>
    public ReadOnlyMemory<byte> Read(StagedBlob blob)
    {
        var held = _staged[blob.Digest];
        var descriptor = new Descriptor(UnknownType, blob.Digest, blob.Size);
        if (held.Path is not { } path)
        {
            return _store.Blobs.Read(descriptor);
        }

        return blob.Size <= Limits.JsonBytes
            ? StoreFiles.Run("read", path, () => File.ReadAllBytes(path))
            : throw DocumentDiagnostics.DocumentTooLarge("content " + blob.Digest, new ContentLocation(path));
    }

    /// <summary>
    /// The index of a layer that this writer staged or adopted (<see cref="StagedBlob.Layer"/> is set).
    /// </summary>
    /// <exception cref="ImageTarException">Its <see cref="StagedBlob.LayerFault"/>, when it is not a layer.</exception>
    public LayerIndex OpenLayerIndex(StagedBlob blob) =>
        LayerIndexFiles.TryOpen(_staged[blob.Digest].IndexPath ?? _store.Layout.LayerIndex(blob.Digest))
        ?? throw blob.LayerFault ?? StoreDiagnostics.NotALayer(_store.Layout.LocationOf(blob.Digest));

    /// <summary>
    /// Under the store's lock, moves every staged blob reachable from <paramref name="publications"/> into place and
    /// replaces index.json once. All or nothing. Returns the names that were taken from other images, with those
    /// images.
    /// </summary>
    /// <param name="publications">Targets and the names they get. A target without names stays untagged.</param>
    /// <param name="onTaken">
    /// Called for every name that another image has; decides whether to take it (true) or leave it (false), and may
    /// throw to stop the publication. It runs under the lock, so it must not use the store.
    /// </param>
    /// <exception cref="ImageTarException">
    /// ITT3020: reachable content is neither staged nor stored; ITT3021; ITT23xx; ITT3006, ITT3007.
    /// </exception>
    public IReadOnlyList<TakenName> Publish(
        IReadOnlyList<Publication> publications,
        Func<TakenName, bool>? onTaken = null
    )
    {
        var nodes = ContentGraph.Walk(
            publications.Select(publication => publication.Target),
            ReadStagedOrStored,
            _store.Layout.LocationOf
        );
        StagedFile[] moving = [.. FilesToMove(nodes)];
        foreach (var held in moving)
        {
            StoreFiles.Sync(held.Path!);
        }

        using (_store.Lock.Acquire())
        {
            var index = _store.ReadIndex();
            foreach (var node in nodes)
            {
                CheckNode(node);
            }

            var taken = AssignNames(index, publications, onTaken ?? (_ => true));
            var json = index.Compose(_store.Layout.Root);
            MoveIntoPlace(moving);
            _store.Files.Replace(_store.Layout, _store.Layout.IndexFile, json);
            return taken;
        }
    }

    /// <summary>Puts a staged layer on top of the current layers of a container. All or nothing.</summary>
    /// <param name="container">The container.</param>
    /// <param name="blob">The layer, a tar.</param>
    /// <param name="imageLayers">The number of layers of its image.</param>
    /// <returns>The container with the new layer.</returns>
    /// <exception cref="ImageTarException">
    /// ITT3031: the container is gone; ITT3034: it has too many layers; ITT3006.
    /// </exception>
    public Container AddLayer(Container container, StagedBlob blob, int imageLayers)
    {
        var summary = blob.Layer ?? throw new ArgumentException("not a layer", nameof(blob));
        StagedFile[] moving = _staged[blob.Digest] is { Path: not null } held ? [held] : [];
        foreach (var file in moving)
        {
            StoreFiles.Sync(file.Path!);
        }

        using (_store.Lock.Acquire())
        {
            var descriptor = new Descriptor(MediaTypes.OciLayerOf(summary.Compression), blob.Digest, blob.Size);
            return _store.Containers.AddLayer(
                container,
                new Oci.Layer(descriptor, summary.DiffId),
                imageLayers,
                () => MoveIntoPlace(moving)
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private ReadOnlyMemory<byte>? ReadStagedOrStored(Descriptor document) =>
        _staged.TryGetValue(document.Digest, out var held) ? Read(held.Blob) : _store.Blobs.TryRead(document);

    /// <summary>
    /// The staged files to move, leaves first, so that a visible document always has what it refers to.
    /// </summary>
    private IEnumerable<StagedFile> FilesToMove(List<ContentNode> nodes) =>
        nodes
            .OrderBy(node => node.Kind)
            .Select(node => node.Descriptor.Digest)
            .Distinct()
            .Select(digest => _staged.GetValueOrDefault(digest))
            .OfType<StagedFile>()
            .Where(held => held.Path is not null);

    private void CheckNode(ContentNode node)
    {
        var blob = node.Descriptor;
        var size =
            _staged.TryGetValue(blob.Digest, out var held) && held.Path is not null
                ? held.Blob.Size
                : _store.Blobs.SizeOf(blob.Digest);
        if (size is null && node.Required)
        {
            throw StoreDiagnostics.BlobMissing(blob.Digest, _store.Layout.LocationOf(blob.Digest));
        }

        if (size is { } found && found != blob.Size)
        {
            throw StoreDiagnostics.BlobDamaged(blob.Digest, blob.Size, found, _store.Layout.LocationOf(blob.Digest));
        }
    }

    private List<TakenName> AssignNames(
        StoreIndex index,
        IReadOnlyList<Publication> publications,
        Func<TakenName, bool> onTaken
    )
    {
        var taken = new List<TakenName>();
        foreach (var publication in publications)
        {
            foreach (var name in publication.References.Select(name => name.OrLatest()))
            {
                if (index.Owner(name) is not { } owner || owner.Digest == publication.Target.Digest)
                {
                    index.Name(publication.Target, name);
                    continue;
                }

                var taking = new TakenName(
                    name,
                    new StoredImage(owner, index.NamesOf(owner.Digest), TryOpenImage(owner))
                );
                var isSameImage =
                    taking.Previous.Image is { } previous && TryOpenImage(publication.Target)?.Id == previous.Id;
                if ((isSameImage || onTaken(taking)) && index.Take(publication.Target, name, isSameImage))
                {
                    taken.Add(taking);
                }
            }

            index.AddUntagged(publication.Target);
        }

        return taken;
    }

    private Oci.Image? TryOpenImage(Descriptor target) =>
        new ImageResolver(ReadStagedOrStored, _store.Layout, _store.Reporter).TryOpen(target);

    private void MoveIntoPlace(StagedFile[] moving)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var held in moving)
        {
            var target = _store.Layout.Blob(held.Blob.Digest);
            if (folders.Add(Path.GetDirectoryName(target)!))
            {
                _store.Files.CreateFolder(Path.GetDirectoryName(target)!);
            }

            // Replaces a file that may be there already: this content has just been verified, and the old file may be
            // damaged.
            _store.Files.Move(held.Path!, target);
        }

        foreach (var folder in folders)
        {
            StoreFiles.SyncFolder(folder);
        }

        // Layer indexes can be made again, so they need not be on the disk before the names are.
        _store.Files.CreateFolder(_store.Layout.Layers);
        foreach (
            var held in _staged
                .Values.Where(held => held is { Path: null, IndexPath: not null })
                .Concat(moving)
                .ToArray()
        )
        {
            if (held.IndexPath is { } path)
            {
                _store.Files.Move(path, _store.Layout.LayerIndex(held.Blob.Digest));
                LayerIndexFiles.Stamp(_store.Layout, held.Blob.Digest);
            }

            _staged[held.Blob.Digest] = held with { Path = null, IndexPath = null };
        }
    }

    /// <summary>A blob and its files in the session; no path when it is in the store already.</summary>
    private sealed record StagedFile(StagedBlob Blob, string? Path, string? IndexPath);
}
