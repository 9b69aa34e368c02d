using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Diagnostics;

/// <summary>One thing to tell the user: a stable code, a sentence, and the file it is about.</summary>
/// <param name="Code"><c>ITTnnnn</c>; docs/reference/diagnostics.md has a row for each.</param>
/// <param name="Message">What is wrong, where inside the file, and what to do. Safe to print: untrusted parts are escaped.</param>
/// <param name="File">The file it is about, or null.</param>
public sealed record Diagnostic(string Code, string Message, string? File = null)
{
    /// <summary>The canonical form MSBuild and CI systems recognise: <c>origin : error CODE: message</c>.</summary>
    public string Format(string severity) => $"{UntrustedText.Show(File ?? "imagetar")} : {severity} {Code}: {Message}";
}

/// <summary>
/// Any failure that is not a bug: bad usage, bad input, a store or a remote that refuses. Made only by <see cref="DiagnosticFactory"/>.
/// </summary>
public sealed class ImageTarException : Exception
{
    internal ImageTarException(Diagnostic diagnostic, Exception? inner = null)
        : base(diagnostic.Message, inner) => Diagnostic = diagnostic;

    /// <summary>Code, words and file.</summary>
    public Diagnostic Diagnostic { get; }
}
