using ImageTarTasks.Oci;
using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.Store;

/// <summary>
/// The embedded image store: a folder that is a valid OCI image layout, plus <c>.imagetar/</c> for what is ours (lock, staging areas,
/// leases, layer indexes, containers). Safe for any number of processes and threads, and against sudden death: blobs become visible
/// under the store's lock together with the names that need them, and index.json is replaced by one rename.
/// </summary>
public sealed class ImageStore
{
    private ImageStore(string root) => Root = root;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Opens the store at the absolute path <paramref name="root"/>, making it when there is none, and removes what dead processes left behind.</summary>
    /// <exception cref="ImageTarException">ITT30xx: not a layout, not writable, locks do not work.</exception>
    public static ImageStore Open(string root, IReporter reporter) => throw new NotImplementedException();

    /// <summary>All images with their names, newest configuration first, names in ordinal order. A snapshot.</summary>
    public IReadOnlyList<StoredImage> List() => throw new NotImplementedException();

    /// <summary>
    /// The image a user means, by Docker's rules (docker-facts 5.6): 64 hex digits or sha256:... are an exact ID (or a manifest digest); else a
    /// reference (default tag latest; with a digest only the digest decides); else a unique ID prefix.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010 No such image.</exception>
    public StoredImage Find(string nameOrId) => throw new NotImplementedException();

    /// <summary>
    /// What an argument of save means (docker-facts 1.2): a bare repository name is all its images with all their tags, name:tag is that
    /// tag, an ID or digest carries no name.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010.</exception>
    public IReadOnlyList<ImageSelection> Select(string argument) => throw new NotImplementedException();

    /// <summary>The image behind a stored one for a platform: the only one, or from an index the one for <paramref name="platform"/> (default: the host's, else the first).</summary>
    /// <exception cref="ImageTarException">ITT3012 no such platform, naming those that are there; ITT3013 not an image; ITT3020 a blob is missing.</exception>
    public Image OpenImage(Descriptor target, Platform? platform = null) => throw new NotImplementedException();

    /// <summary>All manifests below a target, depth first, indexes resolved, attestations left out; those whose blobs are absent are left out.</summary>
    public IReadOnlyList<Descriptor> Manifests(Descriptor target) => throw new NotImplementedException();

    /// <summary>Every blob reachable from a target, each once, in a fixed order (document before its children); absent ones are listed too.</summary>
    public IReadOnlyList<Descriptor> Reachable(Descriptor target) => throw new NotImplementedException();

    /// <summary>Whether a blob is there with its size.</summary>
    public bool Has(Descriptor blob) => throw new NotImplementedException();

    /// <summary>A blob, verified (size and digest) by the time its end is read.</summary>
    /// <exception cref="ImageTarException">ITT3020 missing; ITT3021 damaged.</exception>
    public Stream OpenBlob(Descriptor blob) => throw new NotImplementedException();

    /// <summary>A small blob, verified.</summary>
    /// <exception cref="ImageTarException">ITT3020, ITT3021, ITT2301 too large.</exception>
    public ReadOnlyMemory<byte> ReadBlob(Descriptor blob) => throw new NotImplementedException();

    /// <summary>The index of a layer; made again by reading the layer when it is missing.</summary>
    public LayerIndex OpenLayerIndex(Layer layer, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Starts adding content. Nothing is visible before <see cref="StoreWriter.Publish"/>; disposed without it, nothing remains.</summary>
    public StoreWriter BeginWrite() => throw new NotImplementedException();

    /// <summary>Keeps all blobs of a target from being collected until disposed, though the image be removed meanwhile.</summary>
    /// <exception cref="ImageTarException">ITT3010: it is gone already.</exception>
    public IDisposable Pin(Descriptor target) => throw new NotImplementedException();

    /// <summary>Gives an image another name, taking it from whatever image has it. Returns the image that had it, or null.</summary>
    public StoredImage? Tag(StoredImage image, ImageReference name) => throw new NotImplementedException();

    /// <summary>Removes names and images as docker rmi does, and frees what nothing needs any more.</summary>
    /// <exception cref="ImageTarException">ITT3010; ITT3011 conflict, in Docker's words.</exception>
    public RemovalResult Remove(string nameOrId, bool force) => throw new NotImplementedException();

    /// <summary>All containers, newest first.</summary>
    public IReadOnlyList<Container> Containers() => throw new NotImplementedException();

    /// <summary>The container of a name, an ID or a unique ID prefix; null when there is none.</summary>
    public Container? FindContainer(string nameOrId) => throw new NotImplementedException();

    /// <summary>Makes a container: a random ID of 64 hex digits, and a name (given, or made from the ID).</summary>
    /// <exception cref="ImageTarException">ITT3030: the name is taken or malformed, in Docker's words.</exception>
    public Container CreateContainer(StoredImage image, string imageName, string? name, IReadOnlyList<string>? command, Platform? platform) => throw new NotImplementedException();

    /// <summary>Removes a container.</summary>
    /// <exception cref="ImageTarException">ITT3031 No such container.</exception>
    public Container RemoveContainer(string nameOrId) => throw new NotImplementedException();
}

/// <summary>An image of the store.</summary>
/// <param name="Target">The manifest or index its names point to.</param>
/// <param name="References">Its names, in ordinal order; empty for an untagged (dangling) image.</param>
/// <param name="Image">The image for the host's platform (or the first there is); null when the target holds none, such as an artifact.</param>
public sealed record StoredImage(Descriptor Target, IReadOnlyList<ImageReference> References, Image? Image)
{
    /// <summary>The image ID; for a target without an image, the target's digest.</summary>
    public ImageId Id => Image?.Id ?? new ImageId(Target.Digest);
}

/// <summary>An image to save and the names it is saved under.</summary>
public sealed record ImageSelection(StoredImage Image, IReadOnlyList<ImageReference> References);

/// <summary>What a removal did, in the order Docker prints it.</summary>
/// <param name="Untagged">Names removed.</param>
/// <param name="Deleted">The image ID and then the ChainIDs of freed layers, top to bottom.</param>
public sealed record RemovalResult(IReadOnlyList<ImageReference> Untagged, IReadOnlyList<Digest> Deleted);

/// <summary>An image plus immutable diff layers and a name; nothing runs.</summary>
/// <param name="Id">64 hex digits.</param>
/// <param name="Name">The name, without Docker's leading slash.</param>
/// <param name="Image">The manifest it was made from.</param>
/// <param name="ImageName">The image as the user named it.</param>
/// <param name="Created">When.</param>
/// <param name="Command">The command it would run: the user's, else the image's entry point and command.</param>
/// <param name="Layers">Its own layers above the image's, lowest first.</param>
public sealed record Container(string Id, string Name, Descriptor Image, string ImageName, DateTimeOffset Created, IReadOnlyList<string> Command, IReadOnlyList<Layer> Layers);
