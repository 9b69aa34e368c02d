using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Packing;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Options;

/// <summary>
/// An item of a build as content of a root filesystem: a file or a folder, with the metadata TargetPath, Mode, Uid and
/// Gid.
/// </summary>
internal static class ContentItem
{
    /// <summary>
    /// The default mode does not depend on the umask of the build: 0755 for folders and for files that anyone may
    /// execute, else 0644.
    /// </summary>
    private const string DefaultMode = "D755,Fa=rX,Fu+w";

    /// <summary>
    /// Reads an item. TargetPath is its place: a path in the root filesystem, or with a trailing slash the folder that
    /// gets it. Without TargetPath a file goes where its wildcard found it (RecursiveDir), and the content of a folder
    /// goes to the root.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1005: it does not exist; ITT1054, ITT1056, ITT1073.</exception>
    public static PackedItem Read(ITaskItem item)
    {
        var path = TaskItems.GetFullPath(item);
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
        {
            throw UsageDiagnostics.FileNotFound(item.ItemSpec);
        }

        // The item means the target of a link. Links inside a folder stay links.
        var file = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return new PackedItem(
            Path.TrimEndingDirectorySeparator(file),
            GetTargetPath(item, Path.GetFileName(path), isFolder)
        )
        {
            Mode = ModeChange.Parse(
                "Mode of " + item.ItemSpec,
                item.GetMetadata("Mode") is { Length: > 0 } mode ? mode : DefaultMode
            ),
            Uid = ParseId(item, "Uid"),
            Gid = ParseId(item, "Gid"),
        };
    }

    private static long? ParseId(ITaskItem item, string name) =>
        item.GetMetadata(name) is { Length: > 0 } text
            ? OptionValues.ParseOwner($"{name} of {item.ItemSpec}", text)!.Value.Uid
            : null;

    private static string GetTargetPath(ITaskItem item, string fileName, bool isFolder)
    {
        var written = item.GetMetadata("TargetPath");
        var target = (
            written.Length > 0 ? written
            : isFolder ? ""
            : item.GetMetadata("RecursiveDir") + "/"
        ).Replace('\\', '/');
        if (target.EndsWith('/') && !isFolder)
        {
            target += fileName;
        }

        var parts = target.Split('/').Where(part => part is not ("" or ".")).ToArray();
        return parts.Contains("..")
                ? throw UsageDiagnostics.InvalidTarget(item.ItemSpec, target, "it has a part \"..\"")
            : parts.Length == 0 && !isFolder
                ? throw UsageDiagnostics.InvalidTarget(item.ItemSpec, target, "a file cannot be the root")
            : string.Join('/', parts);
    }
}
