using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// System calls for files that must survive a crash, which the base class library lacks. On Unix a rename is durable
/// only after its folder was synced. Windows has no such call and needs none (NTFS journals names).
/// </summary>
internal static partial class DurableFileSystem
{
    private const int InvalidArgument = 22;
    private const int ReadOnlyFileSystem = 30;
    private const int NotSupportedLinux = 95;
    private const int NotSupportedMac = 45;

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

        using var handle = Open(folder, flags: 0);
        if (handle.IsInvalid)
        {
            throw Failure(folder);
        }

        if (
            Sync(handle) != 0
            && Marshal.GetLastPInvokeError()
                is not (InvalidArgument or ReadOnlyFileSystem or NotSupportedLinux or NotSupportedMac)
        )
        {
            throw Failure(folder);
        }
    }

    /// <summary>
    /// Renames <paramref name="source"/>, whose content was synced before, to <paramref name="target"/> of the same
    /// file system and syncs the target's folder.
    /// </summary>
    /// <exception cref="IOException">
    /// The rename or the sync failed; or the target exists and <paramref name="overwrite"/> is false.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static void Move(string source, string target, bool overwrite)
    {
        File.Move(source, target, overwrite);
        SyncDirectory(Path.GetDirectoryName(target)!);
    }

    /// <summary>
    /// Lets two names of one file system change places in one step; false where the system, or the file system, cannot.
    /// </summary>
    /// <exception cref="IOException">It can, and refused.</exception>
    internal static bool TryExchange(string one, string other)
    {
        const int CurrentDirectoryDescriptor = -100;
        const uint Exchange = 2;
        const int NotImplemented = 38;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            if (Rename(CurrentDirectoryDescriptor, one, CurrentDirectoryDescriptor, other, Exchange) == 0)
            {
                return true;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such function before 1.2.6.
            return false;
        }

        return Marshal.GetLastPInvokeError() is InvalidArgument or NotImplemented or NotSupportedLinux
            ? false
            : throw Failure(other);
    }

    /// <summary>
    /// Whether <paramref name="path"/> exists and is neither a file nor a folder but a device, a pipe or a socket. A
    /// rename would replace it by a file; Docker refuses these, too. Links are followed.
    /// </summary>
    internal static bool IsSpecialFile(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            const int CurrentDirectoryDescriptor = -100;
            const uint WantType = 1;
            const int ModeOffset = 28;
            const int TypeMask = 0xf000;
            const int RegularFile = 0x8000;
            const int Folder = 0x4000;
            var status = new byte[256];
            return Status(CurrentDirectoryDescriptor, path, 0, WantType, status) == 0
                && (BitConverter.ToUInt16(status, ModeOffset) & TypeMask) is not (RegularFile or Folder);
        }

        // The layout of stat differs between the other systems. Their devices are all in one folder.
        return !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal);
    }

    /// <summary>
    /// Asks the system to begin writing a part of a file to the disk, and does not wait. Where that cannot be asked,
    /// nothing happens.
    /// </summary>
    internal static void BeginWriteBack(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux())
        {
            const uint Begin = 2;
            _ = SyncRange(file, offset, count, Begin);
        }
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Rename(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SyncRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Status(int folder, string path, int flags, uint mask, byte[] status);
}
