using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Packing;

/// <summary>
/// The attributes of a file of a folder; links are not followed. On Linux they come from <c>statx</c> and
/// <c>lgetxattr</c>, because .NET reports neither hard links nor devices nor extended attributes. Elsewhere only files,
/// folders and symbolic links exist, and each name is a file of its own.
/// </summary>
internal sealed record FolderFile
{
    private const string CapabilityAttribute = "security.capability";

    /// <summary>The kind of file; null for a socket, which a tar cannot hold.</summary>
    public required TarEntryKind? Kind { get; init; }

    /// <summary>Permission bits.</summary>
    public int Mode { get; init; }

    /// <summary>Bytes of content.</summary>
    public long Size { get; init; }

    /// <summary>Owner; 0 where the system has no such numbers.</summary>
    public uint Uid { get; init; }

    /// <summary>Group; 0 where the system has no such numbers.</summary>
    public uint Gid { get; init; }

    /// <summary>When the content was last changed.</summary>
    public TarTime ModificationTime { get; init; }

    /// <summary>A device's major number.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>A device's minor number.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>The same for all names of one file, when it has several; null else.</summary>
    public (ulong Device, ulong Inode)? Identity { get; init; }

    /// <summary>Looks at a path.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    public static FolderFile Of(string path) => OperatingSystem.IsLinux() ? OfLinux(path) : OfAny(path);

    /// <summary>The selected extended attributes, ordered by name. Only Linux has them.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    public static IReadOnlyList<Xattr> Xattrs(string path, XattrChoice choice)
    {
        if (choice == XattrChoice.None || !OperatingSystem.IsLinux())
        {
            return [];
        }

        var names = new byte[64 * 1024];
        var length = LibC.ListXattrs(path, names, (nuint)names.Length);
        if (length < 0)
        {
            return LibC.LastError == LibC.NotSupported ? [] : throw NotReadable(path);
        }

        var found = new List<Xattr>();
        foreach (
            var name in Encoding
                .Latin1.GetString(names, 0, (int)length)
                .Split('\0', StringSplitOptions.RemoveEmptyEntries)
        )
        {
            if (
                (name == CapabilityAttribute || (choice == XattrChoice.All && BelongsToFile(name)))
                && ReadXattr(path, name) is { } value
            )
            {
                found.Add(new Xattr(ByteString.FromUnits(name), value));
            }
        }

        return [.. found.OrderBy(xattr => xattr.Name)];
    }

    /// <summary>
    /// Labels and measurements are the machine's, and overlay file systems keep their own book in attributes.
    /// </summary>
    private static bool BelongsToFile(string name) =>
        name
            is not ("security.selinux" or "security.SMACK64" or "security.ima" or "security.evm" or "security.apparmor")
        && !name.StartsWith("user.overlay.", StringComparison.Ordinal)
        && !name.StartsWith("trusted.overlay.", StringComparison.Ordinal);

    private static FolderFile OfLinux(string path)
    {
        if (LibC.Status(LibC.CurrentFolder, path, LibC.DoNotFollow, LibC.BasicStatus, out var stat) != 0)
        {
            throw NotReadable(path);
        }

        TarEntryKind? kind = (stat.Mode & LibC.FileStatus.KindMask) switch
        {
            LibC.FileStatus.RegularFile => TarEntryKind.File,
            LibC.FileStatus.Folder => TarEntryKind.Directory,
            LibC.FileStatus.SymbolicLink => TarEntryKind.SymbolicLink,
            LibC.FileStatus.CharacterDevice => TarEntryKind.CharacterDevice,
            LibC.FileStatus.BlockDevice => TarEntryKind.BlockDevice,
            LibC.FileStatus.Pipe => TarEntryKind.Fifo,
            _ => null,
        };
        return new FolderFile
        {
            Kind = kind,
            Mode = kind == TarEntryKind.SymbolicLink ? 0x1ff : stat.Mode & 0xfff,
            Size = kind == TarEntryKind.File ? (long)stat.Size : 0,
            Uid = stat.Uid,
            Gid = stat.Gid,
            ModificationTime = new TarTime(stat.ModifiedSeconds, (int)stat.ModifiedNanoseconds),
            DeviceMajor = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice ? stat.RdevMajor : 0,
            DeviceMinor = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice ? stat.RdevMinor : 0,
            Identity =
                stat.Links > 1 && kind != TarEntryKind.Directory
                    ? (((ulong)stat.DevMajor << 32) | stat.DevMinor, stat.Inode)
                    : null,
        };
    }

    private static FolderFile OfAny(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var kind =
                file.LinkTarget is not null ? TarEntryKind.SymbolicLink
                : file.Attributes.HasFlag(FileAttributes.Directory) ? TarEntryKind.Directory
                : TarEntryKind.File;
            return new FolderFile
            {
                Kind = kind,
                Mode =
                    kind == TarEntryKind.SymbolicLink ? 0x1ff
                    : OperatingSystem.IsWindows() ? 0x1ed
                    : (int)file.UnixFileMode & 0xfff,
                Size = kind == TarEntryKind.File ? file.Length : 0,
                ModificationTime = TarTime.From(file.LastWriteTimeUtc),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(path, e.Message, e);
        }
    }

    private static ByteString? ReadXattr(string path, string name)
    {
        var value = new byte[Limits.XattrBytes];
        var length = LibC.GetXattr(path, name, value, (nuint)value.Length);
        return length >= 0 ? ByteString.FromBytes(value.AsSpan(0, (int)length))
            : LibC.LastError == LibC.NoData ? null
            : throw NotReadable(path);
    }

    private static ImageTarException NotReadable(string path) =>
        PackingDiagnostics.RootFsNotReadable(path, LibC.LastErrorMessage);
}
