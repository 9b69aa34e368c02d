using System.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// Temporary files beside their target, <c>.NAME.GUID.tmp</c>. A writer holds its file open exclusively until it is
/// renamed or deleted. A file that another process can open exclusively is therefore a leftover.
/// </summary>
internal static class TemporaryFiles
{
    private const int MaxNameShown = 50;
    private const string Extension = ".tmp";

    /// <summary>Matches every temporary name in a folder, and some others.</summary>
    public const string Pattern = "*" + Extension;

    /// <summary>
    /// A new temporary path for <paramref name="target"/>, short enough for every file system whose names have 255
    /// bytes.
    /// </summary>
    public static string NewPath(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, Prefix(target) + Guid.NewGuid().ToString("N") + Extension);

    /// <summary>Whether <see cref="NewPath"/> of <paramref name="target"/> made a path.</summary>
    public static bool IsFor(string target, string path)
    {
        var prefix = Prefix(target);
        var name = Path.GetFileName(path.AsSpan());
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && name.EndsWith(Extension, StringComparison.Ordinal)
            && Guid.TryParseExact(name[prefix.Length..^Extension.Length], "N", out _);
    }

    /// <summary>Creates and locks one for <paramref name="target"/>.</summary>
    public static (string Path, FileStream File) Create(string target)
    {
        while (true)
        {
            var path = NewPath(target);
            var file = Lock(path, FileMode.CreateNew);

            // Between creation and lock another run may have removed the file as a leftover. Then the next one is
            // created.
            if (File.Exists(path))
            {
                return (path, file);
            }

            file.Dispose();
        }
    }

    /// <summary>Removes the leftovers for <paramref name="target"/>, except <paramref name="own"/>.</summary>
    public static void RemoveLeftovers(string target, string own)
    {
        if (CanLock(own))
        {
            // Where locks do not exclude (some network file systems), dead and alive look the same.
            return;
        }

        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, Pattern))
        {
            if (IsFor(target, path) && TryLock(path) is { } leftover)
            {
                Discard(path, leftover);
            }
        }
    }

    /// <summary>Deletes a locked one, then unlocks it.</summary>
    public static void Discard(string path, FileStream file)
    {
        try
        {
            File.Delete(path);
            file.Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A failure to delete must not hide the error that made the file unwanted. The next run removes it.
            file.SafeFileHandle.Dispose();
        }
    }

    private static string Prefix(string target)
    {
        // A name has at most 255 bytes, so a long one is represented by its hash.
        var name = Path.GetFileName(target);
        return name.Length <= MaxNameShown ? $".{name}." : $".{Digest.Of(Encoding.UTF8.GetBytes(name)).ShortHex}.";
    }

    private static bool CanLock(string path)
    {
        using var second = TryLock(path);
        return second is not null;
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return Lock(path, FileMode.Open);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Exclusive on every system; on Windows, whose renames otherwise refuse open files, renaming and deleting stay
    /// possible.
    /// </summary>
    private static FileStream Lock(string path, FileMode mode) =>
        new(
            path,
            mode,
            FileAccess.ReadWrite,
            OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            bufferSize: 0
        );
}
