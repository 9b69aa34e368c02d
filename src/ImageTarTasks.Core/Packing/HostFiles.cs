using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>Lists the folders of this machine and opens its files.</summary>
internal static class HostFiles
{
    /// <summary>The children of a folder.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    public static List<(string Path, ByteString Name)> Children(string folder)
    {
        try
        {
            var all = new EnumerationOptions
            {
                AttributesToSkip = 0,
                IgnoreInaccessible = false,
                MatchType = MatchType.Simple,
            };
            return
            [
                .. Directory
                    .EnumerateFileSystemEntries(folder, "*", all)
                    .Select(path => (path, ByteString.FromText(Path.GetFileName(path)))),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(folder, e.Message, e);
        }
    }

    /// <summary>Opens a file whose size must not change.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    public static FixedSizeFileStream Open(string path, long size)
    {
        try
        {
            return new FixedSizeFileStream(
                new FileStream(
                    path,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete,
                    0,
                    FileOptions.SequentialScan
                ),
                size
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(path, e.Message, e);
        }
    }
}

/// <summary>Recognises the names of one file: the first is the file, the others are hard links to it.</summary>
internal sealed class HardLinks
{
    private readonly Dictionary<(ulong Device, ulong Inode), TarEntry> _first = [];

    /// <summary>
    /// Returns the entry, or in its place a hard link to the first name of its file. Names of one file have one set of
    /// attributes; where rules give them several, they become files of their own.
    /// </summary>
    /// <param name="entry">The file under this name.</param>
    /// <param name="identity">Equal for all names of one file that has several names; otherwise null.</param>
    public TarEntry Link(TarEntry entry, (ulong Device, ulong Inode)? identity) =>
        identity is not { } file || _first.TryAdd(file, entry) || !HasAttributesOf(_first[file], entry)
            ? entry
            : entry with
            {
                Kind = TarEntryKind.HardLink,
                LinkName = _first[file].Name,
                Size = 0,
                StoredSize = 0,
                DeviceMajor = 0,
                DeviceMinor = 0,
                Xattrs = [],
            };

    private static bool HasAttributesOf(TarEntry first, TarEntry other) =>
        first.Mode == other.Mode
        && first.Uid == other.Uid
        && first.Gid == other.Gid
        && first.ModificationTime == other.ModificationTime;
}
