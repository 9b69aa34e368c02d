using System.Globalization;
using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Saves one or more images as an archive, to a file or standard output.</summary>
/// <remarks>
/// The same images always give the same bytes. A file appears when it is complete; an existing file stays until then.
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("save", "image save", Example = "imagetar save -o tools.tar busybox:1.36 alpine")]
public sealed class SaveImage : ResultTask
{
    /// <summary>The images: a name and tag, a name for all its tags, or an ID.</summary>
    [Required, Argument(0, "IMAGE")]
    public string[] Images { get; set; } = [];

    /// <summary>
    /// The file to write, or the folder for oci-dir. Standard output when it is not given; a build needs it.
    /// </summary>
    [Required, Option("-o", "--output")]
    public ITaskItem? OutputFile { get; set; }

    /// <summary>Save only this platform of each image, such as linux/arm64.</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>
    /// The shape: docker (an OCI layout and Docker's manifest.json in one, which every tool reads), oci (the OCI layout
    /// alone) or oci-dir (the same as a folder).
    /// </summary>
    [Option, Choices("docker", "oci", "oci-dir")]
    public string Format { get; set; } = "docker";

    /// <summary>Save every image with all its names, not only the given ones.</summary>
    [Option]
    public bool AllTags { get; set; }

    /// <summary>
    /// What to do about platforms that an image lists and the store does not have: fail, subset (an index of the
    /// present ones) or sparse (the index as it is).
    /// </summary>
    [Option, Choices("fail", "subset", "sparse")]
    public string MissingPlatforms { get; set; } = "fail";

    /// <summary>
    /// Compress the whole archive: none, gzip or zstd, optionally with a level, such as zstd:9. [default: from the
    /// file's name, .tar.gz or .tar.zst, else none]
    /// </summary>
    [Option(ValueName = "KIND[:LEVEL]")]
    public string? Compression { get; set; }

    /// <summary>
    /// Compress the layers: none, gzip or zstd, with a level if wanted. Without a level, layers that have the
    /// compression stay as they are. [default: all as they are stored]
    /// </summary>
    [Option(ValueName = "KIND[:LEVEL]")]
    public string? LayerCompression { get; set; }

    /// <summary>
    /// Make a delta archive: leave out the layers of an image of the store, of an archive sent before, of the folder of
    /// a layout or store, or of a file with a digest on each line. The receiver must have them.
    /// </summary>
    [Option(ValueName = "IMAGE|FILE")]
    public ITaskItem[] Except { get; set; } = [];

    /// <summary>
    /// The file or folder, with the metadata Digest (sha256 of the file; of index.json for a folder), Size, References,
    /// ImageIds and ManifestDigests.
    /// </summary>
    [Output]
    public ITaskItem? Archive { get; set; }

