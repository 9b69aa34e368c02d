using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.IO;

/// <summary>Errors of files and streams: inputs and outputs that the system refuses, content that does not match its descriptor.</summary>
public static class IODiagnostics
{
    /// <summary>ITT2302: content has another digest than the one it is known by.</summary>
    public static ImageTarException DigestMismatch(Digest expected, Digest actual, ContentLocation at) =>
        Error("ITT2302", $"the content does not match its digest: expected {expected}, got {actual}", at);

    /// <summary>ITT2303: content has another size than its descriptor states.</summary>
    public static ImageTarException SizeMismatch(long expected, long actual, bool isMore, ContentLocation at) =>
        Error("ITT2303", string.Create(CultureInfo.InvariantCulture, $"the content does not have its stated size: expected {expected} bytes, got {(isMore ? "at least " : "")}{actual}"), at);

    /// <summary>ITT1042: an output cannot be replaced, because it is something else than what is to be written.</summary>
    public static ImageTarException FolderNotReplaced(string path, string why) =>
        Error("ITT1042", $"{UntrustedText.Show(path)} is not replaced: {why}; name a new or empty folder, or one that is an OCI layout", new ContentLocation(path));

    /// <summary>ITT1006: an output path cannot be written.</summary>
    public static ImageTarException OutputNotWritable(string path, string why, Exception? inner = null) =>
        Error("ITT1006", $"cannot write {UntrustedText.Show(path)}: {why}", new ContentLocation(path), inner);

    /// <summary>ITT1009: an input could not be read (permissions, I/O error).</summary>
    public static ImageTarException InputNotReadable(string path, string why, Exception? inner = null) =>
        Error("ITT1009", $"cannot read {UntrustedText.Show(path)}: {why}", new ContentLocation(path), inner);
}
