using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Dockerfile;
using ImageTarTasks.Core.Importing;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Makes an image of a root filesystem: a tar, compressed or not, a folder, a URL, or standard input.
/// </summary>
/// <remarks>
/// The image has one layer, or with Base one more than that image. The same input always gives the same image. Items of
/// the .NET SDK fit: Labels="@(ContainerLabel)", EnvironmentVariables="@(ContainerEnvironmentVariable)",
/// ExposedPorts="@(ContainerPort)".
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("import", "image import", Example = "imagetar import -c 'CMD [\"/bin/sh\"]' rootfs.tar.xz tools/base:1.0")]
public sealed class ImportRootfs : ImageTask
{
    /// <summary>
    /// The tar or the folder, a URL of http or https, or - for standard input. A build may give Content alone instead.
    /// </summary>
    [Argument(0, "SOURCE")]
    public ITaskItem? Source { get; set; }

    /// <summary>The image's name; without one it has only its ID.</summary>
    [Argument(1, "REPOSITORY[:TAG]", IsOptional = true)]
    public string? Reference { get; set; }

    /// <summary>
    /// Dockerfile instructions to apply, such as CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME or WORKDIR.
    /// </summary>
    [Option("-c", "--change", ValueName = "INSTRUCTION")]
    public string[] Changes { get; set; } = [];

    /// <summary>
    /// An image of the store to put the root filesystem on top of, as one more layer; its configuration, history and
    /// platform stay, and changes apply to them.
    /// </summary>
    [Option(ValueName = "IMAGE")]
    public string? Base { get; set; }

    /// <summary>
    /// Start from the configuration in this JSON file, such as export --config writes, or from that of this image of
    /// the store: command, variables, labels and the rest, without its layers.
    /// </summary>
    [Option(ValueName = "FILE|IMAGE")]
    public ITaskItem? ConfigFrom { get; set; }

    /// <summary>Keep the history of ConfigFrom, as steps without layers.</summary>
    [Option]
    public bool KeepHistory { get; set; }

    /// <summary>The comment of the image and of its history.</summary>
    [Option("-m", "--message")]
    public string? Message { get; set; }

    /// <summary>
    /// The platform of the image, such as linux/arm64. [default: the platform of Base or ConfigFrom, else
    /// $DOCKER_DEFAULT_PLATFORM, else this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>Refuse a root filesystem that unpacks to more than this, such as 4GiB.</summary>
    [Option(ValueName = "SIZE")]
    public string? MaxUnpacked { get; set; }

    /// <summary>Refuse a download of more than this.</summary>
    [Option(ValueName = "SIZE")]
    public string MaxDownload { get; set; } = "64GiB";

    /// <summary>The sha256 of the tar as it is downloaded or read. Required for a URL of http.</summary>
    [Option("--sha256", ValueName = "HEX")]
    public string? Sha256 { get; set; }

    /// <summary>
    /// The creation time of the image: 2026-01-31T12:00:00Z, or seconds since 1970. [default: $SOURCE_DATE_EPOCH, else
    /// the newest time in the tar, and 0 for a folder]
    /// </summary>
    [Option(ValueName = "TIME")]
    public string? Created { get; set; }

    /// <summary>The owner of everything in a folder: numbers, such as 1000:1000. [default: 0:0]</summary>
    [Option(ValueName = "UID[:GID]")]
    public string? Owner { get; set; }

    /// <summary>
    /// Change permission bits of a folder's files: octal (D755,F644) or as for chmod (go=u-w), for all, or with
    /// PATTERN: in front for the paths it matches.
    /// </summary>
    [Option(ValueName = "[PATTERN:]MODE")]
    public string[] Chmod { get; set; } = [];

    /// <summary>Leave out files of a folder that match this pattern; as in a .dockerignore, with ** and !.</summary>
    [Option(ValueName = "PATTERN")]
    public string[] Exclude { get; set; } = [];

    /// <summary>A file with patterns of files to leave out, written like a .dockerignore.</summary>
    [Option(ValueName = "FILE")]
    public ITaskItem? ExcludeFrom { get; set; }

    /// <summary>
    /// Types, modes, owners, times, links and devices of a folder's files, from a specification as mtree and bsdtar
    /// write it.
    /// </summary>
    [Option(ValueName = "FILE")]
    public ITaskItem? Mtree { get; set; }

