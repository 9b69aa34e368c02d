using ImageTarTasks.Archives;
using ImageTarTasks.Files;
using ImageTarTasks.Reporting;
using ImageTarTasks.Store;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Loads images from an archive: docker-archive, oci-archive or OCI layout, compressed or not, a file, a folder or standard input.</summary>
/// <remarks>Everything in the archive is checked before any of it gets a name; an archive that is damaged changes nothing.</remarks>
[MSBuildMultiThreadableTask]
[Verb("load", "image load", Example = "imagetar load -i busybox.tar.gz")]
public sealed class LoadImage : ImageTask
{
    /// <summary>The archive, or the folder of an OCI layout. Standard input when it is not given; a build needs it.</summary>
    [Required, Option("-i", "--input")]
    public ITaskItem? InputFile { get; set; }

    /// <summary>Show no progress.</summary>
    [Option("-q", "--quiet")]
    public bool Quiet { get; set; }

    /// <summary>Load only this platform, such as linux/arm64.</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>Refuse layers that unpack to more than this, such as 4GiB.</summary>
    [Option(ValueName = "SIZE")]
    public string? MaxUnpacked { get; set; }

    /// <summary>The images loaded: name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.</summary>
    [Output]
    public ITaskItem[] Images { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var options = new LoadOptions { Platform = OptionValues.Platform(Platform), MaxUnpacked = OptionValues.Size(nameof(MaxUnpacked), MaxUnpacked) };
        using var source = InputFile is null ? InputSource.OpenStandardInput(Streams, nameof(InputFile)) : InputSource.Open(InputFile);
        var archive = new ArchiveInput { DisplayName = source.DisplayName, Stream = source.Stream, Folder = source.Folder };
        var loaded = ArchiveReader.Load(store, archive, options, Quiet ? Report.WithoutProgress() : Report, Cancellation);
        foreach (var image in loaded)
        {
            foreach (var reference in image.References)
            {
                Report.Result($"Loaded image: {reference}");
            }

            if (image.References.Count == 0)
            {
                Report.Result($"Loaded image ID: {image.Stored.Id}");
            }
        }

        Images = loaded.Select(image => ImageItem.Of(image.Stored, image.References)).ToArray();
    }
}
