using ImageTarTasks.Core.Diagnostics;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Paths;

/// <summary>Errors of paths and patterns.</summary>
internal static class PathDiagnostics
{
    /// <summary>ITT1071: a pattern for paths that cannot be read.</summary>
    public static ImageTarException InvalidPattern(string option, string text, string reason) =>
        Error("ITT1071", $"{option}: {Quote(text)} is not a pattern for paths: {reason}");

    // 24xx: layers, flattening, root filesystems.

    /// <summary>ITT2401: a name is empty, too long, or leads out of the root.</summary>
    public static ImageTarException InvalidEntryName(string reason, ContentLocation location) =>
        Error("ITT2401", $"the entry's name {reason}", location);
}
