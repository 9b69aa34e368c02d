using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// A folder that appears under its name whole or not at all. It is filled beside its target, flushed to the disk and
/// renamed by <see cref="Commit"/>. When it is disposed without that, nothing remains. The next run removes the
/// leftovers of killed runs.
/// </summary>
/// <remarks>
/// Everything happens in a work folder <c>.NAME.GUID.tmp</c>: the file <c>lock</c>, locked while its writer lives;
/// <c>new</c>, which gets the target's name; <c>old</c>, which had it. On Linux the two are exchanged in one step.
/// Elsewhere the old folder is moved away first, and a run that finds it without a successor moves it back.
/// </remarks>
internal sealed class AtomicFolder : IDisposable
{
    private const int BufferSize = 128 * 1024;
    private const string LockName = "lock";
    private const string NewName = "new";
    private const string OldName = "old";

    private readonly string _path;
    private readonly string _target;
    private readonly string _work;
    private readonly FileStream _lock;
    private readonly List<string> _folders = [];

    private AtomicFolder(string path, string target, string work, FileStream @lock)
    {
        _path = path;
        _target = target;
        _work = work;
        _lock = @lock;
        Directory.CreateDirectory(New);
        _folders.Add(New);
    }

    private string New => Path.Combine(_work, NewName);

    private string Old => Path.Combine(_work, OldName);

    /// <summary>Starts a folder for the absolute path <paramref name="path"/>; a symbolic link is followed.</summary>
    /// <param name="path">Its parent must exist.</param>
    /// <param name="whyNotReplace">
    /// Returns the reason an existing folder must not be replaced, or null. Called now and again before the
    /// replacement.
    /// </param>
    /// <exception cref="ImageTarException">
    /// ITT1006: the parent is missing, it is a file, no permission; ITT1042: the existing folder must not be replaced.
    /// </exception>
    public static AtomicFolder Create(string path, Func<string, string?> whyNotReplace)
    {
        try
        {
            var target = Target(path);
            RefuseToReplace(path, target, whyNotReplace);
            var work = TemporaryFiles.NewPath(target);
            var @lock = CreateWorkFolder(work);
            try
            {
                RemoveLeftovers(target, work);
                return new AtomicFolder(path, target, work, @lock) { ReasonNotToReplace = whyNotReplace };
            }
            catch
            {
                Discard(work, @lock);
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, failure);
        }
    }

    private Func<string, string?> ReasonNotToReplace { get; init; } = _ => null;

    /// <summary>Makes a folder inside; <paramref name="name"/> with <c>/</c> between its parts.</summary>
    /// <exception cref="ImageTarException">ITT1006.</exception>
    public void AddFolder(string name) =>
        Run(() => _folders.Add(Directory.CreateDirectory(Path.Combine(New, name)).FullName));

    /// <summary>Writes a file inside the folder and flushes it to the disk.</summary>
    /// <exception cref="ImageTarException">ITT1006; the errors of reading <paramref name="content"/>.</exception>
    public void AddFile(string name, Stream content, CancellationToken cancellationToken) =>
        Run(() =>
        {
            using var file = new FileStream(
                Path.Combine(New, name),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                BufferSize
            );
            StreamCopy.Copy(content, file, cancellationToken);
            file.Flush();
            DurableFileSystem.Sync(file.SafeFileHandle, file.Name);
        });

    /// <summary>Gives the folder its name. Call it once.</summary>
    /// <exception cref="ImageTarException">
    /// ITT1006, ITT1042: the old folder is still in place; ITT1012: the new one is, but its name may not last.
    /// </exception>
    public void Commit()
    {
        Run(() =>
        {
            foreach (var folder in _folders)
            {
                DurableFileSystem.SyncDirectory(folder);
            }

            RefuseToReplace(_path, _target, ReasonNotToReplace);
            if (!Directory.Exists(_target))
            {
                Directory.Move(New, _target);
            }
            else if (!DurableFileSystem.TryExchange(New, _target))
            {
                Directory.Move(_target, Old);
                try
                {
                    Directory.Move(New, _target);
                }
                catch
                {
                    Directory.Move(Old, _target);
                    throw;
                }
            }
        });

        try
        {
            DurableFileSystem.SyncDirectory(Path.GetDirectoryName(_target)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.NameNotDurable(_path, UntrustedText.Show(failure.Message), failure);
        }
    }

    /// <summary>
    /// Removes the folder without the name: the new one without <see cref="Commit"/>, the old one after it.
    /// </summary>
    public void Dispose() => Discard(_work, _lock);

    private static string Target(string path)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        var folder = new DirectoryInfo(path);
        var target = folder.LinkTarget is null ? path : folder.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (Path.GetDirectoryName(target) is not { } parent)
        {
            throw IODiagnostics.OutputNotWritable(path, "it is the root of a file system");
        }

        return Directory.Exists(parent)
            ? target
            : throw IODiagnostics.OutputNotWritable(path, "its folder does not exist");
    }

    private static void RefuseToReplace(string path, string target, Func<string, string?> whyNotReplace)
    {
        if (Directory.Exists(target))
        {
            if (whyNotReplace(target) is { } reason)
            {
                throw IODiagnostics.FolderNotReplaced(path, reason);
            }
        }
        else if (Path.Exists(target))
        {
            throw IODiagnostics.OutputNotWritable(path, "it is a file, and a folder is to be written");
        }
    }

    private static FileStream CreateWorkFolder(string work)
    {
        Directory.CreateDirectory(work);
        try
        {
            return new FileStream(
                Path.Combine(work, LockName),
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch
        {
            Directory.Delete(work, recursive: true);
            throw;
        }
    }

    /// <summary>
    /// Removes work folders of dead writers. A work folder that holds the only version of the target gives it back
    /// first.
    /// </summary>
    private static void RemoveLeftovers(string target, string own)
    {
        if (TryLock(own) is { } second)
        {
            // Where locks do not exclude (some network file systems), dead and alive look the same.
            second.Dispose();
            return;
        }

        foreach (var work in Directory.EnumerateDirectories(Path.GetDirectoryName(target)!, TemporaryFiles.Pattern))
        {
            if (!TemporaryFiles.IsFor(target, work) || TryLock(work) is not { } free)
            {
                continue;
            }

            if (!Directory.Exists(target) && Directory.Exists(Path.Combine(work, OldName)))
            {
                Directory.Move(Path.Combine(work, OldName), target);
            }

            Discard(work, free);
        }
    }

    /// <summary>
    /// Locks a work folder without a living writer. A folder that has no lock yet is being created and is left alone.
    /// </summary>
    private static FileStream? TryLock(string work)
    {
        try
        {
            return new FileStream(Path.Combine(work, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Discard(string work, FileStream @lock)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(work).EnumerateDirectories())
            {
                entry.Delete(recursive: true);
            }

            // The lock is deleted last, so that after a kill the rest still looks like a leftover. Windows deletes no
            // open file.
            @lock.Dispose();
            Directory.Delete(work, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A failure to delete must not hide the error that made the files unwanted. The next run removes them.
            @lock.Dispose();
        }
    }

    private void Run(Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(_path, failure);
        }
    }

    private static ImageTarException NotWritable(string path, Exception failure) =>
        IODiagnostics.OutputNotWritable(path, UntrustedText.Show(failure.Message), failure);
}
