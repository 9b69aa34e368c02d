using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Importing;

/// <summary>Errors of importing a root filesystem.</summary>
internal static class ImportDiagnostics
{
    /// <summary>ITT1068: the sha256 of the source is not the one the user gave.</summary>
    public static ImageTarException SourceDigestDiffers(Digest expected, Digest found, ContentLocation location) =>
        Error("ITT1068", $"the source is not the expected one: its digest is {found}, not {expected}", location);

    /// <summary>ITT2411: an image archive given to import.</summary>
    public static ImageTarException ImageArchiveImported(ByteString member, ContentLocation location) =>
        Error("ITT2411", $"this is an image archive (it has \"{member}\"), not a root filesystem: use load", location);

    /// <summary>ITT2415: nothing at all, such as the output of a download that failed.</summary>
    public static ImageTarException NothingToImport(ContentLocation location) =>
        Error(
            "ITT2415",
            "nothing to import: the input is empty; a root filesystem as a tar was expected (an empty one has two "
                + "blocks of zeros)",
            location
        );
}
