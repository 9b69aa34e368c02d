using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Diagnostics;

/// <summary>A message for the user: a stable code, a sentence, and the file it is about.</summary>
/// <param name="Code"><c>ITTnnnn</c>. docs/reference/diagnostics.md has a section for each.</param>
/// <param name="Message">
/// The problem, its location inside the file, and the remedy. Safe to print: untrusted parts are escaped.
/// </param>
/// <param name="File">The file it is about, or null.</param>
public sealed record Diagnostic(string Code, string Message, string? File = null)
{
    /// <summary>The canonical form MSBuild and CI systems recognise: <c>origin : error CODE: message</c>.</summary>
    public string Format(string severity) => $"{UntrustedText.Show(File ?? "imagetar")} : {severity} {Code}: {Message}";
}

/// <summary>
/// Any failure that is not a bug: wrong usage, bad input, a store or a server that refuses. Made only by <see
/// cref="DiagnosticFactory"/>.
/// </summary>
public sealed class ImageTarException : Exception
{
    internal ImageTarException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic.Message, inner) => Diagnostic = diagnostic;

    /// <summary>Code, words and file.</summary>
    public Diagnostic Diagnostic { get; }
}
