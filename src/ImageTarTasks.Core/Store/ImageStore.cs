using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Checking;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Core.Store.Containers;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store;

/// <summary>
/// The embedded image store: a folder that is a valid OCI image layout (image-spec image-layout.md), plus
/// <c>.imagetar/</c> for our own files (lock, sessions with their pins, layer indexes, recompressed layers,
/// containers). All other rooms use the store through this class.
/// </summary>
/// <remarks>
/// <para>
/// Concurrency: any number of processes and threads may use one folder at the same time.
/// </para>
/// <para>
/// Atomic: every change of names replaces index.json once, by a rename. Readers see the old names or the new ones, also
/// after a crash or a power failure. <see cref="StoreWriter.Publish"/> moves the blobs into place before it replaces
/// index.json, so a name that is visible has its content. A change of a container replaces its file in the same way. A
/// process that dies leaves at most blobs and files that nothing refers to; later calls delete them.
/// </para>
/// <para>
/// Idempotent: <see cref="Open(string, IReporter, CancellationToken)"/>; <see cref="Tag"/> with a name that the image
/// has; <see cref="StoreWriter.Publish"/> of content that the store has, which also repairs damaged content.
/// <see cref="Remove"/> and <see cref="RemoveContainer"/> are not: the second call is ITT3010 or ITT3031.
/// </para>
/// <para>
/// Lock: changes take the store's lock, a file lock that the operating system frees when a process dies. They wait for
/// it until they are cancelled, and for at most ten minutes; then they fail with ITT3005. Images are read before the
/// lock is taken. These members take it: <see cref="Open(string, IReporter, CancellationToken)"/> when it creates the
/// store, <see cref="BeginWrite"/>, <c>Pin</c>, <see cref="Tag"/>, <see cref="Remove"/>, <see cref="CreateContainer"/>,
/// <see cref="RemoveContainer"/>, <see cref="RenameContainer"/>, and <see cref="OpenLayerIndex"/> and
/// <see cref="SummarizeLayer"/> when they rebuild a missing index. All other members only read. They never wait for the
/// lock, and work in a folder that cannot be written.
/// </para>
/// <para>
/// Verification: a stream of the store verifies size and digest before it returns its last bytes. A damaged blob is
/// ITT3021, ITT2302 or ITT2303. Its layer index is deleted then, so that the next load reads the layer again.
/// </para>
/// <para>
/// Lifetime: blobs stay in the store while a name, a container or a pin reaches them. Without those, another process
/// may delete them at any time, and opening them is then ITT3020.
/// </para>
/// <para>
/// Closing: the caller disposes the streams, layer indexes, pins and writers that it gets. The store itself holds no
/// files open.
/// </para>
/// <para>
/// Errors: an error is an <see cref="ImageTarException"/>. A failure of the operating system is ITT3006 with the path.
/// While a returned stream is read, such a failure is an <see cref="IOException"/>. The other codes are listed at each
/// member. Cancellation is an <see cref="OperationCanceledException"/>.
/// </para>
/// </remarks>
public sealed class ImageStore
{
    private ImageStore(string root, IReporter reporter, CancellationToken cancellationToken)
    {
        Context = new StoreContext(root, reporter, cancellationToken);
    }

    /// <summary>The folder of the store, an absolute path.</summary>
    public string Root => Layout.Root;

    /// <summary>The context that the parts of the store share; for them and for tests.</summary>
    internal StoreContext Context { get; }

    /// <summary>Keeps the images that this object uses from being pruned by others, until it is disposed.</summary>
    public BuildLease? Lease
    {
        get => Context.Lease;
        set => Context.Lease = value;
    }

    private StoreLayout Layout => Context.Layout;

    private BlobFiles Blobs => Context.Blobs;

    private ContainerFiles ContainerFiles => Context.Containers;

    private StoreLock Lock => Context.Lock;

    internal IReporter Reporter => Context.Reporter;

    private ImageResolver Resolver => new(Blobs.TryRead, Layout, Reporter);

    private Removals Removals => new(Context, Resolver);

    private Pruner Pruner => new(Context, Resolver);

