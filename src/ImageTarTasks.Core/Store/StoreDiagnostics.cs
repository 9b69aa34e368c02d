using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Store;

/// <summary>Errors and warnings of the image store (ITT3xxx).</summary>
public static class StoreDiagnostics
{
    /// <summary>ITT3033: the new name of a container is its current name. Docker's words.</summary>
    public static ImageTarException ContainerRenamedToItself() =>
        Error("ITT3033", "Renaming a container with the same name as its current name");

    /// <summary>ITT3034: a container and its image have as many layers together as an image may have.</summary>
    public static ImageTarException TooManyContainerLayers(string container) =>
        Error(
            "ITT3034",
            string.Create(
                CultureInfo.InvariantCulture,
                $"container {Quote(container)} and its image have {Limits.Layers} layers together, and each cp adds "
                    + $"one; copy more files at a time, or export the container, import the result, and continue "
                    + $"with that image"
            )
        );

    /// <summary>ITT2315: image indexes are nested deeper than <see cref="Limits.IndexDepth"/>.</summary>
    public static ImageTarException IndexTooDeep(Digest index, ContentLocation location) =>
        Error(
            "ITT2315",
            string.Create(
                CultureInfo.InvariantCulture,
                $"image index {index} is nested deeper than {Limits.IndexDepth} levels"
            ),
            location
        );

    /// <summary>ITT3001: the folder is neither empty nor an OCI image layout of a supported version.</summary>
    public static ImageTarException NotAStore(string root, string reason) =>
        Error("ITT3001", $"{UntrustedText.Show(root)} is not an image store: {reason}", new ContentLocation(root));

    /// <summary>ITT3003: index.json gives one name to two images.</summary>
    public static ImageTarException NameTwice(ImageReference name, ContentLocation location) =>
        Error("ITT3003", $"index.json gives the name {Quote(name.Familiar)} to two images", location);

    /// <summary>ITT3004: exclusive file locks have no effect in the store's folder.</summary>
    public static ImageTarException LocksDoNotWork(string path) =>
        Error(
            "ITT3004",
            $"file locks do not work in {UntrustedText.Show(path)}: it is on a network file system without locks, or "
                + "DOTNET_SYSTEM_IO_DISABLEFILELOCKING is set; the store can be read, but not changed safely",
            new ContentLocation(path)
        );

