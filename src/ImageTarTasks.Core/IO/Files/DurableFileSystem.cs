using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// Operations on files that must survive a crash, with every failure told. The base class library has them in part, and
/// hides the failures of some: its flush to the disk and its close succeed whatever the disk says, and its move copies,
/// unsynced, where a rename is impossible. On Unix a rename is durable only after its folder was synced. Windows has no
/// such call and needs none (NTFS journals names).
/// </summary>
internal static class DurableFileSystem
{
    /// <summary>ERROR_SHARING_VIOLATION of Windows.</summary>
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <summary>ERROR_LOCK_VIOLATION of Windows.</summary>
    private const int LockViolation = unchecked((int)0x80070021);

    /// <summary>
    /// Waits until the content of a file is on the disk; nothing where a file system cannot. After a failure the
    /// content is lost, and a second try would succeed without writing it: discard the file.
    /// </summary>
    /// <exception cref="IOException">The disk failed or is full.</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!Kernel32.Flush(file))
            {
                throw Kernel32.Failure(path);
            }

            return;
        }

        if (OperatingSystem.IsMacOS() && LibC.Control(file, LibC.FullSync) == 0)
        {
            return;
        }

        while (LibC.Sync(file) != 0)
        {
            switch (LibC.LastError)
            {
                case LibC.Interrupted:
                    continue;
                case LibC.InvalidArgument:
                case LibC.NotSupported when OperatingSystem.IsLinux():
                case LibC.NotSupportedMac when OperatingSystem.IsMacOS():
                    return;
                default:
                    throw LibC.Failure(path);
            }
        }
    }

    /// <summary>
    /// Waits until the names in <paramref name="folder"/> are on the disk; nothing where a file system cannot.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be opened, or the disk failed.</exception>
    public static void SyncDirectory(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = LibC.Open(folder, flags: 0);
        if (handle.IsInvalid)
        {
            throw LibC.Failure(folder);
        }

        Sync(handle, folder);
    }

    /// <summary>
    /// Closes a file that is not synced. Some file systems (NFS, quotas) tell only now that the content has no place.
    /// </summary>
    /// <exception cref="IOException">The content is not complete.</exception>
    public static void Close(FileStream file)
    {
        file.Flush();
        if (OperatingSystem.IsWindows())
        {
            file.Dispose();
            return;
        }

        // After close the number may belong to another file at once, so the handle must never close it again.
        var handle = file.SafeFileHandle;
        var closed = LibC.Close(handle.DangerousGetHandle());
        handle.SetHandleAsInvalid();
        if (closed != 0 && LibC.LastError != LibC.Interrupted)
        {
            throw LibC.Failure(file.Name);
        }
    }

    /// <summary>
    /// Gives <paramref name="from"/> the name <paramref name="to"/> in one step, and replaces the file that has it.
    /// </summary>
    /// <exception cref="IOException">The rename failed, also because the names are in two file systems.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static void Rename(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            RenameOnWindows(from, to);
        }
        else if (LibC.Rename(from, to) != 0)
        {
            throw LibC.Failure(to);
        }
    }

    /// <summary>
    /// Gives a file a second name in the same file system. Windows gets a copy, which serves as well for a small file.
    /// </summary>
    /// <exception cref="IOException">The file system has no links, or the name is taken.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static void Link(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Copy(from, to);
        }
        else if (LibC.Link(from, to) != 0)
        {
            throw LibC.Failure(to);
        }
    }

    /// <summary>
    /// Windows refuses while somebody has one of the files open for a moment: a virus scanner, an indexer, a reader. So
    /// it is tried again for about a second.
    /// </summary>
    private static void RenameOnWindows(string from, string to)
    {
        const int Attempts = 8;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
#pragma warning disable RS0030 // On one volume it is a rename.
                File.Move(from, to, overwrite: true);
#pragma warning restore RS0030
                return;
            }
            catch (Exception failure)
                when (attempt < Attempts
                    && failure
                        is UnauthorizedAccessException
                            or IOException { HResult: SharingViolation or LockViolation }
                )
            {
                Thread.Sleep(1 << (attempt + 1));
            }
        }
    }

    /// <summary>
    /// Lets two names of one file system change places in one step; false where the system, or the file system, cannot.
    /// </summary>
    /// <exception cref="IOException">It can, and refused.</exception>
    public static bool TryExchange(string one, string other)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            if (LibC.Rename(LibC.CurrentFolder, one, LibC.CurrentFolder, other, LibC.Exchange) == 0)
            {
                return true;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }

        return LibC.LastError is LibC.InvalidArgument or LibC.NotImplemented or LibC.NotSupported
            ? false
            : throw LibC.Failure(other);
    }

    /// <summary>
    /// Whether <paramref name="path"/> exists and is neither a file nor a folder but a device, a pipe or a socket. A
    /// rename would replace it by a file; Docker refuses these, too. Links are followed.
    /// </summary>
    public static bool IsSpecialFile(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return LibC.Status(LibC.CurrentFolder, path, 0, LibC.TypeOnly, out var status) == 0
                && (status.Mode & LibC.FileStatus.KindMask)
                    is not (LibC.FileStatus.RegularFile or LibC.FileStatus.Folder);
        }

        // The layout of stat differs between the other systems. Their devices are all in one folder.
        return !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal);
    }

    /// <summary>
    /// Asks the system to begin writing a part of a file to the disk, and does not wait. Only a hint: the sync at the
    /// end tells of failures.
    /// </summary>
    public static void BeginWriteBack(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.SyncRange(file, offset, count, LibC.BeginWriting);
        }
    }
}
