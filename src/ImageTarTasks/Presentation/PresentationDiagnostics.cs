using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Presentation;

/// <summary>Errors of filters, templates and lookups of the listing verbs.</summary>
internal static class PresentationDiagnostics
{
    /// <summary>
    /// ITT1030: a template of <c>--format</c> is malformed, or uses something that does not exist. Docker's words.
    /// </summary>
    public static ImageTarException TemplateFailed(string reason, Exception? inner = null) =>
        Error("ITT1030", $"template parsing error: {UntrustedText.Show(reason)}", inner: inner);

    /// <summary>ITT1031: a filter has an unknown name or a value it cannot have. Docker's words.</summary>
    public static ImageTarException InvalidFilter(string filter, string reason) =>
        Error("ITT1031", $"invalid filter {Quote(filter)}: {reason}");

    /// <summary>ITT1032: the value of a numeric option is not a number.</summary>
    public static ImageTarException InvalidNumber(string option, string value) =>
        Error("ITT1032", $"{option}: {Quote(value)} is not a whole number");

    /// <summary>ITT3040: neither an image nor a container has that name. Docker's words.</summary>
    public static ImageTarException NoSuchObject(string name) =>
        Error("ITT3040", $"No such object: {UntrustedText.Show(name)}");
}
