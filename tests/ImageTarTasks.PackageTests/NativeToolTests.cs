using System.IO.Compression;
using System.Runtime.InteropServices;

namespace ImageTarTasks.PackageTests;

/// <summary>The tool as eng/pack-tool.sh packs it: native code where there is a package for the platform, else the portable one.</summary>
[TestClass]
[RequiresNativeCompiler]
public sealed class NativeToolTests
{
    private static readonly Lazy<string> PackedVersion = new(() =>
    {
        // A version of its own: both sets have a package of the tool's name.
        var version = Feed.Instance.Version + ".native";
        Dotnet.Run("bash", Feed.Repository, Feed.Instance.Environment, "eng/pack-tool.sh", Feed.Instance.Packages, $"-p:PackageVersion={version}").Succeeded();
        return version;
    });

    [TestMethod]
    public void Installing_the_tool_by_its_name_picks_the_native_program_which_needs_no_runtime()
    {
        using var folder = new ProjectFolder();
        folder.Dotnet("tool", "install", "ImageTarTasks.Tool", "--version", PackedVersion.Value, "--tool-path", folder["tool"]).Succeeded();
        var program = new FileInfo(folder["tool/imagetar"]).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        CollectionAssert.AreEqual("\x7f"u8.ToArray().Concat("ELF"u8.ToArray()).ToArray(), File.ReadAllBytes(program)[..4]);
        Assert.IsFalse(File.Exists(Path.Combine(Path.GetDirectoryName(program)!, "imagetar.dll")));

        var empty = new Dictionary<string, string>(Feed.Instance.WithStore(folder.Store)) { ["DOTNET_ROOT"] = folder["nowhere"], ["PATH"] = folder["nowhere"] };
        foreach (var words in (string[][])[["--help"], ["import", "--help"], ["images"], ["nonsense"]])
        {
            var native = Dotnet.Run(program, folder.Root, empty, words);
            Assert.AreEqual(folder.Tool(words), native, string.Join(' ', words));
        }
    }

    [TestMethod]
    public void Native_and_portable_program_write_the_same_bytes()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        folder.Dotnet("tool", "install", "ImageTarTasks.Tool", "--version", PackedVersion.Value, "--tool-path", folder["tool"]).Succeeded();
        string[][] commands =
        [
            ["import", "--platform", "linux/amd64", "-c", "CMD [\"/bin/sh\"]", folder["rootfs"], "demo:1"],
            ["save", "-o", "SIDE.tar", "demo:1"],
            ["save", "--layer-compression", "gzip", "-o", "SIDE.gz.tar", "demo:1"],
            ["save", "--format", "oci", "--layer-compression", "zstd:9", "-o", "SIDE.zst.tar", "demo:1"],
            ["load", "-i", "SIDE.zst.tar"],
            ["export", "-o", "SIDE.rootfs.tar.zst", "demo:1"],
            ["inspect", "demo:1"],
            ["history", "--no-trunc", "demo:1"],
            ["load", "-i", "no-such-file"],
        ];
        foreach (var command in commands)
        {
            var results = new[] { "native", "portable" }.Select(side => Dotnet.Run(
                side == "native" ? folder["tool/imagetar"] : Feed.Instance.Tool,
                folder.Root,
                Feed.Instance.WithStore(folder[side + "-store"]),
                command.Select(word => word.Replace("SIDE", side, StringComparison.Ordinal)))).ToArray();
            Assert.AreEqual(results[1] with { Error = results[1].Error.Replace("portable", "native", StringComparison.Ordinal) }, results[0], string.Join(' ', command));
        }

        foreach (var name in new[] { "tar", "gz.tar", "zst.tar", "rootfs.tar.zst" })
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(folder["portable." + name]), File.ReadAllBytes(folder["native." + name]), name);
        }
    }

    [TestMethod]
    public void The_packages_say_which_platform_gets_which()
    {
        using var folder = new ProjectFolder();
        using var package = ZipFile.OpenRead(Path.Combine(Feed.Instance.Packages, $"ImageTarTasks.Tool.{PackedVersion.Value}.nupkg"));
        using var settings = new StreamReader(package.GetEntry("tools/any/any/DotnetToolSettings.xml")!.Open());
        var text = settings.ReadToEnd();
        foreach (var platform in new[] { "linux-x64", "any" })
        {
            Assert.Contains($"Id=\"ImageTarTasks.Tool.{platform}\"", text);
            using var inner = ZipFile.OpenRead(Path.Combine(Feed.Instance.Packages, $"ImageTarTasks.Tool.{platform}.{PackedVersion.Value}.nupkg"));
            Assert.IsFalse(inner.Entries.Any(entry => entry.Name.EndsWith(".dbg", StringComparison.Ordinal)));
            Assert.IsTrue(inner.Entries.Any(entry => entry.Name == "libzstd.so"), platform);
            Assert.IsNotNull(inner.GetEntry("THIRD-PARTY-NOTICES.txt"), platform);
        }
    }
}

/// <summary>The test runs only where eng/pack-tool.sh does: Linux on x64 with a C compiler.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresNativeCompilerAttribute : ConditionBaseAttribute
{
    public RequiresNativeCompilerAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "no C compiler to link native code with, or not Linux on x64";

    public override string GroupName => nameof(RequiresNativeCompilerAttribute);

    public override bool IsConditionMet =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "gcc")) || File.Exists(Path.Combine(folder, "clang")));
}
