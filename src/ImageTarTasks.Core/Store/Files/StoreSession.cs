using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Files;

/// <summary>
/// A folder of one writer or pin, with its staged files and a list of stored blobs it relies on. A session is alive
/// while its lock file is locked. The lock of a killed process is free, which marks its session for removal. Sessions
/// are created and removed under the store's lock, so that nobody sees one between its creation and its locking.
/// </summary>
internal sealed class StoreSession : IDisposable
{
    private const string LockName = "lock";
    private const string PinsName = "pins";

    private readonly string _folder;
    private readonly StoreFiles _files;
    private readonly FileStream _alive;
    private int _staged;

    private StoreSession(string folder, StoreFiles files, FileStream alive)
    {
        _folder = folder;
        _files = files;
        _alive = alive;
    }

    /// <summary>Makes a session. Under the store's lock.</summary>
    public static StoreSession Begin(StoreLayout layout, StoreFiles files)
    {
        var folder = Path.Combine(layout.Sessions, Guid.NewGuid().ToString("n"));
        files.CreateFolder(folder);
        return new StoreSession(folder, files, files.Create(Path.Combine(folder, LockName), FileShare.None));
    }

    /// <summary>Whether a session folder exists, dead or alive.</summary>
    public static bool Any(StoreLayout layout) => Folders(layout).Any();

    /// <summary>Removes the sessions of dead processes. Under the store's lock.</summary>
    public static void Sweep(StoreLayout layout, StoreFiles files)
    {
        foreach (var folder in Folders(layout))
        {
            if (IsDead(folder))
            {
                files.DeleteFolder(folder);
            }
        }
    }

    /// <summary>All blobs live sessions rely on. Under the store's lock.</summary>
    public static HashSet<Digest> Pinned(StoreLayout layout)
    {
        var pinned = new HashSet<Digest>();
        foreach (var folder in Folders(layout))
        {
            if (!IsDead(folder))
            {
                // A line cut by a full disk belongs to a pin that failed.
                pinned.UnionWith(
                    ReadPins(Path.Combine(folder, PinsName))
                        .Where(line => Digest.TryParse(line, out _))
                        .Select(Digest.Parse)
                );
            }
        }

        return pinned;
    }

    /// <summary>The path of the next staged file.</summary>
    public string NextFile() =>
        Path.Combine(
            _folder,
            Interlocked.Increment(ref _staged).ToString(System.Globalization.CultureInfo.InvariantCulture)
        );

    /// <summary>Keeps stored blobs while this lives. Under the store's lock.</summary>
    public void Pin(IEnumerable<Digest> digests) =>
        _files.Append(Path.Combine(_folder, PinsName), digests.Select(d => d.Value));

    /// <inheritdoc/>
    public void Dispose()
    {
        // Windows does not delete open files. A sweep that comes in between does the same work.
        _alive.Dispose();
        if (Directory.Exists(_folder))
        {
            _files.DeleteFolder(_folder);
        }
    }

    private static IEnumerable<string> Folders(StoreLayout layout) =>
        Directory.Exists(layout.Sessions)
            ? StoreFiles
                .Run("list", layout.Sessions, () => Directory.GetDirectories(layout.Sessions))
                .Where(folder => Guid.TryParseExact(Path.GetFileName(folder), "n", out _))
            : [];

    private static bool IsDead(string folder)
    {
        var path = Path.Combine(folder, LockName);
        return StoreFiles.Run(
            "lock",
            path,
            () =>
            {
                try
                {
                    using var free = StoreLock.TryOpen(path, FileMode.Open);
                    return free is not null;
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // A session has its lock from the start, so this one is being removed.
                    return true;
                }
            }
        );
    }

    private static string[] ReadPins(string path) =>
        StoreFiles.Run(
            "read",
            path,
            () =>
            {
                try
                {
                    return File.ReadAllLines(path);
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // It has no pins, or has just ended.
                    return [];
                }
            }
        );
}
