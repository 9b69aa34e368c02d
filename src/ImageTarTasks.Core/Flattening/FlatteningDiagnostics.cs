using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Flattening;

/// <summary>Errors and warnings of writing a root filesystem.</summary>
internal static class FlatteningDiagnostics
{
    /// <summary>ITT2431: a file that a cpio cannot hold.</summary>
    public static ImageTarException TooLargeForCpio(ByteString name, long size) =>
        Error(
            "ITT2431",
            string.Create(
                CultureInfo.InvariantCulture,
                $"\"{name}\" has {size} bytes; a file in a cpio ends at {uint.MaxValue}, so leave it out "
                    + $"(--exclude) or write a tar"
            )
        );

    /// <summary>ITT2435: a file whose name ends a cpio.</summary>
    public static ImageTarException NameEndsCpio(ByteString name) =>
        Error(
            "ITT2435",
            $"\"{name}\" is the name that ends a cpio, so what follows it would be lost; leave it out (--exclude) or "
                + "write a tar"
        );

    /// <summary>ITT9431: extended attributes that a format cannot hold.</summary>
    public static Diagnostic XattrsLost(long files) =>
        Warning(
            "ITT9431",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the extended attributes of {files} {(files == 1 ? "file" : "files")} are lost: a cpio "
                    + $"cannot hold them; say --xattrs none, or write a tar"
            )
        );

    /// <summary>ITT1076: cp would replace a folder by a file or a file by a folder.</summary>
    public static ImageTarException CopyOverOtherKind(string path, bool directory) =>
        Error(
            "ITT1076",
            directory
                ? $"cannot overwrite non-directory {Quote(path)} with a directory"
                : $"cannot overwrite directory {Quote(path)} with a non-directory"
        );

    /// <summary>ITT1077: a folder of the destination of cp is a symbolic link, which could lead anywhere.</summary>
    public static ImageTarException CopyThroughLink(string path) =>
        Error(
            "ITT1077",
            $"{UntrustedText.Show(path)} is a symbolic link; nothing is written through links: name "
                + $"the folder it leads to, or a link that is meant with a slash behind it",
            new ContentLocation(path)
        );

    /// <summary>ITT2433: a name of a container that cannot be a file's name on this system.</summary>
    public static ImageTarException NameNotForDisk(ByteString name, string reason) =>
        Error(
            "ITT2433",
            $"\"{name}\" cannot be written to a folder here: {reason}; copy it as a tar: cp CONTAINER:PATH -"
        );

    /// <summary>ITT2414: a layer ends before the content that its index describes.</summary>
    public static ImageTarException LayerShorterThanIndex(ContentLocation location) =>
        Error("ITT2414", "the layer ends before the content of this entry", location);
}
