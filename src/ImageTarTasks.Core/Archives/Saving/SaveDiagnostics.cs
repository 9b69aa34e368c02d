using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Errors of saving images.</summary>
internal static class SaveDiagnostics
{
    /// <summary>ITT3050: an index lists platforms that the store does not have.</summary>
    public static ImageTarException PlatformsMissing(
        string image,
        IEnumerable<string> missing,
        IEnumerable<Platform> present
    ) =>
        Error(
            "ITT3050",
            $"image {UntrustedText.Show(image)} is not whole: {Names(missing)} is not in the store, "
                + $"only {Names(present.Select(p => p.ToString()))}; save one of these with --platform, or "
                + $"choose --missing-platforms subset (an index of what is there) or sparse (the index as "
                + $"it is)"
        );

    /// <summary>ITT3051: an index lists platforms, and the store has none of them.</summary>
    public static ImageTarException NoPlatformThere(string image, IEnumerable<string> missing) =>
        Error(
            "ITT3051",
            $"image {UntrustedText.Show(image)} has nothing to save: of the platforms it lists "
                + $"({Names(missing)}) none is in the store"
        );

    private static string Names(IEnumerable<string> platforms)
    {
        var names = string.Join(", ", platforms.Distinct(StringComparer.Ordinal).Select(UntrustedText.Show));
        return names.Length == 0 ? "none" : names;
    }
}
