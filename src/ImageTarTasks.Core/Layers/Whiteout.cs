using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// The role of a path of a layer in deleting files of lower layers (image-spec layer.md "Whiteouts").
/// </summary>
internal enum WhiteoutKind
{
    /// <summary>An ordinary name.</summary>
    None,

    /// <summary><c>.wh.NAME</c>: hides NAME of lower layers.</summary>
    Name,

    /// <summary><c>.wh..wh..opq</c>: hides all of the directory that lower layers put there.</summary>
    Opaque,

    /// <summary>
    /// Another <c>.wh..wh.</c> name: metadata of AUFS that is not part of the file system. Files in <c>.wh..wh.plnk</c>
    /// can be targets of hard links.
    /// </summary>
    AufsMetadata,
}

/// <summary>Recognises whiteouts.</summary>
internal static class Whiteout
{
    /// <summary>The prefix of the name of every whiteout.</summary>
    public const string Prefix = ".wh.";

    private const string MetadataPrefix = ".wh..wh.";
    private const string OpaqueName = ".wh..wh..opq";

    /// <summary>Whether any part of a path begins like a whiteout.</summary>
    public static bool IsIn(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) || path.Contains("/" + Prefix, StringComparison.Ordinal);

    /// <summary>Classifies the path of an entry.</summary>
    /// <exception cref="ImageTarException">ITT2407.</exception>
    public static WhiteoutKind Classify(string path, TarEntryKind kind, ContentLocation location)
    {
        if (!IsIn(path))
        {
            return WhiteoutKind.None;
        }

        EntryPath.Split(path, out var folder, out var leaf);
        foreach (var range in folder.Split('/'))
        {
            var part = folder[range];
            if (IsMetadata(part))
            {
                return WhiteoutKind.AufsMetadata;
            }

            if (part.StartsWith(Prefix))
            {
                throw LayerDiagnostics.InvalidWhiteout("a whiteout has nothing below it", location);
            }
        }

        if (IsMetadata(leaf))
        {
            return WhiteoutKind.AufsMetadata;
        }

        if (leaf[Prefix.Length..] is "" or "." or "..")
        {
            throw LayerDiagnostics.InvalidWhiteout("it does not name a file", location);
        }

        // AUFS made all whiteouts of a layer hard links of one file, and layers of that age are still around.
        return kind is not (TarEntryKind.File or TarEntryKind.HardLink)
                ? throw LayerDiagnostics.InvalidWhiteout("it is not a regular file", location)
            : leaf is OpaqueName ? WhiteoutKind.Opaque
            : WhiteoutKind.Name;
    }

    private static bool IsMetadata(ReadOnlySpan<char> part) =>
        part.StartsWith(MetadataPrefix) && part is not OpaqueName;
}
