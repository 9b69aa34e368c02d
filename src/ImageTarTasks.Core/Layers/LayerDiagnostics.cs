using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Layers;

/// <summary>Errors and warnings of merging layers (ITT24xx).</summary>
internal static class LayerDiagnostics
{
    /// <summary>ITT2402: the root of a file system is not a directory.</summary>
    public static ImageTarException RootNotDirectory(ContentLocation at) => Error("ITT2402", "the entry makes the root something else than a directory", at);

    /// <summary>ITT2403: an entry below a file, link or device.</summary>
    public static ImageTarException ParentNotDirectory(string parent, ContentLocation at) =>
        Error("ITT2403", $"the entry is below {Quote(parent)}, which is not a directory", at);

    /// <summary>ITT2404: the parents of an entry are symbolic links that never end.</summary>
    public static ImageTarException TooManyLinks(ContentLocation at) =>
        Error("ITT2404", $"the entry is below a loop of symbolic links (more than {Limits.SymlinkHops} were followed)", at);

    /// <summary>ITT2405: a hard link to something that is not there (yet), or to itself.</summary>
    public static ImageTarException HardLinkTargetMissing(ByteString target, ContentLocation at) =>
        Error("ITT2405", $"the entry is a hard link to \"{target}\", which does not exist at this point; a hard link must follow its target, in the same or a higher layer", at);

    /// <summary>ITT2406: a hard link to a directory.</summary>
    public static ImageTarException HardLinkToDirectory(ByteString target, ContentLocation at) =>
        Error("ITT2406", $"the entry is a hard link to \"{target}\", which is a directory", at);

    /// <summary>
    /// ITT2407: a whiteout names nothing, <c>.</c> or <c>..</c>, is not a plain file, or is used as a parent.
    /// </summary>
    public static ImageTarException InvalidWhiteout(string why, ContentLocation at) => Error("ITT2407", $"invalid whiteout: {why}", at);

    /// <summary>ITT2408: a root filesystem with a file whose name a layer would read as a whiteout.</summary>
    public static ImageTarException WhiteoutNameInRootFs(ContentLocation at) =>
        Error("ITT2408", "names beginning with \".wh.\" are whiteouts in a layer: this file cannot be imported, it would delete another one", at);

    /// <summary>ITT2409: more entries than anything real has.</summary>
    public static ImageTarException TooManyEntries(ContentLocation at) => Error("ITT2409", $"the layers have more than {Limits.Entries} entries", at);

    // 94xx: warnings about layers, one for each rule.

    /// <summary>
    /// ITT9401: the specification leaves a case open or tools differ, so other tools may show another tree.
    /// </summary>
    /// <param name="rule">The rule that was applied, and to what.</param>
    /// <param name="count">How often.</param>
    /// <param name="first">The first few names.</param>
    public static Diagnostic LayerDoubt(string rule, long count, IReadOnlyList<ByteString> first) =>
        Warning("ITT9401", $"{rule}: {count} {(count == 1 ? "entry" : "entries")} ({string.Join(", ", first.Select(name => $"\"{name}\""))}{(count > first.Count ? ", ..." : "")})");
}
