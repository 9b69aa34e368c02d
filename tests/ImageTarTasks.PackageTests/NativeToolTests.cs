using System.IO.Compression;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.PackageTests;

/// <summary>
/// The tool as eng/pack-tool.sh packs it: native code where there is a package for the platform, else the portable one.
/// </summary>
[TestClass]
[RequiresNativeCompiler]
public sealed class NativeToolTests
{
    private const string PointerPrefix = "ImageTarTasks.Tool.";

    /// <summary>Links for linux-arm64 on another processor.</summary>
    private const string Arm64Linker = "aarch64-linux-gnu-gcc";

    /// <summary>Runs a program for linux-arm64 on another processor.</summary>
    private const string Arm64Emulator = "qemu-aarch64";

    /// <summary>
    /// A folder with the packages, and their version. The one of $IMAGETAR_TOOL_PACKAGES, where eng/pack-tool.sh put
    /// them before; else it runs now.
    /// </summary>
    private static readonly Lazy<(string Folder, string Version)> Packed = new(() =>
    {
        var folder = Environment.GetEnvironmentVariable("IMAGETAR_TOOL_PACKAGES");
        if (string.IsNullOrEmpty(folder))
        {
            folder = Path.Combine(Feed.Instance.Root, "native-packages");
            // The package folder of the user, and not one of its own: the compiler is a large package, and with it in
            // another place all would be built anew.
            var environment = Feed
                .Instance.Environment.Where(variable => variable.Key != "NUGET_PACKAGES")
                .ToDictionary(StringComparer.Ordinal);
            string[] arm64 = new RequiresProgramAttribute(Arm64Linker).IsConditionMet
                ? ["--platform", "linux-arm64"]
                : [];
            string[] arguments = ["eng/pack-tool.sh", "--platform", "linux-x64", .. arm64, "--platform", "any", folder];
            NativeBuild
                .Alone(Feed.Repository, () => Dotnet.Run("bash", Feed.Repository, environment, arguments))
                .Succeeded();
        }

        var pointer = Directory
            .GetFiles(folder, PointerPrefix + "*.nupkg")
            .Select(Path.GetFileNameWithoutExtension)
            .Single(name => char.IsAsciiDigit(name![PointerPrefix.Length]));
        return (folder, pointer![PointerPrefix.Length..]);
    });

    [TestMethod]
    public void Installing_the_tool_by_its_name_picks_the_native_program_which_needs_no_runtime()
    {
        using var folder = new ProjectFolder();
        Install(folder);
        var program = new FileInfo(folder["tool/imagetar"]).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        CollectionAssert.AreEqual(
            "\x7f"u8.ToArray().Concat("ELF"u8.ToArray()).ToArray(),
            File.ReadAllBytes(program)[..4]
        );
        Assert.IsFalse(File.Exists(Path.Combine(Path.GetDirectoryName(program)!, "imagetar.dll")));

        var empty = new Dictionary<string, string>(Feed.Instance.WithStore(folder.Store))
        {
            ["DOTNET_ROOT"] = folder["nowhere"],
            ["PATH"] = folder["nowhere"],
        };
        foreach (
            var words in (string[][])
                [
                    ["--help"],
                    ["import", "--help"],
                    ["images"],
                    ["nonsense"],
                ]
        )
        {
            var native = Dotnet.Run(program, folder.Root, empty, words);
            Assert.AreEqual(folder.Tool(words), native, string.Join(' ', words));
        }
    }

    [TestMethod]
    public void Native_and_portable_program_write_the_same_bytes()
    {
        using var folder = new ProjectFolder();
        Install(folder);
        AssertSameBytesAsPortable(folder, folder["tool/imagetar"]);
    }

