using ImageTarTasks.Core.Diagnostics;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Paths;

/// <summary>Errors of paths and patterns.</summary>
internal static class PathDiagnostics
{
    /// <summary>ITT1071: a pattern for paths that cannot be read.</summary>
    public static ImageTarException InvalidPattern(string option, string text, string why) =>
        Error("ITT1071", $"{option}: {Quote(text)} is not a pattern for paths: {why}");

    // 24xx: layers, flattening, root filesystems.

    /// <summary>ITT2401: a name is empty, too long, or leads out of the root.</summary>
    public static ImageTarException InvalidEntryName(string why, ContentLocation at) => Error("ITT2401", $"the entry's name {why}", at);
}
