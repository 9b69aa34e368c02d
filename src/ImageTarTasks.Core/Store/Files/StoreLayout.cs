using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Files;

/// <summary>
/// The paths inside a store's folder: the files of an OCI image layout (image-spec image-layout.md), and our own files
/// in <c>.imagetar</c>. Every path of the store is composed here, from the root, checked digests, and names chosen by
/// this program.
/// </summary>
/// <param name="Root">The store's folder, an absolute path.</param>
internal sealed record StoreLayout(string Root)
{
    /// <summary>The folder of our own files inside the layout.</summary>
    public const string PrivateFolder = ".imagetar";

    public string VersionFile => Path.Combine(Root, OciLayout.LayoutFile);

    public string IndexFile => Path.Combine(Root, OciLayout.IndexFile);

    public string Blobs => Path.Combine(Root, OciLayout.BlobsFolder);

    public string Private => Path.Combine(Root, PrivateFolder);

    /// <summary>The file that every change of the store locks; never deleted.</summary>
    public string LockFile => Path.Combine(Private, "lock");

    /// <summary>The file that names the holder of the lock, for messages of waiting processes.</summary>
    public string HolderFile => Path.Combine(Private, "holder");

    /// <summary>
    /// The next version of a small file. Only the holder of the lock writes it, so one name is enough. The file of a
    /// killed process is overwritten.
    /// </summary>
    public string NewFile => Path.Combine(Private, "new");

    /// <summary>index.json as it was before its last change, for <c>fsck --repair</c>.</summary>
    public string PreviousIndex => Path.Combine(Private, "previous");

    public string Sessions => Path.Combine(Private, "sessions");

    public string Layers => Path.Combine(Private, "layers");

    /// <summary>Recompressed layers, kept for the next save.</summary>
    public string Recompressed => Path.Combine(Private, "recompressed");

    public string Containers => Path.Combine(Private, "containers");

    public string BlobFolder(string algorithm) => Path.Combine(Blobs, algorithm);

    public string Blob(Digest digest) => Path.Combine(Blobs, digest.Algorithm, digest.Hex);

    public string LayerIndex(Digest blob) => Path.Combine(Layers, blob.Hex + ".idx");

    /// <summary>The file of a container. This program has generated or checked the ID.</summary>
    public string Container(string id) => Path.Combine(Containers, id + ".json");

    /// <summary>Whether a path in the private folder is one that this class composes.</summary>
    public bool IsOwn(string path) =>
        path == LockFile
        || path == HolderFile
        || path == NewFile
        || path == PreviousIndex
        || path == Sessions
        || path == Layers
        || path == Recompressed
        || path == Containers;

    /// <summary>The location of a blob, for messages.</summary>
    public ContentLocation LocationOf(Digest blob) => new ContentLocation(Root).In(OciLayout.PathOf(blob));
}
