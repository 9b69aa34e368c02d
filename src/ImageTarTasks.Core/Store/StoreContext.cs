using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Containers;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store;

/// <summary>
/// The objects that the parts of one open store share: the layout of its folder, file operations, the lock, blobs,
/// containers and index.json. The parts use this class and never <see cref="ImageStore"/>, which is for the other
/// rooms.
/// </summary>
internal sealed class StoreContext
{
    /// <summary>EROFS.</summary>
    private const int ReadOnlyFileSystem = 30;

    /// <summary>A store at the absolute path <paramref name="root"/>. Nothing is read or created.</summary>
    public StoreContext(string root, IReporter reporter)
    {
        Layout = new StoreLayout(root);
        Reporter = reporter;
        Lock = new StoreLock(Layout, Files, reporter);
        Blobs = new BlobFiles(Layout, digest => LayerIndexFiles.Delete(Layout, digest));
        Containers = new ContainerFiles(Layout, Files);
    }

    /// <summary>The paths inside the store's folder.</summary>
    public StoreLayout Layout { get; }

    /// <summary>The file operations that change the store.</summary>
    public StoreFiles Files { get; } = new();

    /// <summary>The lock that every change of the store holds.</summary>
    public StoreLock Lock { get; }

    /// <summary>The blobs.</summary>
    public BlobFiles Blobs { get; }

    /// <summary>The containers.</summary>
    public ContainerFiles Containers { get; }

    /// <summary>Receives details and warnings.</summary>
    public IReporter Reporter { get; }

    /// <summary>Whether an error means only that this process cannot change the store.</summary>
    public static bool MeansReadOnly(ImageTarException error) =>
        error.Diagnostic.Code == StoreDiagnostics.LockingBrokenCode
        || error.InnerException is UnauthorizedAccessException or IOException { HResult: ReadOnlyFileSystem };

    /// <summary>Begins a session: a folder for staged files and pins. Takes the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006.</exception>
    public StoreSession BeginSession()
    {
        using (Lock.Acquire())
        {
            return StoreSession.Begin(Layout, Files, Reporter);
        }
    }

    /// <summary>Reads the current index.json.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3003, ITT3006.</exception>
    public StoreIndex ReadIndex()
    {
        var location = new ContentLocation(Layout.Root).In(OciLayout.IndexFile);
        var raw = StoreFiles.Run(
            "read",
            Layout.IndexFile,
            () =>
            {
                // A file of length 0 is not opened: an empty index.json is invalid, and opening a pipe in its place
                // would block.
                var file = new FileInfo(Layout.IndexFile);
                return file switch
                {
                    { Exists: true, Length: 0 } => throw DocumentDiagnostics.MalformedJson(
                        OciLayout.IndexFile,
                        "it is empty",
                        location
                    ),
                    { Exists: true, Length: > Limits.JsonBytes } => throw DocumentDiagnostics.DocumentTooLarge(
                        OciLayout.IndexFile,
                        location
                    ),
                    _ => File.ReadAllBytes(Layout.IndexFile),
                };
            }
        );
        return StoreIndex.Parse(raw, location);
    }

    /// <summary>Replaces index.json. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3006, ITT3007.</exception>
    public void WriteIndex(StoreIndex index) => Files.Replace(Layout, Layout.IndexFile, index.Compose(Layout.Root));
}
