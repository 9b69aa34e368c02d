using System.Collections.Concurrent;
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
/// atomically. Everything else is deleted with the session. <see cref="ImageStore"/> and <see cref="IBlobIngester"/>
/// state the contract.
/// </summary>
internal sealed class StoreWriter : IBlobIngester, IDisposable
{
    private const string UnknownType = "application/octet-stream";

    /// <summary>The bound for content of the store. It was checked when the content was loaded.</summary>
    private const long Unbounded = long.MaxValue;

    private readonly StoreContext _store;
    private readonly StoreSession _session;
    private readonly StagingMemory _memory = new();
    private readonly ConcurrentDictionary<Digest, StagedFile> _staged = [];

    /// <summary>Guards the changes of staged blobs that are more than one step, while several threads stage.</summary>
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
    /// The bound on the plain bytes of a layer (<c>max-unpacked</c>); null for <see cref="Limits.ExpansionRatio"/>.
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
        using var copyBuffer = NewBuffer();
        using var indexBuffer = NewBuffer();
        var result = LayerIngest.Run(content, copyBuffer, indexBuffer, location, maxPlainSize, cancellationToken);
        var copy = copyBuffer.Finish();
        var index = indexBuffer.Finish();
        var blob = new StagedBlob(result.Digest, result.Size, result.Layer, result.Fault);
        if (result.Layer is null)
        {
            index.Discard(_session);
        }

        StagedBlob? existing;
        lock (_stagedLock)
        {
            existing = _staged.TryGetValue(blob.Digest, out var file) && file.Content is not null ? file.Blob : null;
            if (existing is null)
            {
                _staged[blob.Digest] = new StagedFile(blob, copy, result.Layer is null ? null : index);
                return blob;
            }
        }

        copy.Discard(_session);
        if (result.Layer is not null)
        {
            index.Discard(_session);
        }