    /// <summary>ITT3005: another process kept the store locked for too long.</summary>
    public static ImageTarException StoreLocked(string path, string holder, TimeSpan waited) =>
        Error(
            "ITT3005",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the store was locked for {waited.TotalMinutes:0} minutes by {UntrustedText.Show(holder)}"
            ),
            new ContentLocation(path)
        );

    /// <summary>
    /// ITT3006: the operating system refused an operation in the store's folder (permission, read-only, no space, I/O
    /// error).
    /// </summary>
    public static ImageTarException StoreIo(string action, string path, Exception inner)
    {
        // The inner exception has the error number of the system. Its message repeats the path, which is cut out.
        var system = inner is UnauthorizedAccessException { InnerException: { } cause } ? cause : inner;
        var reason = system.Message.Replace($" : '{path}'", "", StringComparison.Ordinal);
        return Error(
            "ITT3006",
            string.Create(
                CultureInfo.InvariantCulture,
                $"cannot {action} {UntrustedText.Show(path)}: {UntrustedText.Show(reason)} (error {system.HResult})"
            ),
            new ContentLocation(path),
            inner
        );
    }

    /// <summary>
    /// ITT3008: a change of the store is complete and visible, but the disk failed to keep the name of a file.
    /// </summary>
    public static ImageTarException NameNotDurable(string path, ImageTarException reason) =>
        Error(
            "ITT3008",
            $"the change is made, but a power failure may undo it: {reason.Diagnostic.Message}; "
                + "check the disk, then do it again",
            new ContentLocation(path),
            reason
        );

    /// <summary>ITT3006: there is no index.json: a store has lost it, or there is no store.</summary>
    public static ImageTarException IndexMissing(string path, bool isStore) =>
        Error(
            StoreIoCode,
            isStore
                ? $"{UntrustedText.Show(path)} does not exist; imagetar fsck --repair restores the names"
                : $"{UntrustedText.Show(path)} does not exist: there is no image store",
            new ContentLocation(path)
        );

    /// <summary>The same error about index.json of a store, with what helps.</summary>
    public static ImageTarException IndexBroken(ImageTarException reason, string path) =>
        Error(
            reason.Diagnostic.Code,
            $"{reason.Diagnostic.Message}; imagetar fsck --repair restores the names from before",
            new ContentLocation(path),
            reason
        );

    /// <summary>ITT3007: the store would have more names than its index may hold.</summary>
    public static ImageTarException StoreFull(string root) =>
        Error(
            "ITT3007",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the store cannot hold more than {Limits.IndexChildren} names and untagged images, "
                    + $"nor an index.json of more than {Limits.JsonBytes} bytes"
            ),
            new ContentLocation(root)
        );

    /// <summary>ITT3010: no image has that name or ID. Docker's words.</summary>
    public static ImageTarException NoSuchImage(string nameOrId) =>
        Error("ITT3010", $"No such image: {UntrustedText.Show(nameOrId)}");

    /// <summary>ITT3011: an image is in use. Docker's words.</summary>
    public static ImageTarException RemovalConflict(string what, bool mustForce, string reason) =>
        Error("ITT3011", $"conflict: unable to {what} {(mustForce ? "(must force)" : "(must be forced)")} - {reason}");

    /// <summary>ITT3012: the image is missing for the requested platform.</summary>
    public static ImageTarException NoSuchPlatform(string image, Platform wanted, IEnumerable<Platform> offered) =>
        Error(
            "ITT3012",
            $"image {UntrustedText.Show(image)} has no manifest for {UntrustedText.Show(wanted.ToString())}; "
                + $"it has {string.Join(", ", offered.Select(platform => UntrustedText.Show(platform.ToString())))}"
        );

    /// <summary>
    /// ITT3013: a name leads to something that is not a container image, such as a Helm chart or a signature.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="what">
    /// Its description, safe to print, such as <c>an artifact: its configuration has "mediaType" "..."</c>.
    /// </param>
    /// <param name="location">Its location.</param>
    public static ImageTarException NotAnImage(Digest target, string what, ContentLocation location) =>
        Error("ITT3013", $"{target} is not a container image but {what}", location);

    /// <summary>ITT3014: an image cannot have this name. Docker's words.</summary>
    public static ImageTarException NotATag(string reason) => Error("ITT3014", reason);

    /// <summary>ITT3020: content of an image is missing in the store.</summary>
    public static ImageTarException BlobMissing(Digest digest, ContentLocation location) =>
        Error("ITT3020", $"the content {digest} is missing; load or import the image again", location);

    /// <summary>
    /// ITT3021: content in the store does not have its size: after a power failure, or because something else changed
    /// the file.
    /// </summary>
    public static ImageTarException BlobDamaged(Digest digest, long expected, long found, ContentLocation location) =>
        Error(
            "ITT3021",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the content {digest} is damaged: its size is {found}, not {expected}; "
                    + $"load or import the image again to repair it"
            ),
            location
        );

    /// <summary>ITT3022: a layer's content does not match the DiffID in the configuration.</summary>
    public static ImageTarException DiffIdMismatch(DiffId expected, DiffId found, ContentLocation location) =>
        Error(
            "ITT3022",
            $"the layer's DiffID is {found}, but \"rootfs.diff_ids\" of the image configuration has {expected}",
            location
        );

    /// <summary>The error for a blob that is missing: ITT3024 for a foreign layer, else ITT3020.</summary>
    public static ImageTarException BlobMissing(Descriptor blob, ContentLocation location) =>
        blob.IsForeignLayer ? ForeignLayerMissing(blob, location) : BlobMissing(blob.Digest, location);

    /// <summary>ITT3024: a verb needs a foreign layer that the store does not have.</summary>
    private static ImageTarException ForeignLayerMissing(Descriptor layer, ContentLocation location) =>
        Error(
            "ITT3024",
            $"layer {layer.Digest} is not in the store: its publisher distributes it, at "
                + $"{ValueDiagnostics.Addresses(layer)}; to add it, load the image from an archive that has this layer",
            location
        );

    /// <summary>ITT3023: content that an image uses as a layer is not a tar.</summary>
    public static ImageTarException NotALayer(ContentLocation location) =>
        Error("ITT3023", "this is not a layer: its decompressed content does not begin with a tar header", location);

    /// <summary>ITT3030: a container name is in use. Docker's words.</summary>
    public static ImageTarException ContainerNameTaken(string name, string id) =>
        Error(
            "ITT3030",
            $"Conflict. The container name \"/{UntrustedText.Show(name)}\" is already in use by container {Quote(id)}. "
                + "You have to remove (or rename) that container to be able to reuse that name."
        );

    /// <summary>ITT3031: no container has that name or ID. Docker's words.</summary>
    public static ImageTarException NoSuchContainer(string nameOrId) =>
        Error("ITT3031", $"No such container: {UntrustedText.Show(nameOrId)}");

    /// <summary>ITT3032: a container name is malformed. Docker's words.</summary>
    public static ImageTarException InvalidContainerName(string name) =>
        Error(
            "ITT3032",
            $"Invalid container name ({UntrustedText.Show(name)}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        );

    /// <summary>ITT3060: content that an image or a container needs is missing.</summary>
    internal static Diagnostic ContentLost(Digest digest, string user, StoreLayout layout) =>
        Error(
            "ITT3060",
            $"the content {digest} of {UntrustedText.Show(user)} is missing; load or import the image again, or drop "
                + "it with fsck --repair",
            new ContentLocation(layout.Blob(digest))
        ).Diagnostic;

    /// <summary>ITT3061: the file of a blob does not have the size or the digest of its name.</summary>
    internal static Diagnostic ContentDamaged(Descriptor blob, string user, StoreLayout layout) =>
        Error(
            "ITT3061",
            $"the content {blob.Digest} of {UntrustedText.Show(user)} is damaged; load or import the image again, or "
                + "drop it with fsck --repair",
            new ContentLocation(layout.Blob(blob.Digest))
        ).Diagnostic;

    /// <summary>ITT3062: the documents of an image are whole, but no container runtime could use them.</summary>
    public static ImageTarException ImageUnusable(string user, ImageTarException reason) =>
        Error(
            "ITT3062",
            $"{UntrustedText.Show(user)} cannot be used: {reason.Diagnostic.Message}",
            reason.Diagnostic.File is { } file ? new ContentLocation(file) : null,
            reason
        );

    /// <summary>ITT3063: a layer index or a recompressed layer does not have its checksum.</summary>
    public static Diagnostic DerivedFileDamaged(string path) =>
        Error(
            "ITT3063",
            "this file, which is made from a layer, is damaged; fsck --repair deletes it, and it is made again when it "
                + "is needed",
            new ContentLocation(path)
        ).Diagnostic;

    /// <summary>ITT3064: the layer of a layer index or of a recompressed layer is gone.</summary>
    public static Diagnostic DerivedFileStale(string path) =>
        Error(
            "ITT3064",
            "the layer that this file was made from is gone; fsck --repair deletes the file",
            new ContentLocation(path)
        ).Diagnostic;

    /// <summary>ITT3065: a file in the store's folder is not the store's.</summary>
    public static Diagnostic UnknownFile(string path) =>
        Error(
            "ITT3065",
            "this file is not the store's; delete it unless another program needs it",
            new ContentLocation(path)
        ).Diagnostic;

    /// <summary>ITT3066: a repair drops an image or a container, because content of it is missing.</summary>
    public static Diagnostic Dropped(string what, string path) =>
        Error("ITT3066", $"{UntrustedText.Show(what)} is not complete", new ContentLocation(path)).Diagnostic;

    /// <summary>ITT9301: an image cannot be read and is listed without its configuration.</summary>
    public static Diagnostic ImageUnreadable(Digest target, ImageTarException reason) =>
        Warning(
            "ITT9301",
            $"image {target} cannot be read: {reason.Diagnostic.Message}",
            reason.Diagnostic.File is { } file ? new ContentLocation(file) : null
        );

    /// <summary>ITT9302: nothing is deleted, because the content that an image needs cannot be determined.</summary>
    public static Diagnostic CollectionSkipped(Digest target, string reason, string root) =>
        Warning(
            "ITT9302",
            $"no space is freed, because image {target} cannot be read and its blobs are unknown ({reason}); "
                + "load it again, or remove it",
            new ContentLocation(root)
        );

    /// <summary>ITT9303: an image or container is removed, but not all content that nothing needs any more.</summary>
    public static Diagnostic CollectionIncomplete(ImageTarException reason, string root) =>
        Warning(
            "ITT9303",
            $"the removal is complete, but not all space is freed; a later removal frees the rest "
                + $"({reason.Diagnostic.Message})",
            new ContentLocation(root)
        );

    /// <summary>ITT9304: a container cannot be read and is left out.</summary>
    public static Diagnostic ContainerUnreadable(string nameOrId, ImageTarException reason) =>
        Warning(
            "ITT9304",
            $"container {UntrustedText.Show(nameOrId)} cannot be read and is left out: {reason.Diagnostic.Message}; "
                + "rm removes it",
            reason.Diagnostic.File is { } file ? new ContentLocation(file) : null
        );

    /// <summary>ITT9305: nothing is deleted, because the content that a container needs cannot be determined.</summary>
    public static Diagnostic CollectionSkippedForContainer(string nameOrId, string root) =>
        Warning(
            "ITT9305",
            $"no space is freed, because container {UntrustedText.Show(nameOrId)} cannot be read and its image is "
                + "unknown; remove the container",
            new ContentLocation(root)
        );

    /// <summary>ITT9306: the layers that a removal frees are not listed, because another image is damaged.</summary>
    public static Diagnostic LayersUnknown(ImageTarException reason, string root) =>
        Warning(
            "ITT9306",
            $"the deleted layers are not listed, because another image cannot be read: {reason.Diagnostic.Message}",
            new ContentLocation(root)
        );

    /// <summary>ITT9307: a prune with a bound removed all it may, and the store is still larger.</summary>
    public static Diagnostic StillTooLarge(long bytes, long maxSize, string root) =>
        Warning(
            "ITT9307",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the store has {bytes} bytes, more than the {maxSize} bytes it may have: the rest is needed by "
                    + $"containers, by running verbs or by images that other options keep; see imagetar system df -v"
            ),
            new ContentLocation(root)
        );

    /// <summary>The code of content that is missing.</summary>
    internal const string ContentLostCode = "ITT3060";

    /// <summary>The code of an image whose documents make no sense.</summary>
    internal const string ImageUnusableCode = "ITT3062";

    /// <summary>The code of a damaged file that is made from a layer.</summary>
    internal const string DerivedFileDamagedCode = "ITT3063";

    /// <summary>The code of a file whose layer is gone.</summary>
    internal const string DerivedFileStaleCode = "ITT3064";

    /// <summary>The code of "No such image", which <c>rmi -f</c> tolerates.</summary>
    public const string NoSuchImageCode = "ITT3010";

    /// <summary>The code of an image that is missing for a platform. Lists leave such an image out.</summary>
    public const string NoSuchPlatformCode = "ITT3012";

    /// <summary>The code of a target that is not an image. Lists show such a target as it is.</summary>
    public const string NotAnImageCode = "ITT3013";

    /// <summary>The code of a folder where file locks do not work. Such a store is read-only.</summary>
    public const string LockingBrokenCode = "ITT3004";

    /// <summary>The code of an operation that the operating system refused in the store's folder.</summary>
    public const string StoreIoCode = "ITT3006";

    /// <summary>The code of "No such container", which <c>rm -f</c> tolerates.</summary>
    public const string NoSuchContainerCode = "ITT3031";
}
