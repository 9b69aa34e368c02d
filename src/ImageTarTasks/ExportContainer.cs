using ImageTarTasks.Files;
using ImageTarTasks.Oci;
using ImageTarTasks.RootFs;
using ImageTarTasks.Store;
using ImageTarTasks.Values;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Exports the root filesystem of a container or an image as one flat tar, to a file or standard output.</summary>
/// <remarks>The same layers give the same bytes, always.</remarks>
[MSBuildMultiThreadableTask]
[Verb("export", "container export", Example = "imagetar export -o rootfs.tar busybox:1.36")]
public sealed class ExportContainer : ImageTask
{
    /// <summary>The container, by name or ID; when there is none, the image of that name or ID.</summary>
    [Argument(0, "CONTAINER|IMAGE")]
    public string? Container { get; set; }

    /// <summary>The image, when only an image will do. Exactly one of Container and Image is needed.</summary>
    public string? Image { get; set; }

    /// <summary>The file to write. Standard output when it is not given; a build needs it.</summary>
    [Required, Option("-o", "--output")]
    public ITaskItem? OutputFile { get; set; }

    /// <summary>The platform to export of an image for several, such as linux/arm64. [default: the one of this machine]</summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>The file, with the metadata Digest (sha256 of the tar) and Size.</summary>
    [Output]
    public ITaskItem? Archive { get; set; }

    private protected override void Run(ImageStore store)
    {
        var mayBeContainer = !string.IsNullOrEmpty(Container);
        var name = mayBeContainer != string.IsNullOrEmpty(Image) ? throw Diagnostics.NotExactlyOne(nameof(Container), nameof(Image))
            : mayBeContainer ? Container! : Image!;
        var platform = OptionValues.Platform(Platform);
        using var output = OutputTarget.Open(OutputFile, Streams);
        var container = mayBeContainer ? store.FindContainer(name) : null;
        var image = container is not null ? null
            : mayBeContainer ? store.TryFind(name) ?? throw Diagnostics.NoSuchContainer(name)
            : store.Find(name);
        var target = container?.Image ?? image!.Target;
        using var pin = store.Pin(target);
        Layer[] layers = [.. store.OpenImage(target, platform).Layers, .. container?.Layers ?? []];
        RootFsExporter.Export(store, layers, output.Stream, Report, Cancellation);
        Archive = output.Commit();
        Report.Summary($"Exported {name} to {OutputFile?.ItemSpec} ({Archive?.GetMetadata("Digest")})");
    }
}
