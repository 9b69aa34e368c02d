using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Checking;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Checks the image store: missing, truncated and altered content, names and containers that lead nowhere, damaged
/// layer indexes, unknown files. Repairs it when asked.
/// </summary>
/// <remarks>Each finding is an error, and the task fails when there is one. A repaired finding is a warning.</remarks>
[MSBuildMultiThreadableTask]
[Verb("fsck", "system fsck", Example = "imagetar fsck --quick")]
public sealed class CheckImageStore : ResultTask
{
    /// <summary>Check documents, and of layers only presence and size. Read no layer.</summary>
    [Option]
    public bool Quick { get; set; }

    /// <summary>
    /// Repair: delete damaged files, make indexes again, restore the names from before when index.json is broken, and
    /// drop images and containers whose content cannot be had any more.
    /// </summary>
    [Option]
    public bool Repair { get; set; }

    /// <summary>The findings: their codes, each with the metadata Message, File and Repair (what was done).</summary>
    [Output]
    public ITaskItem[] Findings { get; set; } = [];

    /// <summary>A store that cannot be opened is checked, too. A repair takes the store's lock itself.</summary>
    private protected override bool IsReadOnly => true;

    private protected override void Run(ImageStore store)
    {
        var result = store.Check(new StoreCheckOptions(Quick, Repair), CancellationToken);
        foreach (var finding in result.Findings)
        {
            if (finding.Repair is { } repair)
            {
                Reporter.Warn(finding.Problem with { Message = $"{finding.Problem.Message}: {repair}" });
            }
            else
            {
                ReportError(finding.Problem);
            }
        }

        WriteResult([Summarize(result)], json => WriteJson(json, result));
        Findings =
        [
            .. result.Findings.Select(finding =>
                TaskItems.Create(
                    finding.Problem.Code,
                    ("Message", finding.Problem.Message),
                    ("File", finding.Problem.File),
                    ("Repair", finding.Repair)
                )
            ),
        ];
    }

    private static string Summarize(StoreCheckResult result)
    {
        var repaired = result.Findings.Count(finding => finding.Repair is not null);
        var left = result.Findings.Count - repaired;
        return $"{Count(result.Images, "image")}, {Count(result.Containers, "container")}, "
            + $"{Count(result.Blobs, "blob")} ({HumanSize.Format(result.Bytes)}), "
            + $"{Count(result.Unreferenced, "unreferenced blob")} ({HumanSize.Format(result.UnreferencedBytes)}): "
            + (repaired > 0 ? $"{Count(repaired, "problem")} repaired, " : "")
            + (
                left > 0 ? Count(left, "problem") + (repaired > 0 ? " left" : "")
                : repaired > 0 ? "none left"
                : "sound"
            );
    }

    private static string Count(int number, string what) =>
        FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");

    private static void WriteJson(GoJsonWriter json, StoreCheckResult result)
    {
        json.Name("images").Number(result.Images);
        json.Name("containers").Number(result.Containers);
        json.Name("blobs").Number(result.Blobs);
        json.Name("size").Number(result.Bytes);
        json.Name("unreferencedBlobs").Number(result.Unreferenced);
        json.Name("unreferencedSize").Number(result.UnreferencedBytes);
        json.Name("findings").BeginArray();
        foreach (var finding in result.Findings)
        {
            json.BeginObject();
            json.Name("code").String(finding.Problem.Code);
            json.Name("message").String(finding.Problem.Message);
            json.Name("file").String(finding.Problem.File);
            json.Name("repair").String(finding.Repair);
            json.EndObject();
        }

        json.EndArray();
    }
}
