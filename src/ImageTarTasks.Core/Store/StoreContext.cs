using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Containers;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;

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
    public StoreContext(string root, IReporter reporter, CancellationToken cancellationToken)
    {
        Layout = new StoreLayout(root);
        Reporter = reporter;
        Lock = new StoreLock(Layout, Files, reporter, cancellationToken);
        Blobs = new BlobFiles(Layout, digest => LayerIndexFiles.Delete(Layout, digest));
        Containers = new ContainerFiles(Layout, Files, reporter);
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

    private ContentLocation IndexLocation => new ContentLocation(Layout.Root).In(OciLayout.IndexFile);

    /// <summary>Reads the current index.json.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3003, ITT3006.</exception>
    public StoreIndex ReadIndex() => StoreIndex.Parse(ReadIndexBytes(), IndexLocation);

    /// <summary>
    /// Plans a change while others may work, because that may read many images, and makes it under the store's lock
    /// when nothing that the plan depends on has changed. Else it plans again. When others are faster several times, it
    /// plans under the lock.
    /// </summary>
    /// <param name="plan">Computes the change from index.json and the containers. Changes nothing.</param>
    /// <param name="apply">Makes the change. Under the store's lock.</param>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006; those of the two functions.</exception>
    public TResult Change<TPlan, TResult>(Func<StoreIndex, ContainerSet, TPlan> plan, Func<TPlan, TResult> apply) =>
        Change(Containers.List, plan, apply);

    /// <summary>The same for a change that has nothing to do with containers.</summary>
    public TResult Change<TPlan, TResult>(Func<StoreIndex, TPlan> plan, Func<TPlan, TResult> apply) =>
        Change(() => ContainerSet.Empty, (index, _) => plan(index), apply);

    private TResult Change<TPlan, TResult>(
        Func<ContainerSet> readContainers,
        Func<StoreIndex, ContainerSet, TPlan> plan,
        Func<TPlan, TResult> apply
    )
    {
        const int Attempts = 3;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (index, containers) = (ReadIndexBytes(), readContainers());
            var planned = plan(StoreIndex.Parse(index, IndexLocation), containers);
            using (Lock.Acquire())
            {
                if (ReadIndexBytes().Span.SequenceEqual(index.Span) && readContainers().State == containers.State)
                {
                    return apply(planned);
                }
            }
        }

        using (Lock.Acquire())
        {
            return apply(plan(ReadIndex(), readContainers()));
        }
    }

    private ReadOnlyMemory<byte> ReadIndexBytes() =>
        StoreFiles.TryReadDocument(Layout.IndexFile, OciLayout.IndexFile, IndexLocation)
        ?? throw StoreDiagnostics.StoreIo("read", Layout.IndexFile, new FileNotFoundException("it does not exist"));

    /// <summary>Replaces index.json. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3006, ITT3007.</exception>
    public void WriteIndex(StoreIndex index) => Files.Replace(Layout, Layout.IndexFile, index.Compose(Layout.Root));
}
