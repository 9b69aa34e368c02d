using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Layers;

/// <summary>
/// The places where layers rely on rules that the specification leaves open or forbids, and that tools read
/// differently.
/// </summary>
internal enum LayerRule
{
    DuplicateName,
    LinkAcrossLayers,
    LinkAttributes,
    FileBecomesParent,
    ThroughSymbolicLink,
    WhiteoutWithContent,
    WhiteoutIsLink,
    AufsMetadata,
    OverlayAttribute,
}

/// <summary>
/// Counts warnings by rule, so that a user reads one line for each rule instead of one for each entry.
/// </summary>
internal sealed class LayerWarnings
{
    private const int ShownNames = 3;

    private readonly SortedDictionary<LayerRule, (long Count, List<ByteString> First)> _fired = [];

    /// <summary>Notes that a rule was needed for an entry.</summary>
    public void Add(LayerRule rule, ByteString name)
    {
        var (count, first) = _fired.TryGetValue(rule, out var known) ? known : (0, []);
        if (first.Count < ShownNames)
        {
            first.Add(name);
        }

        _fired[rule] = (count + 1, first);
    }

    /// <summary>Forgets the warnings so far. They concern layers that were imported or loaded earlier.</summary>
    public void Clear() => _fired.Clear();

    /// <summary>Warns once per rule.</summary>
    public void Report(IReporter reporter)
    {
        foreach (var (rule, (count, first)) in _fired)
        {
            reporter.Warn(LayerDiagnostics.LayerWarning(Words(rule), count, first));
        }
    }

    private static string Words(LayerRule rule) =>
        rule switch
        {
            LayerRule.DuplicateName => "a layer names a path twice, the last one counts",
            LayerRule.LinkAcrossLayers => "a hard link joins a file of a lower layer",
            LayerRule.LinkAttributes => "a hard link has other attributes than its target, the link's count",
            LayerRule.FileBecomesParent => "a file of a lower layer is a parent here, it became a directory",
            LayerRule.ThroughSymbolicLink => "parents are symbolic links, they were followed inside the root",
            LayerRule.WhiteoutWithContent => "a whiteout has content, which was ignored",
            LayerRule.WhiteoutIsLink => "a whiteout is a hard link, as AUFS made them",
            LayerRule.AufsMetadata => "AUFS's own files were left out",
            _ => "extended attributes of overlay file systems were left out",
        };
}
