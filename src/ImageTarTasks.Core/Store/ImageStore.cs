using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
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
/// The embedded image store: a folder that is a valid OCI image layout, plus <c>.imagetar/</c> for what is ours (lock, staging areas,
/// pins, layer indexes, containers). Safe for any number of processes and threads, and against sudden death: blobs become visible
/// under the store's lock together with the names that need them, and index.json is replaced by one rename. Reading takes no lock and
/// works in folders that cannot be written.
/// </summary>
public sealed class ImageStore
{
    private readonly Collector _collector;

    private ImageStore(string root, IReporter reporter)
    {
        Context = new StoreContext(root, reporter);
        _collector = new Collector(Context);
    }

    /// <summary>The folder.</summary>
    public string Root => Layout.Root;

    /// <summary>What the parts of the store share; for them and for tests.</summary>
    internal StoreContext Context { get; }

    private StoreLayout Layout => Context.Layout;

    private BlobFiles Blobs => Context.Blobs;

    private ContainerFiles ContainerFiles => Context.Containers;

    private StoreLock Lock => Context.Lock;

    internal IReporter Reporter => Context.Reporter;

    private ImageResolver Loader => new(Blobs.TryRead, Layout, Reporter);

    /// <summary>
    /// Opens the store at the absolute path <paramref name="root"/>, making it when there is none, and removes what dead processes left behind.
    /// An OCI image layout of another tool becomes a store.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3001 not a layout; ITT3004 locks do not work; ITT3006 cannot be made.</exception>
    public static ImageStore Open(string root, IReporter reporter) => Open(root, reporter, null);

    /// <summary>
    /// The store at <paramref name="root"/> to look for content in, nothing else: nothing is made or swept, and a folder that is not there has no content.
    /// </summary>
    public static ImageStore OpenToLook(string root, IReporter reporter) => new(root, reporter);

    /// <summary>As <see cref="Open(string, IReporter)"/>, watched by a test from the first change on.</summary>
    internal static ImageStore Open(string root, IReporter reporter, Action<string>? beforeChange)
    {
        var store = new ImageStore(root, reporter);
        store.Context.Files.BeforeChange = beforeChange;
        StoreInitializer.Ensure(store.Context);
        if (StoreSession.Any(store.Layout))
        {
            StoreInitializer.SweepIfPossible(store.Context);
        }

        return store;
    }

    /// <summary>All images with their names, newest configuration first, then by digest; names in ordinal order. A snapshot.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3006: index.json cannot be read.</exception>
    public IReadOnlyList<StoredImage> List() =>
    [
        .. Catalog().Entries.Select(entry => entry.Image)
            .OrderByDescending(image => image.Image?.Config.Created ?? DateTimeOffset.MinValue)
            .ThenBy(image => image.Target.Digest),
    ];

    /// <summary>
    /// The image a user means, by Docker's rules (<c>docs/design/architecture.md</c>): 64 hex digits or sha256:... are an exact ID (or a manifest digest); else a
    /// reference (default tag latest; with a digest only the digest decides); else a unique ID prefix.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010 No such image; ITT1001 neither name nor ID.</exception>
    public StoredImage Find(string nameOrId) =>
        TryFind(nameOrId) ?? throw StoreDiagnostics.NoSuchImage(Store.Names.ImageCatalog.Shown(nameOrId));

    /// <summary>As <see cref="Find"/>, and null when there is no such image.</summary>
    /// <exception cref="ImageTarException">ITT1001 neither name nor ID.</exception>
    public StoredImage? TryFind(string nameOrId) => Catalog().Find(nameOrId)?.Entry.Image;

    /// <summary>
    /// What an argument of save means: a bare repository name is all its images with all their tags, name:tag is that
    /// tag, an ID or digest carries no name.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010; ITT1001.</exception>
    public IReadOnlyList<ImageSelection> Select(string argument) => Catalog().Select(argument);