    [TestMethod]
    [TestCategory("Arm64")]
    [RequiresProgram(Arm64Linker)]
    [RequiresProgram(Arm64Emulator)]
    public void Program_for_arm64_and_portable_program_write_the_same_bytes()
    {
        using var folder = new ProjectFolder();
        using (
            var package = ZipFile.OpenRead(
                Path.Combine(Packed.Value.Folder, $"{PointerPrefix}linux-arm64.{Packed.Value.Version}.nupkg")
            )
        )
        {
            package.ExtractToDirectory(folder["arm64"]);
        }

        var program = folder["arm64/tools/any/linux-arm64/imagetar"];
        // A zip file has no modes; `dotnet tool install` sets this one.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        // Bytes 18 and 19 of an ELF file: the machine. 183 is EM_AARCH64.
        Assert.AreEqual(183, BitConverter.ToUInt16(File.ReadAllBytes(program), 18));
        AssertSameBytesAsPortable(folder, Arm64Emulator, program);
    }

    /// <summary>Runs the verbs with a program and with the portable tool, and compares all they print and write.</summary>
    private static void AssertSameBytesAsPortable(ProjectFolder folder, string program, params string[] before)
    {
        folder.WriteRootfs();
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
            var native = Run("native", program, before);
            var portable = Run("portable", Feed.Instance.Tool, []);
            Assert.AreEqual(
                portable with
                {
                    Error = portable.Error.Replace("portable", "native", StringComparison.Ordinal),
                },
                native,
                string.Join(' ', command)
            );

            ProcessResult Run(string side, string tool, string[] first) =>
                Dotnet.Run(
                    tool,
                    folder.Root,
                    Feed.Instance.WithStore(folder[side + "-store"]),
                    first.Concat(command.Select(word => word.Replace("SIDE", side, StringComparison.Ordinal)))
                );
        }

        foreach (var name in new[] { "tar", "gz.tar", "zst.tar", "rootfs.tar.zst" })
        {
            CollectionAssert.AreEqual(
                File.ReadAllBytes(folder["portable." + name]),
                File.ReadAllBytes(folder["native." + name]),
                name
            );
        }
    }

    [TestMethod]
    public void The_packages_say_which_platform_gets_which()
    {
        using var folder = new ProjectFolder();
        using var package = ZipFile.OpenRead(
            Path.Combine(Packed.Value.Folder, $"{PointerPrefix}{Packed.Value.Version}.nupkg")
        );
        using var settings = new StreamReader(package.GetEntry("tools/any/any/DotnetToolSettings.xml")!.Open());
        var text = settings.ReadToEnd();
        foreach (var platform in new[] { "linux-x64", "any" })
        {
            Assert.Contains($"Id=\"ImageTarTasks.Tool.{platform}\"", text);
            using var inner = ZipFile.OpenRead(
                Path.Combine(Packed.Value.Folder, $"{PointerPrefix}{platform}.{Packed.Value.Version}.nupkg")
            );
            Assert.IsFalse(inner.Entries.Any(entry => entry.Name.EndsWith(".dbg", StringComparison.Ordinal)));
            Assert.IsTrue(inner.Entries.Any(entry => entry.Name == "libzstd.so"), platform);
            Assert.IsNotNull(inner.GetEntry("THIRD-PARTY-NOTICES.txt"), platform);
        }
    }

    /// <summary>
    /// Installs the tool from these packages, which may have the version of others the tests pack: nothing of those is
    /// in reach.
    /// </summary>
    private static void Install(ProjectFolder folder)
    {
        File.WriteAllText(
            folder["nuget.config"],
            $"<configuration><packageSources><clear /><add key=\"native\" "
                + $"value=\"{Packed.Value.Folder}\" /></packageSources></configuration>"
        );
        var environment = Feed.Instance.WithStore(folder.Store);
        environment["NUGET_PACKAGES"] = folder["nuget"];
        Dotnet
            .Run(
                "dotnet",
                folder.Root,
                environment,
                "tool",
                "install",
                "ImageTarTasks.Tool",
                "--version",
                Packed.Value.Version,
                "--tool-path",
                folder["tool"]
            )
            .Succeeded();
    }
}

/// <summary>The test runs only where eng/pack-tool.sh does: Linux on x64 with a C compiler.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresNativeCompilerAttribute : ConditionBaseAttribute
{
    public RequiresNativeCompilerAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "no C compiler to link native code with, or not Linux on x64";

    public override string GroupName => nameof(RequiresNativeCompilerAttribute);

    public override bool IsConditionMet => NativeBuild.IsPossible;
}
