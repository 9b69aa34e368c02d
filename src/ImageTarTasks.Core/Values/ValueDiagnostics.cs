using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Values;

/// <summary>Errors of values that do not parse: references, platforms, compressions.</summary>
internal static class ValueDiagnostics
{
    /// <summary>The code of text that is not a reference.</summary>
    public const string InvalidReferenceCode = "ITT1001";

    /// <summary>ITT1040: a compression is not one that can be written.</summary>
    public static ImageTarException InvalidCompression(string option, string text) =>
        Error(
            "ITT1040",
            $"{option}: {Quote(text)} is not a compression that can be written; write none, gzip or "
                + $"zstd, or one with a level: gzip:0 to gzip:9, zstd:1 to zstd:22"
        );

    /// <summary>ITT1001: a reference does not follow the distribution grammar.</summary>
    public static ImageTarException InvalidReference(string text, string reason, ContentLocation? location = null) =>
        Error("ITT1001", $"{(text.Length == 0 ? "" : Quote(text) + ": ")}{reason}", location);

    /// <summary>ITT1002: a platform is not <c>os[/arch[/variant]]</c>.</summary>
    public static ImageTarException InvalidPlatform(string text, string reason) =>
        Error(
            "ITT1002",
            $"invalid platform {Quote(text)}: {reason}; write os/architecture[/variant], such as "
                + $"linux/amd64 or linux/arm/v7"
        );

    /// <summary>Where a foreign layer can be had, safe to print: the first addresses.</summary>
    internal static string Addresses(Descriptor layer)
    {
        const int Shown = 3;
        var more = layer.Urls.Count - Shown;
        var shown = string.Join(", ", layer.Urls.Take(Shown).Select(url => Quote(url)));
        return more > 0 ? string.Create(CultureInfo.InvariantCulture, $"{shown} and {more} more") : shown;
    }
}
