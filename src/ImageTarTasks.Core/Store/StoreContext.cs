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

    /// <summary>Keeps the images that a build uses; null outside of a build.</summary>
    public BuildLease? Lease { get; set; }

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

    /// <summary>All content that targets reach (<see cref="ContentGraph.Walk"/>).</summary>
    /// <exception cref="ImageTarException">ITT2301, ITT23xx, ITT3006, ITT3021.</exception>
    public List<ContentNode> Walk(params IEnumerable<Descriptor> targets) =>
        ContentGraph.Walk(targets, Blobs.TryRead, Layout.LocationOf);

    /// <summary>
    /// The digests of all content that a target reaches; of a damaged target only its own. Who lists images reports
    /// that.
    /// </summary>
    public HashSet<Digest> ContentOf(Descriptor target)
    {
        try
        {
            return [.. Walk(target).Select(node => node.Descriptor.Digest)];
        }
        catch (ImageTarException)
        {
            return [target.Digest];
        }
    }

    /// <summary>
    /// Notes that a target is used now: in the modification time of its document's file, which nothing else means, and
    /// in the lease of the build. Under the store's lock.
    /// </summary>
    public void NoteUse(Digest target)
    {
        Lease?.Keep(target, Layout, Files);
        try
        {
            File.SetLastWriteTimeUtc(Layout.Blob(target), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Reporter.Detail($"The use of {target} is not noted: {e.Message}");
        }
    }

    /// <summary>When a target was stored or used last, in UTC.</summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    public DateTime LastUse(Digest target)
    {
        var path = Layout.Blob(target);
        return StoreFiles.Run("read", path, () => File.GetLastWriteTimeUtc(path));
    }

    private ContentLocation IndexLocation => new ContentLocation(Layout.Root).In(OciLayout.IndexFile);

    /// <summary>Reads the current index.json.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3003, ITT3006.</exception>
    public StoreIndex ReadIndex() => ParseIndex(ReadIndexBytes());

    private StoreIndex ParseIndex(ReadOnlyMemory<byte> raw)
    {
        try
        {
            return StoreIndex.Parse(raw, IndexLocation);
        }
        catch (ImageTarException e)
        {
            throw StoreDiagnostics.IndexBroken(e, Layout.IndexFile);
        }
    }

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
            var planned = plan(ParseIndex(index), containers);
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
        ?? throw StoreDiagnostics.IndexMissing(Layout.IndexFile, File.Exists(Layout.VersionFile));

    /// <summary>Replaces index.json. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3006, ITT3007.</exception>
    public void WriteIndex(StoreIndex index) => ReplaceIndex(index.Compose(Layout.Root));

    /// <summary>Replaces index.json by composed bytes. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    public void ReplaceIndex(ReadOnlyMemory<byte> json)
    {
        KeepPreviousIndex();
        Files.Replace(Layout, Layout.IndexFile, json);
    }

    /// <summary>
    /// Keeps the current index.json under another name, for a repair. It is a hard link, which costs no space: the file
    /// is replaced and never changed. Where there are no links, a repair has to do without.
    /// </summary>
    private void KeepPreviousIndex()
    {
        try
        {
            Files.Delete(Layout.PreviousIndex);
            Files.Link(Layout.IndexFile, Layout.PreviousIndex);
        }
        catch (ImageTarException e)
        {
            Reporter.Detail($"The names from before this change are not kept: {e.Diagnostic.Message}");
        }
    }
}
