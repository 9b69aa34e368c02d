namespace ImageTarTasks.Values;

/// <summary>
/// Every diagnostic of the project: one factory method per code, code and words together. 1xxx usage, 2xxx archive and layer
/// content (20xx tar, 21xx compression, 22xx archive, 23xx OCI and config JSON, 24xx layers and flattening), 3xxx store,
/// 4xxx engine, 5xxx registry, 9xxx warnings. The files of this class are one per block; docs/diagnostics.md has a row per code.
/// </summary>
public static partial class Diagnostics
{
    private static ImageTarException Error(string code, string message, ContentLocation? at = null, Exception? inner = null) =>
        new(new Diagnostic(code, message + (at?.Detail ?? ""), at?.File), inner);

    private static Diagnostic Warning(string code, string message, ContentLocation? at = null) =>
        new(code, message + (at?.Detail ?? ""), at?.File);

    /// <summary>Untrusted text, quoted for a message.</summary>
    private static string Quote(string? text) => $"\"{UntrustedText.Show(text)}\"";
}
