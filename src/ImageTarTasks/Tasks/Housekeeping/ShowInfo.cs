using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Shows where the image store is, how large it is, and what can be done with it on this machine.</summary>
/// <remarks>Fields that Docker's <c>info</c> has, too, have its names. The store is not created.</remarks>
[MSBuildMultiThreadableTask]
[Verb("info", "system info", Example = "imagetar info --format '{{.DockerRootDir}}'")]
public sealed class ShowInfo : ImageTask
{
    /// <summary>How to print: json, or a template of Go's.</summary>
    [Option("-f", "--format", ValueName = "FORMAT")]
    public string? Format { get; set; }

    private protected override bool IsReadOnly => true;

    private protected override void Run(ImageStore store)
    {
        var access = store.ProbeAccess();
        var usage = access.Exists ? store.MeasureUsage() : null;
        var size = usage?.TotalBytes ?? 0;
        var drive = FindDrive(store.Root);
        var version = ProgramVersion.Current;
        var info = new RecordValue("info")
            .With("DockerRootDir", new SafeText(store.Root))
            .With("StoreSource", new SafeText(FindSource()))
            .With("Exists", access.Exists)
            .With("Writable", access.CanWrite)
            .With("FileLocks", access.LocksWork)
            .With("Images", (long)(usage?.Images.Count ?? 0))
            .With("Containers", (long)(usage?.Containers.Count ?? 0))
            .With("ContainersRunning", 0L)
            .With("ContainersStopped", (long)(usage?.Containers.Count ?? 0))
            .With("Size", size)
            .With("FileSystem", new SafeText(drive?.DriveFormat ?? ""))
            .With("FreeSpace", drive?.AvailableFreeSpace ?? 0L)
            .With("TotalSpace", drive?.TotalSize ?? 0L)
            .With("OSType", new SafeText(Platform.Host.Os))
            .With("Architecture", new SafeText(Platform.Host.Architecture))
            .With("NCPU", (long)Environment.ProcessorCount)
            .With("MemTotal", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            .With("Compression", new SafeText(StreamCompression.Description))
            .With("ServerVersion", new SafeText(version.Text));
        if (!string.IsNullOrEmpty(Format))
        {
            Reporter.Result(Template.ParseFormat(Format).Execute(info));
            return;
        }

        foreach (
            var (name, value) in new (string, string)[]
            {
                ("Store", $"{store.Root} ({FindSource()})"),
                ("Exists", Describe(access.Exists)),
                ("Writable", Describe(access.CanWrite)),
                ("File locks", access.LocksWork ? "work" : "do not work: the store can only be read"),
                ("Images", $"{usage?.Images.Count ?? 0}"),
                ("Containers", $"{usage?.Containers.Count ?? 0}"),
                ("Size", HumanSize.Format(size, 4)),
                (
                    "Free space",
                    drive is null
                        ? "unknown"
                        : $"{HumanSize.Format(drive.AvailableFreeSpace, 4)} of {HumanSize.Format(drive.TotalSize, 4)} "
                            + $"({drive.DriveFormat})"
                ),
                ("Compression", StreamCompression.Description),
                ("OS/Arch", Platform.Host.ToString()),
                ("CPUs", $"{Environment.ProcessorCount}"),
                ("Version", version.Text),
            }
        )
        {
            Reporter.Result($"{name}: {value}");
        }
    }

    private static string Describe(bool value) => value ? "yes" : "no";

    private string FindSource() =>
        Store is not null ? "option Store"
        : ReadEnvironment(StoreLocation.EnvironmentVariable) is { Length: > 0 } ? StoreLocation.EnvironmentVariable
        : "the user's data folder";

    /// <summary>The file system that a folder is in, or would be in; null when the system does not tell.</summary>
    private static DriveInfo? FindDrive(string folder)
    {
        var drives = DriveInfo
            .GetDrives()
            .Where(drive =>
                drive.IsReady
                && (
                    folder.StartsWith(drive.Name, StringComparison.Ordinal)
                    && (
                        Path.EndsInDirectorySeparator(drive.Name)
                        || folder.Length == drive.Name.Length
                        || folder[drive.Name.Length] == Path.DirectorySeparatorChar
                    )
                )
            );
        return drives.MaxBy(drive => drive.Name.Length);
    }
}
