using ImageTarTasks.Files;
using ImageTarTasks.RootFs;
using ImageTarTasks.Store;
using ImageTarTasks.Values;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Makes an image of one layer from a root filesystem: a tar, compressed or not, a folder, or standard input.</summary>
[MSBuildMultiThreadableTask]
[Verb("import", "image import", Example = "imagetar import -c 'CMD [\"/bin/sh\"]' rootfs.tar.xz tools/base:1.0")]
public sealed class ImportRootfs : ImageTask
{
    /// <summary>The tar or the folder; - is standard input.</summary>
    [Required, Argument(0, "SOURCE")]
    public ITaskItem? Source { get; set; }

    /// <summary>The image's name; without one it has only its ID.</summary>
    [Argument(1, "REPOSITORY[:TAG]", Optional = true)]
    public string? Reference { get; set; }

    /// <summary>Dockerfile instructions to apply, such as CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME or WORKDIR.</summary>
    [Option("-c", "--change", ValueName = "INSTRUCTION")]
    public string[] Changes { get; set; } = [];

    /// <summary>The comment of the image and of its history.</summary>
    [Option("-m", "--message")]
    public string? Message { get; set; }

    /// <summary>What the image runs on, such as linux/arm64. [default: this machine]</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>Refuse a root filesystem that unpacks to more than this, such as 4GiB.</summary>
    [Option(ValueName = "SIZE")]
    public string? MaxUnpacked { get; set; }

    /// <summary>When the image says it was made, in seconds since 1970. [default: $SOURCE_DATE_EPOCH, else the newest file in the tar; 1970 for a folder]</summary>
    [Option(ValueName = "SECONDS")]
    public string? SourceDateEpoch { get; set; }

    /// <summary>The image: name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.</summary>
    [Output]
    public ITaskItem? Image { get; set; }

    private protected override void Run(ImageStore store)
    {
        var options = new ImportOptions
        {
            Changes = Changes,
            Message = Message,
            Platform = OptionValues.Platform(Platform),
            Reference = string.IsNullOrEmpty(Reference) ? null : ImageReference.Parse(Reference).OrLatest(),
            Created = OptionValues.Epoch(SourceDateEpoch, ReadEnvironment),
            MaxUnpacked = OptionValues.Size(nameof(MaxUnpacked), MaxUnpacked),
        };
        using var source = OpenSource();
        var rootfs = new RootFsInput { DisplayName = source.DisplayName, Stream = source.Stream, Folder = source.Folder };
        var image = RootFsImporter.Import(store, rootfs, options, Report, Cancellation);
        Image = ImageItem.Of(image, options.Reference is { } name ? [name] : []);
        Report.Result(image.Id.ToString());
    }

    private InputSource OpenSource() => Source switch
    {
        null => throw Diagnostics.MissingOption(nameof(Source), "a tar or a folder to import"),
        { ItemSpec: "-" } => InputSource.OpenStandardInput(Streams, nameof(Source)),
        { ItemSpec: var url } when url.StartsWith("http://", StringComparison.Ordinal) || url.StartsWith("https://", StringComparison.Ordinal) =>
            throw Diagnostics.UrlNotSupported(url),
        _ => InputSource.Open(Source),
    };
}
