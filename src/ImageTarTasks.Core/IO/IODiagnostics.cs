using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.IO;

/// <summary>
/// Errors of files and streams: inputs and outputs that the system refuses, content that does not match its descriptor.
/// </summary>
public static class IODiagnostics
{
    /// <summary>ITT2302: the digest of content differs from the expected one.</summary>
    public static ImageTarException DigestMismatch(Digest expected, Digest actual, ContentLocation location) =>
        Error("ITT2302", $"the content does not match its digest: expected {expected}, got {actual}", location);

    /// <summary>ITT2303: the size of content differs from the one in its descriptor.</summary>
    public static ImageTarException SizeMismatch(long expected, long actual, bool isMore, ContentLocation location) =>
        Error(
            "ITT2303",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the content does not have its stated size: expected {expected} bytes, got "
                    + $"{(isMore ? "at least " : "")}{actual}"
            ),
            location
        );

    /// <summary>ITT1042: an output cannot be replaced, because it is of another kind.</summary>
    public static ImageTarException FolderNotReplaced(string path, string reason) =>
        Error(
            "ITT1042",
            $"{UntrustedText.Show(path)} is not replaced: {reason}; name a new or empty folder, or "
                + $"one that is an OCI layout",
            new ContentLocation(path)
        );

    /// <summary>ITT1006: an output path cannot be written.</summary>
    public static ImageTarException OutputNotWritable(string path, string reason, Exception? inner = null) =>
        Error("ITT1006", $"cannot write {UntrustedText.Show(path)}: {reason}", new ContentLocation(path), inner);

    /// <summary>ITT1012: an output is complete and has its name, but the disk failed to keep the name.</summary>
    public static ImageTarException NameNotDurable(string path, string reason, Exception inner) =>
        Error(
            "ITT1012",
            $"{UntrustedText.Show(path)} is complete, but a power failure may undo its name: {reason}; "
                + "check the disk, then write it again",
            new ContentLocation(path),
            inner
        );

    /// <summary>ITT1009: an input could not be read (permissions, I/O error).</summary>
    public static ImageTarException InputNotReadable(string path, string reason, Exception? inner = null) =>
        Error("ITT1009", $"cannot read {UntrustedText.Show(path)}: {reason}", new ContentLocation(path), inner);
}