    /// <summary>
    /// Opens the store at the absolute path <paramref name="root"/> and creates it when it is missing. Removes the
    /// sessions of dead processes. An OCI image layout of another tool becomes a store.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <param name="reporter">Receives details and warnings.</param>
    /// <param name="cancellationToken">Ends every wait of this object for the store's lock.</param>
    /// <exception cref="ImageTarException">
    /// ITT3001: not a layout; ITT3004: locks do not work; ITT3006: it cannot be created.
    /// </exception>
    public static ImageStore Open(string root, IReporter reporter, CancellationToken cancellationToken = default) =>
        Open(root, reporter, null, cancellationToken);

    /// <summary>
    /// Opens the store at <paramref name="root"/> for reading only. Creates and deletes nothing. A missing folder is a
    /// store without blobs.
    /// </summary>
    public static ImageStore OpenReadOnly(
        string root,
        IReporter reporter,
        CancellationToken cancellationToken = default
    ) => new(root, reporter, cancellationToken);

    /// <summary>
    /// As <see cref="Open(string, IReporter, CancellationToken)"/>, for tests.
    /// </summary>
    internal static ImageStore Open(
        string root,
        IReporter reporter,
        Action<string>? beforeChange,
        CancellationToken cancellationToken = default
    )
    {
        var store = new ImageStore(root, reporter, cancellationToken);
        store.Context.Files.BeforeChange = beforeChange;
        StoreInitializer.Ensure(store.Context);
        if (StoreSession.Any(store.Layout))
        {
            StoreInitializer.SweepIfPossible(store.Context);
        }

        return store;
    }

    /// <summary>
    /// A snapshot of all images with their names. Images are ordered by the creation time in their configuration,
    /// newest first, then by digest. Names are in ordinal order.
    /// </summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3006: index.json cannot be read.</exception>
    public IReadOnlyList<StoredImage> List() =>
        [
            .. Catalog()
                .Entries.Select(entry => entry.Image)
                .OrderByDescending(image => image.Image?.Config.Created ?? DateTimeOffset.MinValue)
                .ThenBy(image => image.Target.Digest),
        ];

    /// <summary>The names of all images, in ordinal order. Reads index.json alone.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3006: index.json cannot be read.</exception>
    public IReadOnlyList<ImageReference> Names() =>
        [.. Context.ReadIndex().Targets.SelectMany(entry => entry.References).Order()];

    /// <summary>
    /// Resolves a name or an ID by Docker's rules (<c>docs/design/architecture.md</c>): 64 hex digits or sha256:... are
    /// an exact ID (or a manifest digest); else a reference (default tag latest; with a digest only the digest
    /// decides); else a unique ID prefix.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010: no such image; ITT1001: neither a name nor an ID.</exception>
    public StoredImage Find(string nameOrId) =>
        TryFind(nameOrId) ?? throw StoreDiagnostics.NoSuchImage(ImageCatalog.Display(nameOrId));

    /// <summary>As <see cref="Find"/>, but null when there is no such image.</summary>
    /// <exception cref="ImageTarException">ITT1001: neither a name nor an ID.</exception>
    public StoredImage? TryFind(string nameOrId) => Catalog().Find(nameOrId)?.Entry.Image;

    /// <summary>
    /// The images that an argument of <c>save</c> names: a bare repository names all its images with all their tags,
    /// name:tag names that tag, and an ID or digest selects an image without a name.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010; ITT1001.</exception>
    public IReadOnlyList<ImageSelection> Select(string argument) => Catalog().Select(argument);

    /// <summary>
    /// The same images with all their names. Includes the images with the same image ID and differently compressed
    /// layers.
    /// </summary>
    public ImageSelection[] WithAllNames(IEnumerable<ImageSelection> images)
    {
        var ids = images.Select(selection => selection.Image.Id).ToHashSet();
        return
        [
            .. List()
                .Where(image => ids.Contains(image.Id))
                .Select(image => new ImageSelection(image, [.. image.References.Where(name => name.Digest is null)])),
        ];
    }

    /// <summary>
    /// The image of a target for a platform: the only one, or from an index the one for <paramref name="platform"/>
    /// (default: the host's, else the first).
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3012: no such platform, with the platforms that exist; ITT3013: not an image; ITT3020: a blob is missing.
    /// </exception>
    public Image OpenImage(Descriptor target, Platform? platform = null) => Resolver.Open(target, platform);

