using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Verification;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Reporting;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Verifies an image archive without loading it: structure, digests, sizes, DiffIDs, platforms, names, dangerous paths.
/// </summary>
/// <remarks>Each finding is an error, and the task fails when there is one. Nothing is stored.</remarks>
[MSBuildMultiThreadableTask]
[Verb("verify", "image verify", Example = "imagetar verify --json busybox.tar.gz")]
public sealed class VerifyArchive : ResultTask
{
    /// <summary>The archive, or the folder of an OCI layout; - is standard input.</summary>
    [Required, Argument(0, "ARCHIVE")]
    public ITaskItem? Archive { get; set; }

    /// <summary>
    /// What to do when the archive does not have all images that an index lists: an error that names them (fail), or
    /// nothing (sparse).
    /// </summary>
    [Option, Choices("fail", "sparse")]
    public string MissingPlatforms { get; set; } = "fail";

    /// <summary>Count a layer that unpacks to more than this, such as 4GiB, as wrong.</summary>
    [Option(ValueName = "SIZE")]
    public string? MaxUnpacked { get; set; }

    /// <summary>Show no progress.</summary>
    [Option("-q", "--quiet")]
    public bool Quiet { get; set; }

    /// <summary>
    /// The images of the archive that are sound: name or ID, with the metadata ImageId, ManifestDigest, References,
    /// Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>The findings: their codes, each with the metadata Message.</summary>
    [Output]
    public ITaskItem[] Findings { get; set; } = [];

    /// <summary>Only a delta archive needs a store.</summary>
    private protected override bool IsReadOnly => true;

    private protected override void Run(ImageStore store)
    {
        var options = new VerifyOptions
        {
            MissingPlatforms = Enum.Parse<MissingPlatforms>(MissingPlatforms, ignoreCase: true),
            MaxUnpacked = OptionValues.ParseSize(nameof(MaxUnpacked), MaxUnpacked),
        };
        using var source = Archive switch
        {
            null => throw UsageDiagnostics.MissingOption(nameof(Archive), "an archive to verify"),
            { ItemSpec: "-" } => InputSource.OpenStandardInput(Streams, nameof(Archive)),
            _ => InputSource.Open(Archive),
        };
        var archive = new ArchiveInput
        {
            DisplayName = source.DisplayName,
            Stream = source.Stream,
            Folder = source.Folder,
        };
        var result = ArchiveVerifier.Verify(
            archive,
            options,
            store,
            Quiet ? Reporter.WithoutProgress() : Reporter,
            CancellationToken
        );
        CancellationToken.ThrowIfCancellationRequested();
        WriteResult(FormatLines(result), json => WriteJson(json, result));
        foreach (var warning in result.Warnings)
        {
            Reporter.Warn(warning);
        }

        foreach (var finding in result.Findings)
        {
            ReportError(finding);
        }

        Images = result.Images.Select(image => ImageItem.Create(image.Image, image.Image.References)).ToArray();
        Findings = result
            .Findings.Select(finding => TaskItems.Create(finding.Code, ("Message", finding.Message)))
            .ToArray();
    }

    private static IEnumerable<string> FormatLines(VerifyResult result) =>
        result.Findings.Count > 0
            ? []
            : result.Images.SelectMany(image =>
                image.Image.References.Count > 0
                    ? image.Image.References.Select(reference => $"Verified image: {reference}")
                    : [$"Verified image ID: {image.Image.Id}"]
            );

    private static void WriteJson(GoJsonWriter json, VerifyResult result)
    {
        json.Name("images").BeginArray();
        foreach (var image in result.Images)
        {
            ResultDocument.WriteImage(json, image.Image, image.Image.References, image.Platforms);
        }

        json.EndArray();
        ResultDocument.WriteDiagnostics(json.Name("findings"), result.Findings);
        ResultDocument.WriteDiagnostics(json.Name("warnings"), result.Warnings);
    }
}
