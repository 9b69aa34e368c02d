using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// Every function of the C library that this program calls itself: what the base class library lacks, and what it calls
/// without telling its failures. Only for Unix. <see cref="Kernel32"/> is the counterpart for Windows.
/// </summary>
internal static partial class LibC
{
    private const string Library = "libc";

    // The numbers of errors that Linux and macOS share.
    public const int NotPermitted = 1;
    public const int Interrupted = 4;
    public const int PermissionDenied = 13;
    public const int InvalidArgument = 22;

    // The numbers of errors that only Linux has.
    public const int NotImplemented = 38;
    public const int NoData = 61;
    public const int NotSupported = 95;

    /// <summary>ENOTSUP of macOS.</summary>
    public const int NotSupportedMac = 45;

    /// <summary>AT_FDCWD of Linux.</summary>
    public const int CurrentFolder = -100;

    /// <summary>AT_SYMLINK_NOFOLLOW of Linux.</summary>
    public const int DoNotFollow = 0x100;

    /// <summary>RENAME_EXCHANGE.</summary>
    public const uint Exchange = 2;

    /// <summary>SYNC_FILE_RANGE_WRITE.</summary>
    public const uint BeginWriting = 2;

    /// <summary>F_FULLFSYNC of macOS, whose fsync leaves the content in the cache of the disk.</summary>
    public const int FullSync = 51;

    /// <summary>STATX_TYPE.</summary>
    public const uint TypeOnly = 1;

    /// <summary>STATX_BASIC_STATS.</summary>
    public const uint BasicStatus = 0x7ff;

    /// <summary>The number of the error of the last call of this thread.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>The words of the system for <see cref="LastError"/>.</summary>
    public static string LastErrorMessage => Marshal.GetPInvokeErrorMessage(LastError);

    /// <summary>The exception for <see cref="LastError"/>, as the base class library makes them.</summary>
    public static Exception Failure(string path)
    {
        var failure = new IOException($"{LastErrorMessage} : '{path}'", LastError);
        return LastError is PermissionDenied or NotPermitted
            ? new UnauthorizedAccessException(failure.Message, failure)
            : failure;
    }

    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Close(nint file);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Sync(SafeFileHandle file);

    /// <summary>fcntl for commands without an argument.</summary>
    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Control(SafeFileHandle file, int command);

    [LibraryImport(Library, EntryPoint = "sync_file_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int SyncRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport(Library, EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Rename(string from, string to);

    /// <summary>renameat2 of Linux; musl has it from version 1.2.6 on.</summary>
    /// <exception cref="EntryPointNotFoundException">The library lacks it.</exception>
    [LibraryImport(Library, EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Rename(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport(Library, EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Link(string from, string to);

    /// <summary>lchown.</summary>
    [LibraryImport(Library, EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int ChangeOwner(string path, uint uid, uint gid);

    /// <summary>statx of Linux.</summary>
    [LibraryImport(Library, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial int Status(int folder, string path, int flags, uint mask, out FileStatus status);

    /// <summary>llistxattr of Linux.</summary>
    [LibraryImport(Library, EntryPoint = "llistxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nint ListXattrs(string path, [Out] byte[] names, nuint size);

    /// <summary>lgetxattr of Linux.</summary>
    [LibraryImport(Library, EntryPoint = "lgetxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial nint GetXattr(string path, string name, [Out] byte[] value, nuint size);

    /// <summary>The kernel's <c>struct statx</c> (statx(2)), of which the fields used here; 256 bytes in all.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStatus
    {
        /// <summary>The bits of <see cref="Mode"/> that say what kind of file it is.</summary>
        public const int KindMask = 0xf000;
        public const int RegularFile = 0x8000;
        public const int Folder = 0x4000;
        public const int SymbolicLink = 0xa000;
        public const int CharacterDevice = 0x2000;
        public const int BlockDevice = 0x6000;
        public const int Pipe = 0x1000;

        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Uid;

        [FieldOffset(24)]
        public uint Gid;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(128)]
        public uint RdevMajor;

        [FieldOffset(132)]
        public uint RdevMinor;

        [FieldOffset(136)]
        public uint DevMajor;

        [FieldOffset(140)]
        public uint DevMinor;
    }
}
