namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    /// <summary>ITT1001: a reference does not follow the distribution grammar.</summary>
    public static ImageTarException InvalidReference(string text, string why, ContentLocation? at = null) =>
        Error("ITT1001", $"{(text.Length == 0 ? "" : Quote(text) + ": ")}{why}", at);

    /// <summary>ITT1002: a platform is not <c>os[/arch[/variant]]</c>.</summary>
    public static ImageTarException InvalidPlatform(string text, string why) =>
        Error("ITT1002", $"invalid platform {Quote(text)}: {why}; write os/architecture[/variant], such as linux/amd64 or linux/arm/v7");

    /// <summary>ITT1003: a task property or option has a value outside its list.</summary>
    public static ImageTarException InvalidChoice(string option, string value, IEnumerable<string> choices) =>
        Error("ITT1003", $"{option}: {Quote(value)} is not one of {string.Join(", ", choices)}");

    /// <summary>ITT1004: something needed was not given.</summary>
    public static ImageTarException MissingOption(string option, string what) =>
        Error("ITT1004", $"{option} is required: {what}");

    /// <summary>ITT1005: a file or folder to read does not exist.</summary>
    public static ImageTarException FileNotFound(string path) =>
        Error("ITT1005", $"open {UntrustedText.Show(path)}: no such file or directory", new ContentLocation(path));

    /// <summary>ITT1006: an output path cannot be written.</summary>
    public static ImageTarException OutputNotWritable(string path, string why, Exception? inner = null) =>
        Error("ITT1006", $"cannot write {UntrustedText.Show(path)}: {why}", new ContentLocation(path), inner);

    /// <summary>ITT1007: a tar would be written to a terminal. Docker's words.</summary>
    public static ImageTarException OutputIsTerminal() =>
        Error("ITT1007", "cowardly refusing to save to a terminal. Use the -o flag or redirect");

    /// <summary>ITT1008: an archive would be read from a terminal. Docker's words.</summary>
    public static ImageTarException InputIsTerminal() =>
        Error("ITT1008", "requested load from stdin, but stdin is empty");

    /// <summary>ITT1009: an input could not be read (permissions, I/O error).</summary>
    public static ImageTarException InputNotReadable(string path, string why, Exception? inner = null) =>
        Error("ITT1009", $"cannot read {UntrustedText.Show(path)}: {why}", new ContentLocation(path), inner);
}
