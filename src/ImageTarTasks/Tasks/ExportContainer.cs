using ImageTarTasks.Core.Containers;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Exports the root filesystem of a container or an image as one flat archive, to a file or standard output.
/// </summary>
/// <remarks>
/// The same layers always give the same bytes. docs/reference/formats.md describes an export and the patterns of
/// Include and Exclude.
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("export", "container export", Example = "imagetar export -o rootfs.tar busybox:1.36")]
public sealed class ExportContainer : ImageTask
{
    /// <summary>The container, by name or ID. If there is none, the image with that name or ID.</summary>
    [Argument(0, "CONTAINER|IMAGE")]
    public string? Container { get; set; }

    /// <summary>The image, when only an image will do. Exactly one of Container and Image is needed.</summary>
    public string? Image { get; set; }

    /// <summary>The file to write. Standard output when it is not given; a build needs it.</summary>
    [Required, Option("-o", "--output")]
    public ITaskItem? OutputFile { get; set; }

    /// <summary>
    /// The platform to export of an image for several, such as linux/arm64. [default: the one of this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>The shape: tar, or cpio (newc, for an initramfs; no extended attributes).</summary>
    [Option, Choices("tar", "cpio")]
    public string Format { get; set; } = "tar";

    /// <summary>
    /// Compress the archive: none, gzip or zstd, optionally with a level, such as zstd:9. [default: from the file's
    /// name, .tar.gz or .tar.zst, else none]
    /// </summary>
    [Option(ValueName = "KIND[:LEVEL]")]
    public string? Compression { get; set; }

    /// <summary>
    /// The extended attributes to keep: all, capabilities (security.capability alone, as docker export) or none.
    /// </summary>
    [Option, Choices("all", "capabilities", "none")]
    public string Xattrs { get; set; } = "all";

    /// <summary>The owner of all files, as numbers. [default: the owners in the image]</summary>
    [Option(ValueName = "UID[:GID]")]
    public string? Owner { get; set; }

    /// <summary>
    /// The latest modification time, which later ones become: seconds since 1970, or 2026-01-31T12:00:00Z. [default:
    /// $SOURCE_DATE_EPOCH, else times stay]
    /// </summary>
    [Option("--mtime", ValueName = "TIME")]
    public string? ModificationTime { get; set; }

    /// <summary>
    /// Export only paths that match this pattern, everything below them, and the folders that lead to them; such as
    /// usr/lib or **/*.so.
    /// </summary>
    [Option(ValueName = "PATTERN")]
    public string[] Include { get; set; } = [];

    /// <summary>Leave out paths that match this pattern, and everything below them. Goes before Include.</summary>
    [Option(ValueName = "PATTERN")]
    public string[] Exclude { get; set; } = [];

    /// <summary>
    /// Add what a Docker Engine adds to every container: .dockerenv, empty etc/hosts and etc/resolv.conf, dev, proc,
    /// sys, the working directory.
    /// </summary>
    [Option]
    public bool DockerCompat { get; set; }

    /// <summary>
    /// A file to write the image's configuration to, byte for byte; import takes it back. It appears when the archive
    /// is complete.
    /// </summary>
    [Option("--config")]
    public ITaskItem? ConfigFile { get; set; }

    /// <summary>
    /// Files and folders to lay over the root filesystem, with the metadata TargetPath, Mode, Uid and Gid as for
    /// ImportRootfs. The store is not changed. Their times are clamped, by default to 1970.
    /// </summary>
    public ITaskItem[] Content { get; set; } = [];

    /// <summary>The file, with the metadata Digest (sha256 of the file), Size, ImageId and Platform.</summary>
    [Output]
    public ITaskItem? Archive { get; set; }

    private protected override void Run(ImageStore store)
    {
        var mayBeContainer = !string.IsNullOrEmpty(Container);
        var name =
            mayBeContainer != string.IsNullOrEmpty(Image)
                ? throw UsageDiagnostics.NotExactlyOne(nameof(Container), nameof(Image))
            : mayBeContainer ? Container!
            : Image!;
        var platform = OptionValues.ParsePlatform(Platform);
        var options = CreateOptions();
        using var output = OutputTarget.Open(
            OutputFile,
            Streams,
            OutputCompression.Resolve(nameof(Compression), Compression, OutputFile?.ItemSpec)
        );
        using var configFile = ConfigFile is null ? null : AtomicFile.Create(TaskItems.GetFullPath(ConfigFile));
        var container = mayBeContainer ? store.FindContainer(name) : null;
        var target =
            container is not null ? container.Image
            : mayBeContainer ? (store.TryFind(name) ?? throw StoreDiagnostics.NoSuchContainer(name)).Target
            : store.Find(name).Target;
        using var pin = container is not null ? store.Pin(container) : store.Pin(target);
        var image = store.OpenImage(target, platform);
        if (image.Config.Platform.Os == "windows")
        {
            throw ContainerDiagnostics.WindowsLayers(name, image.Config.Platform);
        }

        Layer[] layers = [.. image.Layers, .. container?.Layers ?? []];
        options = options with { DockerWorkingDirectory = DockerCompat ? image.Config.Settings.WorkingDir : null };
        RootFsExporter.Export(store, layers, options, output.Stream, Reporter, CancellationToken);
        configFile?.Stream.Write(image.Config.Raw.Span);
        Archive = output.Commit(configFile);
        Archive?.SetMetadata("ImageId", image.Id.ToString());
        Archive?.SetMetadata("Platform", image.Config.Platform.ToString());
        Reporter.Summary($"Exported {name} to {OutputFile?.ItemSpec} ({Archive?.GetMetadata("Digest")})");
    }

    private ExportOptions CreateOptions()
    {
        return new ExportOptions
        {
            Format = Enum.Parse<RootFsFormat>(Format, ignoreCase: true),
            Xattrs = Enum.Parse<XattrChoice>(Xattrs, ignoreCase: true),
            Owner = OptionValues.ParseOwner(nameof(Owner), Owner),
            MaxModificationTime = OptionValues.ParseTime(nameof(ModificationTime), ModificationTime, ReadEnvironment)
                is { } newest
                ? TarTime.From(newest)
                : null,
            Filter = OptionValues.ParseFilter(Include, Exclude),
            Content = [.. Content.Select(ContentItem.Read)],
        };
    }
}