    /// <summary>Which extended attributes of a folder's files to keep.</summary>
    [Option, Choices("none", "capabilities", "all")]
    public string Xattrs { get; set; } = "none";

    /// <summary>
    /// Files and folders to add, with the metadata TargetPath, Mode, Uid and Gid; without a TargetPath they go to the
    /// root.
    /// </summary>
    public ITaskItem[] Content { get; set; } = [];

    /// <summary>
    /// The entry point and its arguments, a word each. It is set before Changes, as all settings that follow.
    /// </summary>
    public string[] Entrypoint { get; set; } = [];

    /// <summary>The command, or the arguments of the entry point, a word each.</summary>
    public string[] Cmd { get; set; } = [];

    /// <summary>Environment variables: the names, with the metadata Value.</summary>
    public ITaskItem[] EnvironmentVariables { get; set; } = [];

    /// <summary>Labels: the keys, with the metadata Value.</summary>
    public ITaskItem[] Labels { get; set; } = [];

    /// <summary>Ports: numbers or ranges, with the metadata Type, tcp (default) or udp.</summary>
    public ITaskItem[] ExposedPorts { get; set; } = [];

    /// <summary>The user or user:group.</summary>
    public string? User { get; set; }

    /// <summary>The working directory.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>
    /// The image: name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem? Image { get; set; }

    /// <summary>The maximum silence of a server.</summary>
    internal TimeSpan DownloadIdleTimeout { get; set; } = TimeSpan.FromSeconds(100);

    private protected override void Run(ImageStore store)
    {
        var platform = OptionValues.ParsePlatform(Platform);
        var below = string.IsNullOrEmpty(Base) ? null : store.Find(Base).Target;
        using var pin = below is null ? null : store.Pin(below);
        var configFrom = ReadConfig(store, platform);
        var options = new ImportOptions
        {
            Changes = Changes,
            Values = CreateSettings(),
            Base = below is null
                ? null
                : store.OpenImage(below, platform ?? OptionValues.ParsePlatform(null, ReadEnvironment)),
            ConfigFrom = configFrom,
            KeepHistory = KeepHistory,
            Message = Message,
            Platform = platform ?? configFrom?.Platform ?? OptionValues.ParsePlatform(null, ReadEnvironment),
            Reference = string.IsNullOrEmpty(Reference) ? null : ImageReference.Parse(Reference).OrLatest(),
            Created = OptionValues.ParseTime(nameof(Created), Created, ReadEnvironment),
            MaxUnpacked = OptionValues.ParseSize(nameof(MaxUnpacked), MaxUnpacked),
            Packing = CreatePackingRules(),
            Expected = OptionValues.ParseSha256(nameof(Sha256), Sha256),
        };
        using var source = OpenSource();
        if (source?.Url is { } url && options.Message is null)
        {
            options = options with { Message = $"Imported from {url}" };
        }

        if (source?.Stream is not null)
        {
            RejectFolderOptions();
        }
        else if (options.Expected is not null)
        {
            throw UsageDiagnostics.OptionNeeds(nameof(Sha256), "a tar: a folder has no digest");
        }

        var rootfs = new RootFsInput
        {
            DisplayName = source?.DisplayName ?? nameof(Content),
            Stream = source?.Stream,
            Folder = source?.Folder,
        };
        var image = RootFsImporter.Import(store, rootfs, options, Reporter, CancellationToken);
        Image = ImageItem.Create(image, options.Reference is { } name ? [name] : []);
        Reporter.Result(image.Id.ToString());
    }

    private SettingValues CreateSettings() =>
        new()
        {
            Entrypoint = Entrypoint,
            Cmd = Cmd,
            Environment = [.. EnvironmentVariables.Select(ToKeyValuePair)],
            Labels = [.. Labels.Select(ToKeyValuePair)],
            Ports =
            [
                .. ExposedPorts.Select(port =>
                    port.GetMetadata("Type") is { Length: > 0 } type ? $"{port.ItemSpec}/{type}" : port.ItemSpec
                ),
            ],
            User = User,
            WorkingDirectory = WorkingDirectory,
        };

