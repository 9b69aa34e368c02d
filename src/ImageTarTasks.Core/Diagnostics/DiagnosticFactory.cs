using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Diagnostics;

/// <summary>
/// Makes diagnostics. Each room has one class of factory methods (<c>TarDiagnostics</c>, <c>StoreDiagnostics</c>...),
/// with one method for each code that holds the code and its words. The codes: 1xxx usage, 2xxx archive and layer
/// content (20xx tar, 21xx compression, 22xx archive, 23xx OCI and configuration JSON, 24xx layers and flattening),
/// 3xxx store, 4xxx engine, 5xxx registry, 9xxx warnings. docs/reference/diagnostics.md has a section for each code.
/// </summary>
public static class DiagnosticFactory
{
    /// <summary>An error with a code, its words, and the place they are about.</summary>
    public static ImageTarException Error(
        string code,
        string message,
        ContentLocation? location = null,
        Exception? inner = null
    ) => new(new Diagnostic(code, message + (location?.Detail ?? ""), location?.File), inner);

    /// <summary>A warning with a code, its words, and the place they are about.</summary>
    public static Diagnostic Warning(string code, string message, ContentLocation? location = null) =>
        new(code, message + (location?.Detail ?? ""), location?.File);

    /// <summary>Untrusted text, escaped and quoted for a message.</summary>
    public static string Quote(string? text) => $"\"{UntrustedText.Show(text)}\"";
}
