using System.Buffers;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// Writes a root filesystem, or a part of it, as files on the disk. This is the only class that turns names from an
/// archive into paths.
/// </summary>
/// <remarks>
/// Security: folders come first, and each one must be a folder or be created. A symbolic link in the place of a folder
/// is refused, so nothing is written through links, old or copied. Files and links are created under a temporary name
/// and renamed, which replaces a link instead of following it. Names are used part by part and checked for what the
/// system would interpret in them. Without <paramref name="keepOwners"/> the setuid and setgid bits are dropped,
/// because they would apply to another owner. Devices and pipes are not created.
/// </remarks>
/// <param name="root">The absolute path that the first entry gets.</param>
/// <param name="keepOwners">Whether to keep owners, which needs root's rights.</param>
internal sealed class DiskOutput(string root, bool keepOwners) : IRootFsOutput
{
    private const int OwnerBits = 0b110_000_000_000;
    private const int Private = 0b111_000_000;

    private static readonly SearchValues<char> InvalidOnWindows = SearchValues.Create("<>:\"/\\|?*");
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly List<(string Path, TarEntry Entry)> _made = [];

    /// <summary>Devices and pipes, which were not made.</summary>
    public List<ByteString> Skipped { get; } = [];

    /// <summary>The name of a part of a path on this system.</summary>
    /// <exception cref="ImageTarException">ITT2433.</exception>
    public static string Name(ByteString part)
    {
        string name;
        try
        {
            name = Strict.GetString(part.ToBytes());
        }
        catch (DecoderFallbackException)
        {
            throw FlatteningDiagnostics.NameNotForDisk(part, "it is not UTF-8");
        }

        if (name is "" or "." or ".." || name.Contains('/') || name.Contains('\0'))
        {
            throw FlatteningDiagnostics.NameNotForDisk(part, "it is not the name of a file");
        }

        return !OperatingSystem.IsWindows() || IsWindowsName(name)
            ? name
            : throw FlatteningDiagnostics.NameNotForDisk(part, "Windows does not have such names");
    }

    public void Add(TarEntry entry, in FileNames names, Stream? content, CancellationToken cancellationToken)
    {
        var path = PathOf(entry.Name);
        try
        {
            switch (entry.Kind)
            {
                case TarEntryKind.Directory:
                    AddFolder(path, entry);
                    break;
                case TarEntryKind.File when entry.Name != names.First:
                    AddLink(path, PathOf(names.First));
                    break;
                case TarEntryKind.File:
                    AddFile(path, entry, content!, cancellationToken);
                    break;
                case TarEntryKind.SymbolicLink:
                    AddSymbolicLink(path, entry);
                    break;
                default:
                    Skipped.Add(entry.Name);
                    break;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.OutputNotWritable(path, UntrustedText.Show(failure.Message), failure);
        }
    }

    /// <summary>
    /// Gives the folders their modes and times, the innermost first: nothing is put into them any more.
    /// </summary>
    public void Finish()
    {
        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var (path, entry) = _made[i];
            try
            {
                Describe(path, entry, isFolder: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw IODiagnostics.OutputNotWritable(path, UntrustedText.Show(failure.Message), failure);
            }
        }
    }

    private string PathOf(ByteString name)
    {
        var path = new StringBuilder(root);
        foreach (var part in name.Units.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part != ".")
            {
                path.Append('/').Append(Name(ByteString.FromUnits(part)));
            }
        }

        return path.ToString();
    }

    private void AddFolder(string path, TarEntry entry)
    {
        if (new DirectoryInfo(path) is { LinkTarget: not null })
        {
            throw FlatteningDiagnostics.CopyThroughLink(path);
        }

        if (Directory.Exists(path))
        {
            return;
        }

        if (File.Exists(path))
        {
            throw FlatteningDiagnostics.CopyOverOtherKind(path, directory: true);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, (UnixFileMode)Private);
        }

        _made.Add((path, entry));
    }

    private void AddFile(string path, TarEntry entry, Stream content, CancellationToken cancellationToken) =>
        ReplaceAtomically(
            path,
            temporary =>
            {
                using (var file = CreatePrivate(temporary))
                {
                    StreamCopy.Copy(content, file, cancellationToken);
                    DurableFileSystem.Close(file);
                }

                Describe(temporary, entry, isFolder: false);
            }
        );

    /// <summary>Creates a file that only its owner can read, until it gets its mode.</summary>
    private static FileStream CreatePrivate(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private void AddSymbolicLink(string path, TarEntry entry)
    {
        string target;
        try
        {
            target = Strict.GetString(entry.LinkName.ToBytes());
        }
        catch (DecoderFallbackException)
        {
            throw FlatteningDiagnostics.NameNotForDisk(entry.Name, "what it links to is not UTF-8");
        }

        ReplaceAtomically(
            path,
            temporary =>
            {
                File.CreateSymbolicLink(temporary, target);
                ChangeOwner(temporary, entry);
            }
        );
    }

    private static void AddLink(string path, string first) =>
        ReplaceAtomically(path, temporary => DurableFileSystem.Link(first, temporary));

    /// <summary>
    /// Creates something under a temporary name beside <paramref name="path"/> and renames it. It replaces whatever has
    /// the name, except a folder.
    /// </summary>
    private static void ReplaceAtomically(string path, Action<string> make)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            throw FlatteningDiagnostics.CopyOverOtherKind(path, directory: false);
        }

        var temporary = $"{Path.GetDirectoryName(path)}/.{Guid.NewGuid():N}.tmp";
        try
        {
            make(temporary);
            DurableFileSystem.Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private void Describe(string path, TarEntry entry, bool isFolder)
    {
        ChangeOwner(path, entry);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)(keepOwners ? entry.Mode : entry.Mode & ~OwnerBits));
        }

        var time = entry.ModificationTime.ToDateTimeOffset().UtcDateTime;
        if (isFolder)
        {
            Directory.SetLastWriteTimeUtc(path, time);
        }
        else
        {
            File.SetLastWriteTimeUtc(path, time);
        }
    }

    private void ChangeOwner(string path, TarEntry entry)
    {
        if (keepOwners && !OperatingSystem.IsWindows() && LibC.ChangeOwner(path, (uint)entry.Uid, (uint)entry.Gid) != 0)
        {
            throw LibC.Failure(path);
        }
    }

    private static bool IsWindowsName(string name)
    {
        var stem = name.Split('.')[0].TrimEnd(' ').ToUpperInvariant();
        var isDevice =
            stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$"
            || (
                stem.Length == 4
                && (
                    stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)
                )
                && stem[3] is >= '0' and <= '9' or '¹' or '²' or '³'
            );
        return !isDevice
            && name[^1] is not ('.' or ' ')
            && !name.AsSpan().ContainsAny(InvalidOnWindows)
            && !name.Any(c => c < ' ');
    }
}