        return existing;
    }

    /// <inheritdoc/>
    public StagedBlob Stage(ReadOnlyMemory<byte> content)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return Stage(stream, new ContentLocation(_store.Layout.Root), null, CancellationToken.None);
    }

    /// <inheritdoc/>
    public bool Has(Descriptor blob) => _store.Blobs.Has(blob);

    /// <summary>
    /// A blob that the store has, pinned until this writer is disposed. It is read and verified once, and indexed when
    /// it is a layer. Null when the store has no such blob, or when it is damaged, which is reported. Takes the store's
    /// lock.
    /// </summary>
    public StagedBlob? TryAdopt(Digest digest)
    {
        if (Find(digest) is { } staged)
        {
            return staged;
        }

        long size;
        using (_store.Lock.Acquire())
        {
            if (_store.Blobs.SizeOf(digest) is not { } storedSize)
            {
                return null;
            }

            size = storedSize;
            _session.Pin([digest]);
        }

        using var index = NewBuffer();
        var descriptor = new Descriptor(UnknownType, digest, size);
        IngestResult result;
        try
        {
            using var content = _store.Blobs.Open(descriptor);
            var location = _store.Layout.LocationOf(digest);
            result = LayerIngest.Run(content, null, index, location, Unbounded, CancellationToken.None);
        }
        catch (ImageTarException e)
        {
            _store.Reporter.Warn(StoreDiagnostics.ImageUnreadable(digest, e));
            return null;
        }

        var blob = new StagedBlob(digest, size, result.Layer, result.Fault);
        _staged[digest] = new StagedFile(blob, null, result.Layer is null ? null : index.Finish());
        return blob;
    }

    /// <summary>
    /// A layer that the store has, pinned until this writer is disposed, with the summary of its index. The layer is
    /// not read again. Null when the store has no such layer, or when its file changed since it was verified; the
    /// caller must then stage the content. Takes the store's lock.
    /// </summary>
    public StagedBlob? TryReuseLayer(Digest digest, long size)
    {
        if (Find(digest) is { } staged)
        {
            return staged.Size == size ? staged : null;
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
            // Another thread may have staged the same content in the meantime.
            return _staged.TryAdd(digest, new StagedFile(blob, null, null)) ? blob : _staged[digest].Blob;
        }
    }

    /// <summary>A blob that this writer has staged, adopted or reused, or null.</summary>
    public StagedBlob? Find(Digest digest)
    {
        lock (_stagedLock)
        {
            return _staged.TryGetValue(digest, out var file) ? file.Blob : null;
        }
    }

    /// <inheritdoc/>
    public StagedBlob AddDigest(StagedBlob blob, Digest digest)
    {
        var alias = blob with { Digest = digest };
        lock (_stagedLock)
        {
            _staged[digest] = _staged[blob.Digest] with { Blob = alias };
        }

        return alias;
    }

    /// <inheritdoc/>
    public void Discard(StagedBlob blob) => _staged.TryRemove(blob.Digest, out _);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(StagedBlob blob)
    {
        var descriptor = new Descriptor(UnknownType, blob.Digest, blob.Size);
        if (_staged[blob.Digest].Content is not { } content)
        {
            return _store.Blobs.Read(descriptor);
        }

        return blob.Size <= Limits.JsonBytes
            ? content.ReadAll()
            : throw DocumentDiagnostics.DocumentTooLarge(
                "content " + blob.Digest,
                _store.Layout.LocationOf(blob.Digest)
            );
    }

    /// <summary>
    /// The index of a layer that this writer staged or adopted (<see cref="StagedBlob.Layer"/> is set).
    /// </summary>
    /// <exception cref="ImageTarException">Its <see cref="StagedBlob.LayerFault"/>, when it is not a layer.</exception>
    public LayerIndex OpenLayerIndex(StagedBlob blob) =>
        (
            _staged[blob.Digest].Index is { } index
                ? index.Open(LayerIndex.TryOpen)
                : LayerIndexFiles.TryOpen(_store.Layout.LayerIndex(blob.Digest))
        ) ?? throw blob.LayerFault ?? StoreDiagnostics.NotALayer(_store.Layout.LocationOf(blob.Digest));

    /// <summary>
    /// Moves every staged blob reachable from <paramref name="publications"/> into place, leaves first, and then
    /// replaces index.json once by a rename. Takes the store's lock. Atomic: readers see no new name, or all of them
    /// with their content. Blobs that a failure leaves behind are deleted by a later collection.
    /// </summary>
    /// <param name="publications">Targets and the names they get. A target without names stays untagged.</param>
    /// <param name="onTaken">
    /// Called for every name that another image has; decides whether to take it (true) or leave it (false), and may
    /// throw to stop the publication. It runs under the lock, so it must not use the store.
    /// </param>
    /// <returns>
    /// The names that were taken from other images, with those images, and the images of the publications with all
    /// their names. Nothing is read for them after the change is made, so a result always comes.
    /// </returns>
    /// <exception cref="ImageTarException">
    /// ITT3020: reachable content is neither staged nor stored; ITT3021; ITT23xx; ITT3006, ITT3007.
    /// </exception>
    public PublishResult Publish(IReadOnlyList<Publication> publications, Func<TakenName, bool>? onTaken = null)
    {
        var targets = publications.Select(publication => publication.Target);
        var nodes = ContentGraph.Walk(targets, ReadStagedOrStored, _store.Layout.LocationOf);
        var filesToMove = WithFilesOfTheirOwn(FilesToMove(nodes));
        foreach (var file in filesToMove)
        {
            StoreFiles.Sync(file.Content!.ToFile());
        }

        var images = targets.Select(TryOpenImage).ToArray();
        using (_store.Lock.Acquire())
        {
            var index = _store.ReadIndex();
            foreach (var node in nodes)
            {
                CheckNode(node);
            }

            var taken = AssignNames(index, publications, onTaken ?? (_ => true));
            var json = index.Compose(_store.Layout.Root);
            MoveIntoPlace(filesToMove);

            // Before the names, because nothing may fail the verb after them.
            foreach (var target in targets)
            {
                _store.NoteUse(target.Digest);
            }

            _store.ReplaceIndex(json);

            return new PublishResult(
                taken,
                [
                    .. publications.Zip(
                        images,
                        (publication, image) =>
                            new StoredImage(publication.Target, index.NamesOf(publication.Target.Digest), image)
                    ),
                ]
            );
        }
    }

    /// <summary>
    /// Adds a staged layer on top of the current layers of a container. Takes the store's lock. Atomic.
    /// </summary>
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
        StagedFile[] filesToMove = _staged[blob.Digest] is { Content: not null } staged ? [staged] : [];
        foreach (var file in filesToMove)
        {
            StoreFiles.Sync(file.Content!.ToFile());
        }

        using (_store.Lock.Acquire())
        {
            var descriptor = new Descriptor(MediaTypes.OciLayerOf(summary.Compression), blob.Digest, blob.Size);
            var layer = new Oci.Layer(descriptor, summary.DiffId);
            return _store.Containers.AddLayer(container, layer, imageLayers, () => MoveIntoPlace(filesToMove));
        }
    }

    /// <summary>Deletes the content that was not published and releases the pins.</summary>
    public void Dispose() => _session.Dispose();

    private StagingBuffer NewBuffer() => new(_store.Files, _session.NextFile(), _memory);

    private ReadOnlyMemory<byte>? ReadStagedOrStored(Descriptor document) =>
        _staged.TryGetValue(document.Digest, out var file) ? Read(file.Blob) : _store.Blobs.TryRead(document);

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
            .Where(file => file.Content is not null);

    /// <summary>
    /// Copies the files of a blob that is to be moved under two digests, so that each has its own.
    /// </summary>
    private StagedFile[] WithFilesOfTheirOwn(IEnumerable<StagedFile> files)
    {
        var contents = new HashSet<StagedContent>();
        return
        [
            .. files.Select(file =>
                contents.Add(file.Content!)
                    ? file
                    : file with
                    {
                        Content = Copy(file.Content!),
                        Index = file.Index is { } index ? Copy(index) : null,
                    }
            ),
        ];

        StagedContent Copy(StagedContent content)
        {
            var copy = _session.NextFile();
            _store.Files.Copy(content.ToFile(), copy);
            return new StagedContent(_store.Files, copy);
        }
    }

    private void CheckNode(ContentNode node)
    {
        var blob = node.Descriptor;
        var size =
            _staged.TryGetValue(blob.Digest, out var file) && file.Content is not null
                ? file.Blob.Size
                : _store.Blobs.SizeOf(blob.Digest);
        if (size is null && node.Required)
        {
            throw StoreDiagnostics.BlobMissing(blob.Digest, _store.Layout.LocationOf(blob.Digest));
        }

        if (size is { } actual && actual != blob.Size)
        {
            throw StoreDiagnostics.BlobDamaged(blob.Digest, blob.Size, actual, _store.Layout.LocationOf(blob.Digest));
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

                var previous = new StoredImage(owner, index.NamesOf(owner.Digest), TryOpenImage(owner));
                var takenName = new TakenName(name, previous);
                var isSameImage = previous.Image is { } image && TryOpenImage(publication.Target)?.Id == image.Id;
                if ((isSameImage || onTaken(takenName)) && index.Take(publication.Target, name, isSameImage))
                {
                    taken.Add(takenName);
                }
            }

            index.AddUntagged(publication.Target);
        }

        return taken;
    }

    private Oci.Image? TryOpenImage(Descriptor target) =>
        new ImageResolver(ReadStagedOrStored, _store.Layout, _store.Reporter).TryOpen(target);

    private void MoveIntoPlace(StagedFile[] files)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var target = _store.Layout.Blob(file.Blob.Digest);
            if (folders.Add(Path.GetDirectoryName(target)!))
            {
                _store.Files.CreateFolder(Path.GetDirectoryName(target)!);
            }

            // An existing file is replaced: this content has just been verified, and the old file may be damaged.
            _store.Files.Move(file.Content!.ToFile(), target);
        }

        foreach (var folder in folders)
        {
            StoreFiles.SyncFolder(folder);
        }

        // A digest that nothing refers to had the same files, which are gone.
        var moved = files.ToDictionary(file => file.Blob.Digest, file => file.Content!);
        var gone = moved.Values.ToHashSet();
        foreach (var (digest, file) in _staged.ToArray())
        {
            if (file.Content is { } content && gone.Contains(content) && !moved.ContainsKey(digest))
            {
                _staged.TryRemove(digest, out _);
            }
        }

        // Layer indexes can be rebuilt, so they need not be on the disk before the names are.
        _store.Files.CreateFolder(_store.Layout.Layers);
        var adopted = _staged.Values.Where(file => file is { Content: null, Index: not null });
        foreach (var file in adopted.Concat(files).ToArray())
        {
            if (file.Index is { } index)
            {
                _store.Files.Move(index.ToFile(), _store.Layout.LayerIndex(file.Blob.Digest));
                LayerIndexFiles.Stamp(_store.Layout, file.Blob.Digest);
            }

            _staged[file.Blob.Digest] = file with { Content = null, Index = null };
        }
    }

    /// <summary>
    /// A blob and what the session has of it. <c>Content</c> is null when the blob is in the store, and <c>Index</c> is
    /// null when its index is there or when it is not a layer.
    /// </summary>
    private sealed record StagedFile(StagedBlob Blob, StagedContent? Content, StagedContent? Index);
}
