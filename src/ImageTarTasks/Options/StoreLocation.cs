using ImageTarTasks.Core.Diagnostics;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Options;

/// <summary>Where the image store is: the option, else the environment, else the user's data folder.</summary>
internal static class StoreLocation
{
    /// <summary>The variable that names the store's folder.</summary>
    public const string EnvironmentVariable = "IMAGETAR_STORE";

    /// <summary>The absolute path of the store.</summary>
    /// <exception cref="ImageTarException">ITT1004: the user has no data folder.</exception>
    public static string Resolve(ITaskItem? option, Func<string, string?> readEnvironment)
    {
        if (option is not null)
        {
            return TaskItems.GetFullPath(option);
        }

        if (readEnvironment(EnvironmentVariable) is { Length: > 0 } named)
        {
            return TaskItems.GetFullPath(TaskItems.FromPath(named));
        }

        return Path.Combine(GetDataFolder(readEnvironment), "imagetar");
    }

    private static string GetDataFolder(Func<string, string?> readEnvironment)
    {
        if (OperatingSystem.IsLinux())
        {
            // The XDG Base Directory Specification says to ignore a relative path here.
            if (readEnvironment("XDG_DATA_HOME") is { } data && Path.IsPathRooted(data))
            {
                return data;
            }

            if (readEnvironment("HOME") is { } home && Path.IsPathRooted(home))
            {
                return Path.Combine(home, ".local", "share");
            }
        }

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return local.Length > 0
            ? local
            : throw UsageDiagnostics.MissingOption(
                "Store",
                $"there is no home folder to keep images in; set --store or {EnvironmentVariable}"
            );
    }
}
