using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Packing;

/// <summary>Errors of packing files of the host into a layer.</summary>
internal static class PackingDiagnostics
{
    /// <summary>ITT1054: a change of permission bits cannot be parsed.</summary>
    public static ImageTarException InvalidModeChange(string option, string text) =>
        Error(
            "ITT1054",
            $"{option}: {Quote(text)} is no mode; write octal digits up to 7777, or letters such as "
                + $"u+rwX,go=rX, with D or F before a part for folders or files only"
        );

    /// <summary>ITT1057: a line of an mtree specification that cannot be understood.</summary>
    public static ImageTarException SpecificationSyntax(string file, int line, string reason) =>
        Error(
            "ITT1057",
            string.Create(CultureInfo.InvariantCulture, $"line {line}: {reason}"),
            new ContentLocation(file)
        );

    /// <summary>ITT1058: an mtree specification contradicts the files that exist.</summary>
    public static ImageTarException SpecificationDiffers(string file, int line, ByteString name, string reason) =>
        Error(
            "ITT1058",
            string.Create(CultureInfo.InvariantCulture, $"line {line}: \"{name}\": {reason}"),
            new ContentLocation(file)
        );

    /// <summary>ITT1059: a rule adds something below a name that is not a folder.</summary>
    public static ImageTarException BelowNoFolder(ByteString name, ByteString parent) =>
        Error(
            "ITT1059",
            $"\"{name}\" cannot be added: \"{parent}\" is there and is no folder; if it is a link to "
                + $"one, name that folder"
        );

    /// <summary>ITT2412: a file or folder of the root filesystem cannot be read.</summary>
    public static ImageTarException RootFsNotReadable(string path, string reason, Exception? inner = null) =>
        Error("ITT2412", $"cannot read {UntrustedText.Show(path)}: {reason}", new ContentLocation(path), inner);

    /// <summary>ITT2413: a file grew or shrank while it was packed.</summary>
    public static ImageTarException FileChanged(string path) =>
        Error("ITT2413", $"{UntrustedText.Show(path)} changed while it was read", new ContentLocation(path));

    /// <summary>ITT9402: a socket, which no tar can hold, was left out.</summary>
    public static Diagnostic SocketSkipped(string path) =>
        Warning("ITT9402", $"{UntrustedText.Show(path)} is a socket and was left out", new ContentLocation(path));
}