    /// <summary>The same images with all the names they have: everything of the same image ID, however its layers are compressed.</summary>
    public ImageSelection[] WithAllNames(IEnumerable<ImageSelection> images)
    {
        var ids = images.Select(selection => selection.Image.Id).ToHashSet();
        return [.. List().Where(image => ids.Contains(image.Id)).Select(image => new ImageSelection(image, [.. image.References.Where(name => name.Digest is null)]))];
    }

    /// <summary>The image behind a stored one for a platform: the only one, or from an index the one for <paramref name="platform"/> (default: the host's, else the first).</summary>
    /// <exception cref="ImageTarException">ITT3012 no such platform, naming those that are there; ITT3013 not an image; ITT3020 a blob is missing.</exception>
    public Image OpenImage(Descriptor target, Platform? platform = null) => Loader.Open(target, platform);

    /// <summary>As <see cref="OpenImage"/>, for lists: null when there is no such image; one that is damaged is reported and null as well.</summary>
    public Image? TryOpenImage(Descriptor target, Platform? platform = null) => Loader.TryOpen(target, platform);

    /// <summary>All manifests below a target, depth first, indexes resolved, attestations left out; those whose blobs are absent are left out.</summary>
    public IReadOnlyList<Descriptor> Manifests(Descriptor target) => Loader.Manifests(target);

    /// <summary>Every blob reachable from a target, each once, in a fixed order (document before its children); absent ones are listed too.</summary>
    public IReadOnlyList<Descriptor> Reachable(Descriptor target) =>
        [.. ContentGraph.Walk([target], Blobs.TryRead, Layout.Where).Select(node => node.Descriptor).DistinctBy(blob => blob.Digest)];

    /// <summary>Layers in other compressions than they are stored in.</summary>
    internal RecompressedLayers RecompressedLayers => new(Context);

    /// <summary>The size of a blob's file, or null when there is none.</summary>
    internal long? SizeOf(Digest digest) => Blobs.SizeOf(digest);

    /// <summary>Whether a blob is there with its size.</summary>
    public bool Has(Descriptor blob) => Blobs.Has(blob);

    /// <summary>Where a blob is, for messages.</summary>
    public ContentLocation Where(Digest blob) => Layout.Where(blob);

    /// <summary>Why a blob that should be there counts as not being there.</summary>
    /// <returns>ITT3020: it is missing; ITT3021: it has another size.</returns>
    public ImageTarException WhyNot(Descriptor blob) => Blobs.SizeOf(blob.Digest) is { } size
        ? StoreDiagnostics.BlobDamaged(blob.Digest, blob.Size, size, Where(blob.Digest))
        : StoreDiagnostics.BlobMissing(blob.Digest, Where(blob.Digest));

    /// <summary>A blob, verified (size and digest) by the time its end is read.</summary>
    /// <exception cref="ImageTarException">ITT3020 missing; ITT3021 of another size; while reading, ITT2302 or ITT2303: damaged.</exception>
    public Stream OpenBlob(Descriptor blob) => Blobs.Open(blob);

    /// <summary>A small blob, verified.</summary>
    /// <exception cref="ImageTarException">ITT3020, ITT3021, ITT2302, ITT2301 too large.</exception>
    public ReadOnlyMemory<byte> ReadBlob(Descriptor blob) => Blobs.Read(blob);

    /// <summary>The index of a layer; made again by reading the layer when it is missing, kept when the store can be written.</summary>
    /// <exception cref="ImageTarException">ITT3020, ITT3021; ITT3022: the layer is not the one its DiffID says; ITT20xx, ITT21xx: it is no sound tar.</exception>
    internal LayerIndex OpenLayerIndex(Layer layer, CancellationToken cancellation) => LayerIndexFiles.Open(Context, layer, cancellation);

