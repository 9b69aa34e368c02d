using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Decides which folders an OCI layout may replace.</summary>
internal static class LayoutFolder
{
    /// <summary>
    /// The names at the top of a layout, of this program and of others (containerd's content store creates
    /// <c>ingest</c>).
    /// </summary>
    private static readonly string[] KnownNames =
    [
        OciLayout.LayoutFile,
        OciLayout.IndexFile,
        OciLayout.BlobsFolder,
        "ingest",
        DockerManifest.FileName,
        LegacyImages.RepositoriesName,
        DeltaDocument.FileName,
    ];

    /// <summary>
    /// The reason an existing folder must not be replaced; null when it is empty, or an OCI layout and nothing else, so
    /// that nobody loses other files.
    /// </summary>
    public static string? ReasonNotToReplace(string folder)
    {
        var names = Directory
            .EnumerateFileSystemEntries(folder)
            .Select(entry => Path.GetFileName(entry))
            .ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0)
        {
            return null;
        }

        if (names.Contains(".imagetar"))
        {
            return "it is an image store";
        }

        if (!names.Contains(OciLayout.LayoutFile) || !names.Contains(OciLayout.IndexFile))
        {
            return "it is neither empty nor an OCI layout (it lacks oci-layout or index.json)";
        }

        return
            names.Except(KnownNames, StringComparer.Ordinal).Order(StringComparer.Ordinal).FirstOrDefault() is { } other
            ? $"besides an OCI layout it holds {UntrustedText.Show(other)}"
            : null;
    }
}