    /// <summary>
    /// As <see cref="OpenImage"/>, for lists: null when there is no such image or when it is damaged, which is
    /// reported.
    /// </summary>
    public Image? TryOpenImage(Descriptor target, Platform? platform = null) => Resolver.TryOpen(target, platform);

    /// <summary>
    /// All manifests below a target, depth first, with indexes resolved. Attestations and missing manifests are left
    /// out.
    /// </summary>
    public IReadOnlyList<Descriptor> Manifests(Descriptor target) => Resolver.Manifests(target);

    /// <summary>
    /// Every blob reachable from a target, each once, in a fixed order: a document before its children. Missing blobs
    /// are included.
    /// </summary>
    public IReadOnlyList<Descriptor> Reachable(Descriptor target) =>
        [.. Context.Walk(target).Select(node => node.Descriptor).DistinctBy(blob => blob.Digest)];

    /// <summary>The layers that are kept in another compression than they are stored in.</summary>
    internal RecompressedLayers RecompressedLayers => new(Context);

    /// <summary>The size of a blob's file, or null when it is missing.</summary>
    internal long? SizeOf(Digest digest) => Blobs.SizeOf(digest);

    /// <summary>Whether the store has a blob of this digest and size. Its content is not verified.</summary>
    public bool Has(Descriptor blob) => Blobs.Has(blob);

    /// <summary>Whether a layer is rightly missing: it is foreign, and the store has no such blob.</summary>
    public bool LacksForeignLayer(Descriptor layer) => layer.IsForeignLayer && Blobs.SizeOf(layer.Digest) is null;

    /// <summary>The location of a blob, for messages.</summary>
    public ContentLocation LocationOf(Digest blob) => Layout.LocationOf(blob);

    /// <summary>The error for a blob that must be present and is not.</summary>
    /// <returns>ITT3020, ITT3024: it is missing; ITT3021: it has another size.</returns>
    public ImageTarException MissingBlobError(Descriptor blob) =>
        Blobs.SizeOf(blob.Digest) is { } size
            ? StoreDiagnostics.BlobDamaged(blob.Digest, blob.Size, size, LocationOf(blob.Digest))
            : StoreDiagnostics.BlobMissing(blob, LocationOf(blob.Digest));

    /// <summary>Opens a blob. Size and digest are verified by the time its end is read.</summary>
    /// <exception cref="ImageTarException">
    /// ITT3020: missing; ITT3021: of another size; while reading, ITT2302 or ITT2303: damaged.
    /// </exception>
    public Stream OpenBlob(Descriptor blob) => Blobs.Open(blob);

    /// <summary>Reads a small blob, verified.</summary>
    /// <exception cref="ImageTarException">ITT3020, ITT3021, ITT2302; ITT2301: it is too large.</exception>
    public ReadOnlyMemory<byte> ReadBlob(Descriptor blob) => Blobs.Read(blob);

    /// <summary>
    /// Opens the index of a layer. A missing index is rebuilt from the layer, and kept when the store can be written.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3020, ITT3021; ITT3022: the layer does not match its DiffID; ITT20xx, ITT21xx: its tar is damaged.
    /// </exception>
    internal LayerIndex OpenLayerIndex(Layer layer, CancellationToken cancellationToken) =>
        LayerIndexFiles.Open(Context, layer, cancellationToken);

    /// <summary>The summary of a layer, read from its index without reading all of the index.</summary>
    /// <exception cref="ImageTarException">As for <see cref="OpenLayerIndex"/>.</exception>
    public LayerSummary SummarizeLayer(Layer layer, CancellationToken cancellationToken) =>
        LayerIndexFiles.Summarize(Context, layer, cancellationToken);

    /// <summary>
    /// Begins an addition to the store. Nothing is visible before <see cref="StoreWriter.Publish"/> or
    /// <see cref="StoreWriter.AddLayer"/>. Disposing the writer deletes the content that was not published.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006.</exception>
    internal StoreWriter BeginWrite() => new(Context);

