using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Archives.Delta;

/// <summary>Errors of the arguments of <c>save --except</c>.</summary>
internal static class DeltaDiagnostics
{
    /// <summary>ITT1043: an argument of except is both an image and a file, or neither.</summary>
    public static ImageTarException ExceptNotFound(string text, string reason) =>
        Error("ITT1043", $"except: {Quote(text)} {reason}");

    /// <summary>ITT1044: a list of digests has something else.</summary>
    public static ImageTarException NotADigestList(string path, string reason) =>
        Error(
            "ITT1044",
            $"{UntrustedText.Show(path)} is neither an image archive nor a list of digests: {reason}",
            new ContentLocation(path)
        );
}
