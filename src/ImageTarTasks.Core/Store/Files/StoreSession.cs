using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
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
    private readonly IReporter _reporter;
    private readonly FileStream _lock;
    private int _fileCount;

    private StoreSession(string folder, StoreFiles files, IReporter reporter, FileStream heldLock)
    {
        _folder = folder;
        _files = files;
        _reporter = reporter;
        _lock = heldLock;
    }

    /// <summary>Creates a session. Under the store's lock.</summary>
    public static StoreSession Begin(StoreLayout layout, StoreFiles files, IReporter reporter)
    {
        var folder = Path.Combine(layout.Sessions, Guid.NewGuid().ToString("n"));
        files.CreateFolder(folder);
        return new StoreSession(folder, files, reporter, files.Create(Path.Combine(folder, LockName), FileShare.None));
    }

    /// <summary>Whether a session folder exists, dead or alive.</summary>
    public static bool Any(StoreLayout layout) => Folders(layout).Any();

    /// <summary>
    /// Removes the sessions of dead processes. Under the store's lock. One that cannot be removed stays for the next
    /// process.
    /// </summary>
    public static void Sweep(StoreLayout layout, StoreFiles files, IReporter reporter)
    {
        foreach (var folder in Folders(layout))
        {
            try
            {
                if (IsDead(folder))
                {
                    files.DeleteFolder(folder);
                }
            }
            catch (ImageTarException failure)
            {
                ReportLeftover(failure, reporter);
            }
        }
    }

    /// <summary>All blobs that live sessions pin. Under the store's lock.</summary>
    public static HashSet<Digest> Pinned(StoreLayout layout)
    {
        var pinned = new HashSet<Digest>();
        foreach (var folder in Folders(layout))
        {
            if (!IsDead(folder))
            {
                // A full disk can truncate a line. Such a line belongs to a pin that failed.
                var pins = ReadPins(Path.Combine(folder, PinsName));
                pinned.UnionWith(pins.Where(line => Digest.TryParse(line, out _)).Select(Digest.Parse));
            }
        }

        return pinned;
    }

    /// <summary>The path of the next staged file.</summary>
    public string NextFile() =>
        Path.Combine(_folder, Interlocked.Increment(ref _fileCount).ToString(CultureInfo.InvariantCulture));

    /// <summary>Deletes a staged file that is not needed, so that its space is free before the session ends.</summary>
    public void Discard(string path)
    {
        try
        {
            _files.Delete(path);
        }
        catch (ImageTarException failure)
        {
            ReportLeftover(failure, _reporter);
        }
    }

    /// <summary>Keeps stored blobs from being deleted until this session ends. Under the store's lock.</summary>
    public void Pin(IEnumerable<Digest> digests) =>
        _files.Append(Path.Combine(_folder, PinsName), digests.Select(digest => digest.Value));

    /// <summary>
    /// Ends the session and deletes its folder. Whatever the session was for is complete or has failed by now, and a
    /// failure to delete changes neither: the folder without a locked file is swept by the next process.
    /// </summary>
    public void Dispose()
    {
        // Windows does not delete open files, so the lock file is closed first. A concurrent sweep may delete the
        // folder before this process does.
        _lock.Dispose();
        try
        {
            if (Directory.Exists(_folder))
            {
                _files.DeleteFolder(_folder);
            }
        }
        catch (ImageTarException failure)
        {
            ReportLeftover(failure, _reporter);
        }
    }

    private static void ReportLeftover(ImageTarException failure, IReporter reporter) =>
        reporter.Detail(
            $"A temporary file or folder stays for a later process to remove: {failure.Diagnostic.Message}"
        );

    private static IEnumerable<string> Folders(StoreLayout layout)
    {
        var root = layout.Sessions;
        return Directory.Exists(root)
            ? StoreFiles.Run("list", root, () => Directory.GetDirectories(root)).Where(IsSessionFolder)
            : [];
    }

    private static bool IsSessionFolder(string path) => Guid.TryParseExact(Path.GetFileName(path), "n", out _);

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
                    using var freeLock = StoreLock.TryOpen(path, FileMode.Open);
                    return freeLock is not null;
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
                    using var reader = new StreamReader(StoreFiles.OpenShared(path));
                    return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // The session has no pins, or has just ended.
                    return [];
                }
            }
        );
}
