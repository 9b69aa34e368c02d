using System.Runtime.CompilerServices;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// The temporary files of a test run. On Linux they are in memory where there is room: tests write hundreds of thousands
/// of small files, and half of the time would be spent in the file system. TMPDIR names another folder.
/// </summary>
internal static class TemporaryFolder
{
    private const string Variable = "TMPDIR";
    private const string Memory = "/dev/shm";

    /// <summary>More than all tests together need at a time.</summary>
    private const long Needed = 8L * 1024 * 1024 * 1024;

    /// <summary>Sets the variable for this process and the programs it starts.</summary>
    [ModuleInitializer]
    internal static void Choose()
    {
        if (
            OperatingSystem.IsLinux()
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable))
            && Directory.Exists(Memory)
            && new DriveInfo(Memory).AvailableFreeSpace >= Needed
        )
        {
            Environment.SetEnvironmentVariable(Variable, Memory);
        }
    }
}
