using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>A row of the manifest of hostile inputs.</summary>
/// <param name="Id">Its name.</param>
/// <param name="File">The file.</param>
/// <param name="Verb">load, export-flatten (load, then export), import-rootfs or layout.</param>
/// <param name="Expected">reject, or accept-with-safe-result.</param>
/// <param name="Invariants">What must hold.</param>
/// <param name="Class">What it attacks.</param>
/// <param name="Options">Limits to set, as NAME=VALUE.</param>
internal sealed record HostileInput(
    string Id,
    string File,
    string Verb,
    string Expected,
    IReadOnlyList<string> Invariants,
    string Class,
    IReadOnlyList<string> Options
)
{
    private static readonly Lazy<IReadOnlyList<HostileInput>> Rows = new(() =>
        [
            .. System
                .IO.File.ReadLines(SharedInputs.PathOf("badinputs/manifest.tsv"))
                .Skip(1)
                .Where(line => line.Length > 0)
                .Select(Parse),
        ]
    );

    /// <summary>All rows; none where the inputs are not there.</summary>
    public static IReadOnlyList<HostileInput> All =>
        System.IO.File.Exists(SharedInputs.PathOf("badinputs/manifest.tsv")) ? Rows.Value : [];

    private static HostileInput Parse(string line)
    {
        var cells = line.Split('\t');
        return new HostileInput(
            cells[0],
            cells[1],
            cells[2],
            cells[3],
            cells[4].Split(';', StringSplitOptions.RemoveEmptyEntries),
            cells[5],
            cells[7].Split(';', StringSplitOptions.RemoveEmptyEntries)
        );
    }
}