    /// <summary>What the index of a layer says of the whole layer, without reading it all.</summary>
    /// <exception cref="ImageTarException">As for <see cref="OpenLayerIndex"/>.</exception>
    public LayerSummary SummarizeLayer(Layer layer, CancellationToken cancellation) => LayerIndexFiles.Summarize(Context, layer, cancellation);

    /// <summary>Starts adding content. Nothing is visible before <see cref="StoreWriter.Publish"/>; disposed without it, nothing remains.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006.</exception>
    internal StoreWriter BeginWrite() => new(Context);

    /// <summary>
    /// Keeps all blobs of a target from being collected until disposed, though the image be removed meanwhile. In a store that cannot be written
    /// nothing is pinned: whoever reads there what another removes gets an error, never wrong bytes.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010: it is gone already.</exception>
    public IDisposable Pin(Descriptor target) => Pin(target, []);

    /// <summary>The same for a container: its image, and its own layers.</summary>
    /// <exception cref="ImageTarException">ITT3010: it is gone already.</exception>
    public IDisposable Pin(Container container) => Pin(container.Image, container.Layers.Select(layer => layer.Descriptor));

    private IDisposable Pin(Descriptor target, IEnumerable<Descriptor> more)
    {
        try
        {
            using (Lock.Acquire())
            {
                if (!Blobs.Has(target))
                {
                    throw StoreDiagnostics.NoSuchImage(target.Digest.Value);
                }

                var session = StoreSession.Begin(Layout, Context.Files);
                session.Pin(Reachable(target).Concat(more).Where(Blobs.Has).Select(blob => blob.Digest));
                return session;
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            return Blobs.Has(target) ? new MemoryStream() : throw StoreDiagnostics.NoSuchImage(target.Digest.Value);
        }
    }

    /// <summary>Gives an image another name, taking it from whatever image has it. Returns the image that had it, or null.</summary>
    /// <exception cref="ImageTarException">ITT3010: the image is gone; ITT3014: a name with a digest, or the repository <c>sha256</c>.</exception>
    public StoredImage? Tag(StoredImage image, ImageReference name)
    {
        if (name.Digest is not null)
        {
            throw StoreDiagnostics.NotATag("refusing to create a tag with a digest reference");
        }

        if (name.FamiliarRepository == "sha256")
        {
            throw StoreDiagnostics.NotATag("refusing to create an ambiguous tag using digest algorithm as name");
        }

        name = name.OrLatest();
        using (Lock.Acquire())
        {
            var index = Context.ReadIndex();
            if (!index.Has(image.Target.Digest))
            {
                throw StoreDiagnostics.NoSuchImage(image.Id.ToString());
            }

            var owner = index.Owner(name);
            if (owner?.Digest == image.Target.Digest)
            {
                return null;
            }

            var previous = owner is null ? null : new StoredImage(owner, index.NamesOf(owner.Digest), Loader.TryOpen(owner));
            var taken = index.Take(image.Target, name, isSameImage: previous?.Image is { } other && other.Id == image.Id);
            Context.WriteIndex(index);
            return taken ? previous : null;
        }
    }

    /// <summary>Removes names and images as docker rmi does, and frees what nothing needs any more.</summary>
    /// <exception cref="ImageTarException">ITT3010; ITT3011 conflict, in Docker's words.</exception>
    public RemovalResult Remove(string nameOrId, bool force)
    {
        using (Lock.Acquire())
        {
            var index = Context.ReadIndex();
            var containers = ContainerFiles.List();
            var plan = ImageRemoval.Plan(Catalog(index), Uses(containers), nameOrId, force);
            foreach (var name in plan.Untagged)
            {
                index.RemoveName(name);
            }

            foreach (var entry in plan.Dropped)
            {
                index.RemoveUntagged(entry.Target.Digest);
            }

            Context.WriteIndex(index);
            var freed = FreedChains(plan.Deleted, index, containers);
            _collector.Collect(index, containers, plan.Dropped.Select(entry => entry.Target));
            return new RemovalResult(plan.Untagged, plan.Deleted is { } image ? [image.Id.Digest, .. freed] : []);
        }
    }

    /// <summary>All containers, newest first.</summary>
    public IReadOnlyList<Container> Containers() => ContainerFiles.List();

    /// <summary>The container of a name, an ID or a unique ID prefix; null when there is none.</summary>
    public Container? FindContainer(string nameOrId) => ContainerFiles.Find(ContainerFiles.List(), nameOrId);

    /// <summary>Makes a container: a random ID of 64 hex digits, and a name (given, or made up).</summary>
    /// <exception cref="ImageTarException">ITT3030: the name is taken, ITT3032: malformed, in Docker's words; ITT3010: the image is gone.</exception>
    public Container CreateContainer(StoredImage image, string imageName, string? name, IReadOnlyList<string>? command, Platform? platform)
    {
        using (Lock.Acquire())
        {
            if (!Context.ReadIndex().Has(image.Target.Digest))
            {
                throw StoreDiagnostics.NoSuchImage(imageName);
            }

            var opened = OpenImage(image.Target, platform);
            var settings = opened.Config.Settings;
            return ContainerFiles.Create(name, (id, chosen) => new Container(
                id, chosen, opened.Manifest.Descriptor, imageName, DateTimeOffset.UtcNow, [.. settings.Entrypoint ?? [], .. command ?? settings.Cmd ?? []], []));
        }
    }

    /// <summary>Removes a container, and frees what it alone kept.</summary>
    /// <exception cref="ImageTarException">ITT3031 No such container.</exception>
    public Container RemoveContainer(string nameOrId)
    {
        using (Lock.Acquire())
        {
            var containers = ContainerFiles.List();
            var container = ContainerFiles.Find(containers, nameOrId) ?? throw StoreDiagnostics.NoSuchContainer(nameOrId);
            ContainerFiles.Remove(container);
            _collector.Collect(Context.ReadIndex(), [.. containers.Where(other => other.Id != container.Id)], [container.Image, .. container.Layers.Select(layer => layer.Descriptor)]);
            return container;
        }
    }

    /// <summary>Gives a container another name.</summary>
    /// <exception cref="ImageTarException">ITT3031: no such container; ITT3030: the name is taken; ITT3032: malformed; ITT3033: it is the same name.</exception>
    public Container RenameContainer(string nameOrId, string newName)
    {
        using (Lock.Acquire())
        {
            var container = FindContainer(nameOrId) ?? throw StoreDiagnostics.NoSuchContainer(nameOrId);
            return container.Name == newName.TrimStart('/') ? throw StoreDiagnostics.ContainerRenamedToItself() : ContainerFiles.Rename(container, newName);
        }
    }

    private ImageCatalog Catalog()
    {
        var index = Context.ReadIndex();
        if (index.Targets.Any(entry => !Blobs.Has(entry.Target)))
        {
            // A removal may have come between reading the index and looking at its blobs.
            index = Context.ReadIndex();
        }

        return Catalog(index);
    }

    private ImageCatalog Catalog(StoreIndex index) =>
        new([.. index.Targets.Select(entry => new ImageCatalogEntry(entry.Target, entry.References, target => Loader.TryOpen(target)))]);

    private List<ImageUse> Uses(IReadOnlyList<Container> containers) =>
        [.. containers.Select(container => new ImageUse(container.Id, Loader.TryOpen(container.Image)?.Id ?? new ImageId(container.Image.Digest)))];

    private Digest[] FreedChains(StoredImage? deleted, StoreIndex index, IReadOnlyList<Container> containers)
    {
        if (deleted?.Image is not { } image)
        {
            return [];
        }

        var kept = _collector.Chains([.. index.Targets.Select(entry => entry.Target).Where(Blobs.Has), .. containers.Select(container => container.Image)]);
        return ChainId.Of(image.Config.DiffIds).Reverse().Where(chain => !kept.Contains(chain)).Select(chain => chain.Digest).ToArray();
    }
}
