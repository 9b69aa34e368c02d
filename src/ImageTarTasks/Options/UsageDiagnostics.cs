using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Options;

/// <summary>Errors and warnings of how a task or verb is used (ITT10xx).</summary>
internal static class UsageDiagnostics
{
    /// <summary>ITT1069: text is not a digest.</summary>
    public static ImageTarException InvalidSha256(string option, string text) =>
        Error("ITT1069", $"{option}: {Quote(text)} is no sha256; write its 64 hex digits, as sha256sum prints them");

    /// <summary>ITT1073: an owner is not <c>UID[:GID]</c>.</summary>
    public static ImageTarException InvalidOwner(string option, string text) =>
        Error("ITT1073", $"{option}: {Quote(text)} is not UID[:GID], two numbers such as 0:0 or 1000:1000");

    /// <summary>ITT1051: an option has no effect without another option, or for this input.</summary>
    public static ImageTarException OptionNeeds(string option, string what) =>
        Error("ITT1051", $"{option} needs {what}");

    /// <summary>ITT1052: text is not a point in time.</summary>
    public static ImageTarException InvalidTime(string option, string text) =>
        Error(
            "ITT1052",
            $"{option}: {Quote(text)} is no point in time; write 2026-01-31T12:00:00Z, or seconds since 1970-01-01 UTC"
        );

    /// <summary>ITT1056: the target of an item is not a path in a root filesystem.</summary>
    public static ImageTarException InvalidTarget(string item, string target, string reason) =>
        Error(
            "ITT1056",
            $"{UntrustedText.Show(item)} cannot go to {Quote(target)}: {reason}",
            new ContentLocation(item)
        );

    /// <summary>ITT1010: the system refused to read or write somewhere no better is known about.</summary>
    public static ImageTarException InputOutputFailed(Exception failure) =>
        Error(
            "ITT1010",
            UntrustedText.Show(failure.Message),
            failure is FileNotFoundException { FileName: { } name } ? new ContentLocation(name) : null,
            failure
        );

    /// <summary>ITT1011: a size is not a number and a unit.</summary>
    public static ImageTarException InvalidSize(string option, string text) =>
        Error(
            "ITT1011",
            $"{option}: {Quote(text)} is not a size; write bytes, or a number and a unit such as 512MiB or 1GB"
        );

    /// <summary>ITT1013: SOURCE_DATE_EPOCH is not a number of seconds.</summary>
    public static ImageTarException InvalidEpoch(string variable, string text) =>
        Error(
            "ITT1013",
            $"{variable}: {Quote(text)} is not a number of seconds since 1970-01-01 UTC, such as 1700000000"
        );

    /// <summary>ITT1016: two options are given that exclude each other.</summary>
    /// <param name="first">One option.</param>
    /// <param name="second">The other option.</param>
    /// <param name="reason">Why they exclude each other, or null when that is obvious.</param>
    public static ImageTarException OptionsExclude(string first, string second, string? reason = null) =>
        Error("ITT1016", $"{first} and {second} exclude each other{(reason is null ? "" : ": " + reason)}");

    /// <summary>
    /// ITT1041: the name of a file means another compression than the option, or one that cannot be written.
    /// </summary>
    public static ImageTarException CompressionContradictsName(string path, string reason) =>
        Error("ITT1041", $"{UntrustedText.Show(path)}: {reason}", new ContentLocation(path));

    /// <summary>ITT9201: the content that the receiver has is not part of what is saved.</summary>
    public static Diagnostic NothingLeftOut(string except) =>
        Warning(
            "ITT9201",
            $"except: {Quote(except)} has no layer of what is saved, so nothing was left out for its "
                + $"sake; layers in another compression are other layers"
        );

    /// <summary>ITT1014: both of two options are given that exclude each other, or neither.</summary>
    public static ImageTarException NotExactlyOne(string first, string second) =>
        Error("ITT1014", $"exactly one of {first} and {second} is required");

    /// <summary>ITT1003: a task property or option has a value outside its list.</summary>
    public static ImageTarException InvalidChoice(string option, string value, IEnumerable<string> choices) =>
        Error("ITT1003", $"{option}: {Quote(value)} is not one of {string.Join(", ", choices)}");

    /// <summary>ITT1004: something needed was not given.</summary>
    public static ImageTarException MissingOption(string option, string what) =>
        Error("ITT1004", $"{option} is required: {what}");

    /// <summary>ITT1005: a file or folder to read does not exist.</summary>
    public static ImageTarException FileNotFound(string path) =>
        Error("ITT1005", $"open {UntrustedText.Show(path)}: no such file or directory", new ContentLocation(path));

    /// <summary>ITT1007: a tar would be written to a terminal. Docker's words.</summary>
    public static ImageTarException OutputIsTerminal() =>
        Error("ITT1007", "cowardly refusing to save to a terminal. Use the -o flag or redirect");

    /// <summary>ITT1008: an archive would be read from a terminal. Docker's words.</summary>
    public static ImageTarException InputIsTerminal() =>
        Error("ITT1008", "requested load from stdin, but stdin is empty");
}
