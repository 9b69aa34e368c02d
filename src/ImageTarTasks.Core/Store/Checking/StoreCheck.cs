using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Checking;

/// <summary>How a store is checked.</summary>
/// <param name="Quick">
/// Check the documents, and of all other content only presence and size: no layer is read.
/// </param>
/// <param name="Repair">Then repair what can be repaired, and drop what cannot.</param>
public sealed record StoreCheckOptions(bool Quick = false, bool Repair = false);

/// <summary>A finding of a check.</summary>
/// <param name="Problem">The problem, with the file it is about.</param>
/// <param name="Repair">What a repair did about it; null when nothing was done.</param>
public sealed record StoreFinding(Diagnostic Problem, string? Repair = null);

/// <summary>The result of a check.</summary>
/// <param name="Findings">The findings, in the order of their files.</param>
/// <param name="Images">The number of images.</param>
/// <param name="Containers">The number of containers.</param>
/// <param name="Blobs">The number of blobs that they need and the store has.</param>
/// <param name="Bytes">The bytes of these blobs.</param>
/// <param name="Unreferenced">
/// The number of blobs that nothing refers to. They are no fault: a prune frees them.
/// </param>
/// <param name="UnreferencedBytes">The bytes of those.</param>
public sealed record StoreCheckResult(
    IReadOnlyList<StoreFinding> Findings,
    int Images,
    int Containers,
    int Blobs,
    long Bytes,
    int Unreferenced,
    long UnreferencedBytes
)
{
    /// <summary>Whether a problem is left.</summary>
    public bool IsSound => Findings.All(finding => finding.Repair is not null);
}

/// <summary>What a check found, with what a repair needs to know.</summary>
internal sealed class StoreProblems
{
    /// <summary>The findings.</summary>
    public List<StoreFinding> Findings { get; } = [];

    /// <summary>index.json is missing or cannot be read.</summary>
    public bool IndexIsBroken { get; set; }

    /// <summary>oci-layout is missing or cannot be read.</summary>
    public bool LayoutIsBroken { get; set; }

    /// <summary>Blobs whose file does not have its size or its digest.</summary>
    public HashSet<Digest> Damaged { get; } = [];

    /// <summary>Targets and manifests whose documents are whole, but make no sense, with their findings.</summary>
    public Dictionary<Digest, Diagnostic> Unusable { get; } = [];
}