    private static KeyValuePair<string, string> ToKeyValuePair(ITaskItem item) =>
        KeyValuePair.Create(item.ItemSpec, item.GetMetadata("Value"));

    private ImageConfig? ReadConfig(ImageStore store, Platform? platform)
    {
        if (ConfigFrom is null)
        {
            return KeepHistory
                ? throw UsageDiagnostics.OptionNeeds(
                    nameof(KeepHistory),
                    $"{nameof(ConfigFrom)}, whose history it is about"
                )
                : null;
        }

        if (!string.IsNullOrEmpty(Base))
        {
            throw UsageDiagnostics.OptionsExclude(
                nameof(Base),
                nameof(ConfigFrom),
                "an image on top of another has that one's configuration"
            );
        }

        return File.Exists(TaskItems.GetFullPath(ConfigFrom))
            ? ImageConfig.Parse(
                InputSource.ReadDocument(ConfigFrom, "image configuration"),
                new ContentLocation(ConfigFrom.ItemSpec)
            )
            : store.OpenImage(store.Find(ConfigFrom.ItemSpec).Target, platform).Config;
    }

    private PackingRules CreatePackingRules() =>
        new()
        {
            Owner = OptionValues.ParseOwner(nameof(Owner), Owner) ?? default,
            Modes = [.. Chmod.Select(rule => ModeRule.Parse(nameof(Chmod), rule))],
            Exclude = ReadExcludePatterns(),
            Xattrs = ParseXattrs(),
            Items = [.. Content.Select(ContentItem.Read)],
            Spec = Mtree is null ? null : MtreeSpec.Read(TaskItems.GetFullPath(Mtree)),
        };

    private IgnorePatterns? ReadExcludePatterns()
    {
        if (Exclude.Length == 0 && ExcludeFrom is null)
        {
            return null;
        }

        var patterns = IgnorePatterns.Parse(nameof(Exclude), Exclude, comments: false);
        if (ExcludeFrom is null)
        {
            return patterns;
        }

        var lines = System
            .Text.Encoding.UTF8.GetString(InputSource.ReadDocument(ExcludeFrom, "list of patterns").Span)
            .TrimStart('\ufeff')
            .Split('\n');
        return IgnorePatterns.Parse(ExcludeFrom.ItemSpec, lines, comments: true).With(patterns);
    }

    private XattrChoice ParseXattrs()
    {
        var choice = Enum.Parse<XattrChoice>(Xattrs, ignoreCase: true);
        return choice == XattrChoice.None || OperatingSystem.IsLinux()
            ? choice
            : throw UsageDiagnostics.OptionNeeds(
                nameof(Xattrs),
                "Linux, the only system whose extended attributes can be read here"
            );
    }

    /// <summary>Refuses options of folders for a tar, which is imported as it is.</summary>
    private void RejectFolderOptions()
    {
        (string Name, bool IsGiven)[] options =
        [
            (nameof(Owner), !string.IsNullOrEmpty(Owner)),
            (nameof(Chmod), Chmod.Length > 0),
            (nameof(Exclude), Exclude.Length > 0),
            (nameof(ExcludeFrom), ExcludeFrom is not null),
            (nameof(Mtree), Mtree is not null),
            (nameof(Xattrs), ParseXattrs() != XattrChoice.None),
            (nameof(Content), Content.Length > 0),
        ];
        if (options.FirstOrDefault(option => option.IsGiven).Name is { } name)
        {
            throw UsageDiagnostics.OptionNeeds(name, $"a folder as {nameof(Source)}: a tar is taken byte for byte");
        }
    }

    private InputSource? OpenSource() =>
        Source switch
        {
            null when Content.Length > 0 => null,
            null => throw UsageDiagnostics.MissingOption(nameof(Source), "a tar or a folder to import"),
            { ItemSpec: "-" } => InputSource.OpenStandardInput(Streams, nameof(Source)),
            { ItemSpec: var url } when Download.IsUrl(url) => InputSource.OpenUrl(
                url,
                new DownloadOptions(
                    !string.IsNullOrEmpty(Sha256),
                    OptionValues.ParseSize(nameof(MaxDownload), MaxDownload) ?? long.MaxValue,
                    DownloadIdleTimeout
                ),
                Reporter,
                CancellationToken
            ),
            _ => InputSource.Open(Source),
        };
}