    /// <summary>
    /// Keeps all blobs of a target until the result is disposed, even when the image is removed in the meantime. In a
    /// store that this process cannot write, the pin has no effect: when another process deletes content there, reading
    /// it is an error, never wrong bytes.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010: the image is gone already.</exception>
    public IDisposable Pin(Descriptor target) => Pin(target, []);

    /// <summary>The same for a container: its image and its own layers.</summary>
    /// <exception cref="ImageTarException">ITT3010: the image is gone already.</exception>
    public IDisposable Pin(Container container) =>
        Pin(container.Image, container.Layers.Select(layer => layer.Descriptor));

    private IDisposable Pin(Descriptor target, IEnumerable<Descriptor> layers)
    {
        try
        {
            // The documents are read here. Under the lock the content must be there, and then it cannot go any more.
            Descriptor[] blobs = Blobs.Has(target) ? [.. Reachable(target), .. layers] : [];
            using (Lock.Acquire())
            {
                if (!Blobs.Has(target))
                {
                    throw StoreDiagnostics.NoSuchImage(target.Digest.Value);
                }

                Context.NoteUse(target.Digest);
                var session = StoreSession.Begin(Layout, Context.Files, Reporter);
                session.Pin(blobs.Where(Blobs.Has).Select(blob => blob.Digest));
                return session;
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            return Blobs.Has(target) ? new MemoryStream() : throw StoreDiagnostics.NoSuchImage(target.Digest.Value);
        }
    }

    /// <summary>Checks that an image can be given a name.</summary>
    /// <exception cref="ImageTarException">
    /// ITT3014: a name with a digest, or the repository <c>sha256</c>.
    /// </exception>
    public static void CheckName(ImageReference name)
    {
        if (name.Digest is not null)
        {
            throw StoreDiagnostics.NotATag("refusing to create a tag with a digest reference");
        }

        if (name.IsDigestAlgorithm)
        {
            throw StoreDiagnostics.NotATag("refusing to create an ambiguous tag using digest algorithm as name");
        }
    }

    /// <summary>
    /// Gives an image another name, and takes the name from the image that has it. The rules are those of moby
    /// client/image_tag.go and reference/store.go.
    /// </summary>
    /// <returns>The other image that had the name, or null.</returns>
    /// <exception cref="ImageTarException">
    /// ITT3010: the image is gone; ITT3014: a name with a digest, or the repository <c>sha256</c>.
    /// </exception>
    public StoredImage? Tag(StoredImage image, ImageReference name)
    {
        CheckName(name);
        return Tagging.Tag(Context, Resolver, image, name.OrLatest());
    }

    /// <summary>
    /// Removes names and images as <c>docker rmi</c> does, and deletes content that nothing needs any more.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010; ITT3011: conflict, in Docker's words.</exception>
    public RemovalResult Remove(string nameOrId, bool force) => Removals.RemoveImage(nameOrId, force);

    /// <summary>All containers, newest first, except those that cannot be read, which are reported (ITT9304).</summary>
    public IReadOnlyList<Container> Containers() => ContainerFiles.List().Readable;

    /// <summary>The container with a name, an ID or a unique ID prefix, or null.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3006: that container cannot be read.</exception>
    public Container? FindContainer(string nameOrId) => ContainerFiles.List().Find(nameOrId);

    /// <summary>
    /// Creates a container with a random ID of 64 hex digits. Its name is <paramref name="name"/>, or a generated one.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3030: the name is taken; ITT3032: it is malformed, in Docker's words; ITT3010: the image is gone.
    /// </exception>
    public Container CreateContainer(
        StoredImage image,
        string imageName,
        string? name,
        IReadOnlyList<string>? command,
        Platform? platform
    )
    {
        // The image is read and verified here; content that has a digest does not change. Under the lock it must be
        // there.
        var platformImage = OpenImage(image.Target, platform);
        var settings = platformImage.Config.Settings;
        using (Lock.Acquire())
        {
            if (
                !Context.ReadIndex().Has(image.Target.Digest)
                || !Blobs.Has(image.Target)
                || !Blobs.Has(platformImage.Manifest.Descriptor)
            )
            {
                throw StoreDiagnostics.NoSuchImage(imageName);
            }

            Context.NoteUse(image.Target.Digest);
            return ContainerFiles.Create(
                name,
                (id, finalName) =>
                    new Container(
                        id,
                        finalName,
                        platformImage.Manifest.Descriptor,
                        imageName,
                        DateTimeOffset.UtcNow,
                        [.. settings.Entrypoint ?? [], .. command ?? settings.Cmd ?? []],
                        []
                    )
            );
        }
    }

    /// <summary>
    /// Removes a container, also one that cannot be read, and deletes content that nothing needs any more.
    /// </summary>
    /// <returns>Its ID, and its name when it can be read.</returns>
    /// <exception cref="ImageTarException">ITT3031: no such container.</exception>
    public (string Id, string? Name) RemoveContainer(string nameOrId) => Removals.RemoveContainer(nameOrId);

    /// <summary>Gives a container another name (moby daemon/rename.go).</summary>
    /// <exception cref="ImageTarException">
    /// ITT3031: no such container; ITT3030: the name is taken; ITT3032: it is malformed; ITT3033: it is the same name.
    /// </exception>
    public Container RenameContainer(string nameOrId, string newName)
    {
        using (Lock.Acquire())
        {
            var container = FindContainer(nameOrId) ?? throw StoreDiagnostics.NoSuchContainer(nameOrId);
            return container.Name == newName.TrimStart('/')
                ? throw StoreDiagnostics.ContainerRenamedToItself()
                : ContainerFiles.Rename(container, newName);
        }
    }

    /// <summary>Removes all images that the options select, and content that nothing needs any more.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006; ITT23xx: index.json cannot be read.</exception>
    public PruneResult PruneImages(ImagePruneOptions options) => Pruner.PruneImages(options);

    /// <summary>
    /// Removes all containers that fit (here none ever runs), and content that nothing needs any more.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006; ITT23xx: index.json cannot be read.</exception>
    public PruneResult PruneContainers(Func<Container, bool> fits, bool isDryRun) =>
        Pruner.PruneContainers(fits, isDryRun);

    /// <summary>
    /// Checks the store, also one that cannot be opened, and repairs it when asked. Without a repair, nothing is
    /// changed.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3001: the folder is not a store; ITT3004, ITT3005, ITT3006: it cannot be read, or changed for a repair.
    /// </exception>
    public StoreCheckResult Check(StoreCheckOptions options, CancellationToken cancellationToken)
    {
        // What reading a damaged store would warn of is among the findings.
        var store = new StoreContext(Root, SilentReporter.Instance, cancellationToken);
        var checker = new StoreChecker(store, Reporter, options.Quick, cancellationToken);
        var (result, problems) = checker.Check();
        return options.Repair && result.Findings.Count > 0
            ? result with
            {
                Findings = new StoreRepair(store, checker).Repair(result, problems),
            }
            : result;
    }

    /// <summary>Finds out whether the store exists and whether this process can change it. Changes nothing.</summary>
    public StoreAccess ProbeAccess()
    {
        if (!File.Exists(Layout.IndexFile))
        {
            return new StoreAccess(Exists: false, CanWrite: true, LocksWork: true);
        }

        try
        {
            using var acquired = Lock.TryAcquire();
            return new StoreAccess(Exists: true, CanWrite: true, LocksWork: true);
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            var locksWork = e.Diagnostic.Code != StoreDiagnostics.LockingBrokenCode;
            return new StoreAccess(Exists: true, CanWrite: !locksWork, LocksWork: locksWork);
        }
    }

    /// <summary>Measures what uses the space of the store.</summary>
    /// <exception cref="ImageTarException">ITT3006; ITT23xx: index.json cannot be read.</exception>
    public StoreUsage MeasureUsage() => StoreUsage.Measure(Context, Catalog(), Resolver);

    private ImageCatalog Catalog()
    {
        var index = Context.ReadIndex();
        if (index.Targets.Any(entry => !Blobs.Has(entry.Target)))
        {
            // A removal may have happened between reading the index and checking its blobs.
            index = Context.ReadIndex();
        }

        return Catalog(index);
    }

    private ImageCatalog Catalog(StoreIndex index) => ImageCatalog.Of(index, Resolver);
}
