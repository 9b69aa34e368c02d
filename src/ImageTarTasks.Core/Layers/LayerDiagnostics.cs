using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Layers;

/// <summary>Errors and warnings of merging layers (ITT24xx).</summary>
internal static class LayerDiagnostics
{
    /// <summary>ITT2402: the root of a file system is not a directory.</summary>
    public static ImageTarException RootNotDirectory(ContentLocation location) =>
        Error("ITT2402", "the entry makes the root something else than a directory", location);

    /// <summary>ITT2403: an entry below a file, link or device.</summary>
    public static ImageTarException ParentNotDirectory(string parent, ContentLocation location) =>
        Error("ITT2403", $"the entry is below {Quote(parent)}, which is not a directory", location);

    /// <summary>
    /// ITT2404: the parents of an entry lead through more symbolic links than a kernel follows, or form a circle.
    /// </summary>
    public static ImageTarException TooManyLinks(ContentLocation location) =>
        Error(
            "ITT2404",
            "the entry is below too many symbolic links, or links that form a circle (more than "
                + $"{Limits.SymlinkHops} links, or {Limits.LinkTargetsBytes} bytes of targets, for one path)",
            location
        );

    /// <summary>ITT2405: a hard link to something that is not there (yet), or to itself.</summary>
    public static ImageTarException HardLinkTargetMissing(ByteString target, ContentLocation location) =>
        Error(
            "ITT2405",
            $"the entry is a hard link to \"{target}\", which does not exist at this point; a hard "
                + $"link must follow its target, in the same or a higher layer",
            location
        );

    /// <summary>ITT2406: a hard link to a directory.</summary>
    public static ImageTarException HardLinkToDirectory(ByteString target, ContentLocation location) =>
        Error("ITT2406", $"the entry is a hard link to \"{target}\", which is a directory", location);

    /// <summary>
    /// ITT2407: a whiteout names nothing, <c>.</c> or <c>..</c>, is not a plain file, or is used as a parent.
    /// </summary>
    public static ImageTarException InvalidWhiteout(string reason, ContentLocation location) =>
        Error("ITT2407", $"invalid whiteout: {reason}", location);

    /// <summary>ITT2408: a root filesystem with a file whose name a layer would read as a whiteout.</summary>
    public static ImageTarException WhiteoutNameInRootFs(ContentLocation location) =>
        Error(
            "ITT2408",
            "names beginning with \".wh.\" are whiteouts in a layer: this file cannot be imported, "
                + "it would delete another one",
            location
        );

    /// <summary>ITT2409: more entries than anything real has.</summary>
    public static ImageTarException TooManyEntries(ContentLocation location) =>
        Error("ITT2409", $"the layers have more than {Limits.Entries} entries", location);

    // 94xx: warnings about layers, one for each rule.

    /// <summary>
    /// ITT9401: the specification leaves a case open or tools differ, so other tools may show another tree.
    /// </summary>
    /// <param name="rule">The rule that was applied, and to what.</param>
    /// <param name="count">How often.</param>
    /// <param name="first">The first few names.</param>
    public static Diagnostic LayerWarning(string rule, long count, IReadOnlyList<ByteString> first) =>
        Warning(
            "ITT9401",
            $"{rule}: {count} {(count == 1 ? "entry" : "entries")} "
                + $"({string.Join(", ", first.Select(name => $"\"{name}\""))}{(count > first.Count ? ", ..." : "")})"
        );
}
