using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Reporting;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Loads images from an archive: docker-archive, oci-archive or OCI layout, compressed or not, a file, a folder or
/// standard input.
/// </summary>
/// <remarks>
/// Everything in the archive is checked before any image gets a name. A damaged archive changes nothing.
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("load", "image load", Example = "imagetar load -i busybox.tar.gz")]
public sealed class LoadImage : ResultTask
{
    /// <summary>
    /// The archive, or the folder of an OCI layout. Standard input when it is not given; a build needs it.
    /// </summary>
    [Required, Option("-i", "--input")]
    public ITaskItem? InputFile { get; set; }

    /// <summary>Show no progress.</summary>
    [Option("-q", "--quiet")]
    public bool Quiet { get; set; }

    /// <summary>Load only this image of several: a name, a name and tag, an ID or its first digits.</summary>
    [Option("--image", ValueName = "IMAGE")]
    public string[] Only { get; set; } = [];

    /// <summary>Load only this platform, such as linux/arm64.</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>
    /// What to do when the archive does not have all images that an index lists: keep the index as it is (sparse), or
    /// fail and name them (fail).
    /// </summary>
    [Option, Choices("sparse", "fail")]
    public string MissingPlatforms { get; set; } = "sparse";

    /// <summary>
    /// The name for the image, instead of the names in the archive. With several images in the archive, choose one.
    /// </summary>
    [Option("--tag", ValueName = "NAME[:TAG]")]
    public string[] Tags { get; set; } = [];

    /// <summary>Load without names; an image is known by its ID then.</summary>
    [Option]
    public bool NoTags { get; set; }

    /// <summary>
    /// What to do when another image has a name: take it, as Docker does (replace), leave it and load without that name
    /// (keep), or load nothing (fail).
    /// </summary>
    [Option, Choices("replace", "keep", "fail")]
    public string OnConflict { get; set; } = "replace";

    /// <summary>Refuse layers that unpack to more than this, such as 4GiB.</summary>
    [Option(ValueName = "SIZE")]
    public string? MaxUnpacked { get; set; }

    /// <summary>
    /// The images loaded: name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem[] Images { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var options = new LoadOptions
        {
            Images = Only,
            Platform = OptionValues.ParsePlatform(Platform),
            MissingPlatforms = Enum.Parse<MissingPlatforms>(MissingPlatforms, ignoreCase: true),
            Tags = OptionValues.ParseNames(Tags, NoTags),
            OnConflict = Enum.Parse<NameConflict>(OnConflict, ignoreCase: true),
            MaxUnpacked = OptionValues.ParseSize(nameof(MaxUnpacked), MaxUnpacked),
        };
        using var source = InputFile is null
            ? InputSource.OpenStandardInput(Streams, nameof(InputFile))
            : InputSource.Open(InputFile);
        var archive = new ArchiveInput
        {
            DisplayName = source.DisplayName,
            Stream = source.Stream,
            Folder = source.Folder,
        };
        var result = ArchiveReader.Load(
            store,
            archive,
            options,
            Quiet ? Reporter.WithoutProgress() : Reporter,
            CancellationToken
        );
        WriteResult(FormatLines(result), json => WriteJson(json, result));
        Images = result.Images.Select(image => ImageItem.Create(image.Stored, image.References)).ToArray();
    }

    private static IEnumerable<string> FormatLines(LoadResult result)
    {
        foreach (var (name, previous) in result.Replaced)
        {
            yield return $"The image {name} already exists, renaming the old one with ID {previous.Id} to empty string";
        }

        foreach (var (name, previous) in result.Kept)
        {
            yield return $"The image {name} already exists, keeping it with ID {previous.Id}";
        }

        foreach (var image in result.Images)
        {
            foreach (var reference in image.References)
            {
                yield return $"Loaded image: {reference}";
            }

            if (image.References.Count == 0)
            {
                yield return $"Loaded image ID: {image.Stored.Id}";
            }
        }
    }

    private static void WriteJson(GoJsonWriter json, LoadResult result)
    {
        json.Name("images").BeginArray();
        foreach (var image in result.Images)
        {
            ResultDocument.WriteImage(json, image.Stored, image.References, image.Platforms);
        }

        json.EndArray();
        WriteNameConflicts(json.Name("replaced"), result.Replaced);
        WriteNameConflicts(json.Name("kept"), result.Kept);
    }

    private static void WriteNameConflicts(GoJsonWriter json, IReadOnlyList<TakenName> names)
    {
        json.BeginArray();
        foreach (var (name, owner) in names)
        {
            json.BeginObject();
            json.Name("reference").String(name.Familiar);
            json.Name("imageId").String(owner.Id.ToString());
            json.EndObject();
        }

        json.EndArray();
    }
}