    private protected override void Run(ImageStore store)
    {
        var options = new SaveOptions
        {
            Format = Enum.Parse<ArchiveFormat>(Format.Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
            Platform = OptionValues.ParsePlatform(Platform),
            MissingPlatforms = Enum.Parse<MissingPlatforms>(MissingPlatforms, ignoreCase: true),
            LayerCompression = string.IsNullOrEmpty(LayerCompression)
                ? null
                : CompressionSetting.Parse(nameof(LayerCompression), LayerCompression),
        };
        if (Json && OutputFile is null)
        {
            throw UsageDiagnostics.OptionNeeds(
                nameof(Json),
                $"{nameof(OutputFile)}: standard output is where the archive goes"
            );
        }

        var except = Except
            .Select(item =>
                (item.ItemSpec, Has: DeltaBase.Of(store, item.ItemSpec, TaskItems.GetFullPath(item), CancellationToken))
            )
            .ToArray();
        options = options with { Except = except.SelectMany(one => one.Has).ToHashSet() };
        var (result, archive) =
            options.Format == ArchiveFormat.OciDir ? SaveFolder(store, options) : SaveFile(store, options);
        foreach (var (text, _) in except.Where(one => !result.LeftOut.Any(layer => one.Has.Contains(layer.Digest))))
        {
            Reporter.Warn(UsageDiagnostics.NothingLeftOut(text));
        }

        Archive = archive
            ?.WithList("References", result.Images.SelectMany(i => i.References).Select(r => r.Familiar).Distinct())
            .WithList("ImageIds", result.Images.Select(i => i.Id.ToString()).Distinct())
            .WithList("ManifestDigests", result.Images.Select(i => i.Target.Digest.Value));
        WriteResult([], json => WriteJson(json, result));
        Reporter.Summary(
            $"Saved {string.Join(' ', Images)} to {OutputFile?.ItemSpec} "
                + $"({Archive?.GetMetadata("Digest")}){FormatOmittedLayers(result)}"
        );
    }

    private void WriteJson(GoJsonWriter json, SaveResult result)
    {
        json.Name("file").String(OutputFile!.ItemSpec);
        json.Name("digest").String(Archive!.GetMetadata("Digest"));
        json.Name("size").Number(long.Parse(Archive.GetMetadata("Size"), CultureInfo.InvariantCulture));
        json.Name("images").BeginArray();
        foreach (var image in result.Images)
        {
            ResultDocument.WriteImage(
                json,
                new StoredImage(image.Target, image.References, image.Image),
                image.References,
                image.Platforms
            );
        }

        json.EndArray();
        json.Name("leftOut").BeginArray();
        foreach (var layer in result.LeftOut)
        {
            json.BeginObject();
            json.Name("digest").String(layer.Digest.Value);
            json.Name("mediaType").String(layer.MediaType);
            json.Name("size").Number(layer.Size);
            json.EndObject();
        }

        json.EndArray();
    }

    private (SaveResult Result, ITaskItem? Archive) SaveFile(ImageStore store, SaveOptions options)
    {
        using var output = OutputTarget.Open(
            OutputFile,
            Streams,
            OutputCompression.Resolve(nameof(Compression), Compression, OutputFile?.ItemSpec),
            computeDigest: Json
        );
        var result = ArchiveWriter.Save(
            store,
            SelectImages(store),
            options,
            output.Stream,
            Reporter,
            CancellationToken
        );
        return (result, output.Commit());
    }

    private (SaveResult Result, ITaskItem? Archive) SaveFolder(ImageStore store, SaveOptions options)
    {
        if (OutputFile is null)
        {
            throw UsageDiagnostics.MissingOption(
                nameof(OutputFile),
                "the format oci-dir is a folder, which needs a name"
            );
        }

        if (
            !string.IsNullOrEmpty(Compression)
            && CompressionSetting.Parse(nameof(Compression), Compression).Kind != CompressionKind.None
        )
        {
            throw UsageDiagnostics.OptionsExclude(
                "Format oci-dir",
                nameof(Compression),
                "a folder cannot be compressed; LayerCompression compresses its layers"
            );
        }

        var result = ArchiveWriter.SaveFolder(
            store,
            SelectImages(store),
            options,
            TaskItems.GetFullPath(OutputFile),
            Reporter,
            CancellationToken
        );
        return (
            result,
            TaskItems.Create(
                OutputFile.ItemSpec,
                ("Digest", result.Index.Value),
                ("Size", TaskItems.FormatNumber(result.Size))
            )
        );
    }

    private ImageSelection[] SelectImages(ImageStore store)
    {
        var images = Images.SelectMany(store.Select).ToArray();
        return AllTags ? store.WithAllNames(images) : images;
    }

    private string FormatOmittedLayers(SaveResult result)
    {
        if (Except.Length == 0)
        {
            return "";
        }

        var count = result.LeftOut.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $", a delta without {count} {(count == 1 ? "layer" : "layers")} of "
                + $"{HumanSize.Format(result.LeftOut.Sum(layer => layer.Size))}"
        );
    }
}
