using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Verification;

/// <summary>Warnings of verifying an archive.</summary>
internal static class VerificationDiagnostics
{
    /// <summary>ITT9403: the layers of an image have more entries than a verification keeps.</summary>
    public static Diagnostic TreeNotChecked(ImageId image, ContentLocation location) =>
        Warning(
            "ITT9403",
            $"the layers of the image {image} have too many entries to check here that they make up a "
                + $"file system; load and export do",
            location
        );
}
