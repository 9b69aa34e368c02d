using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// Builds of the tool as native code. They share one folder, artifacts/native, so that the second one finds the work of
/// the first done.
/// </summary>
internal static class NativeBuild
{
    /// <summary>
    /// Whether eng/pack-tool.sh and <c>dotnet publish</c> can make native code here: on Linux with a C compiler to link
    /// it.
    /// </summary>
    public static bool IsPossible =>
        OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "gcc")) || File.Exists(Path.Combine(folder, "clang")));

    /// <summary>Runs a build while no other test project runs one.</summary>
    public static T Alone<T>(string repository, Func<T> build)
    {
        var path = Path.Combine(repository, "artifacts", "native.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return build();
            }
            catch (IOException e) when (IsLocked(e) && patience.Elapsed < TimeSpan.FromMinutes(10))
            {
                Thread.Sleep(200);
            }
        }
    }

    /// <summary>
    /// Compiles the tool, as it is published, into a folder; the sources are those of the checkout. Returns the
    /// program.
    /// </summary>
    public static string Publish(string repository, string folder) =>
        Alone(
            repository,
            () =>
            {
                var start = new ProcessStartInfo(
                    "dotnet",
                    [
                        "publish",
                        Path.Combine(repository, "src", "ImageTarTasks.Tool"),
                        "-c",
                        "Release",
                        "-r",
                        "linux-x64",
                        "-p:NativeTool=true",
                        "-p:UseSharedCompilation=false",
                        "-o",
                        folder,
                    ]
                )
                {
                    WorkingDirectory = repository,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
                // Nothing of a build that runs these tests, and no server that outlives this one.
                foreach (
                    var name in start
                        .Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
                        .ToArray()
                )
                {
                    start.Environment.Remove(name);
                }

                start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
                start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
                using var process = Process.Start(start)!;
                var errors = process.StandardError.ReadToEndAsync();
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.AreEqual(
                    0,
                    process.ExitCode,
                    $"the native tool was not built (IMAGETAR_EXECUTABLE=portable does without):\n{output}\n"
                        + $"{errors.Result}"
                );
                return Path.Combine(folder, "imagetar");
            }
        );

    /// <summary>The kinds of errors that mean "another process has it": EWOULDBLOCK on Linux.</summary>
    private static bool IsLocked(IOException e) =>
        e.GetType() == typeof(IOException) && (e.HResult == 11 || e.HResult == unchecked((int)0x80070020));
}
