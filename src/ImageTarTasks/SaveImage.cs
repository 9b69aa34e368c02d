using ImageTarTasks.Archives;
using ImageTarTasks.Files;
using ImageTarTasks.Store;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Saves one or more images as an archive, to a file or standard output.</summary>
/// <remarks>The same images give the same bytes, always. A file appears when it is complete; one that was there before stays until then.</remarks>
[MSBuildMultiThreadableTask]
[Verb("save", "image save", Example = "imagetar save -o tools.tar busybox:1.36 alpine")]
public sealed class SaveImage : ImageTask
{
    /// <summary>The images: a name and tag, a name for all its tags, or an ID.</summary>
    [Required, Argument(0, "IMAGE")]
    public string[] Images { get; set; } = [];

    /// <summary>The file to write. Standard output when it is not given; a build needs it.</summary>
    [Required, Option("-o", "--output")]
    public ITaskItem? OutputFile { get; set; }

    /// <summary>Save only this platform of each image, such as linux/arm64.</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>The shape: docker (an OCI layout and Docker's manifest.json in one, which every tool reads) or oci (the OCI layout alone).</summary>
    [Option, Choices("docker", "oci")]
    public string Format { get; set; } = "docker";

    /// <summary>The file, with the metadata Digest (sha256 of the archive), Size, References and ImageIds.</summary>
    [Output]
    public ITaskItem? Archive { get; set; }

    private protected override void Run(ImageStore store)
    {
        var options = new SaveOptions { Format = Enum.Parse<ArchiveFormat>(Format, ignoreCase: true), Platform = OptionValues.Platform(Platform) };
        using var output = OutputTarget.Open(OutputFile, Streams);
        var images = Images.SelectMany(store.Select).ToArray();
        ArchiveWriter.Save(store, images, options, output.Stream, Report, Cancellation);
        Archive = output.Commit()
            ?.WithList("References", images.SelectMany(i => i.References).Select(r => r.Familiar).Distinct())
            .WithList("ImageIds", images.Select(i => i.Image.Id.ToString()).Distinct());
        Report.Summary($"Saved {string.Join(' ', Images)} to {OutputFile?.ItemSpec} ({Archive?.GetMetadata("Digest")})");
    }
}
