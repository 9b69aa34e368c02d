using System.IO.Compression;

namespace ImageTarTasks.PackageTests;

[TestClass]
public sealed class TaskPackageTests
{
    private const string SaveTarget = """
          <Target Name="SaveIt" AfterTargets="Build">
            <ImportRootfs Source="rootfs" Reference="both/doors:1" Changes="CMD [&quot;/bin/true&quot;];ENV A=1" Created="1700000000" />
            <SaveImage Images="both/doors:1" OutputFile="out/image.tar">
              <Output TaskParameter="Archive" ItemName="SavedArchive" />
            </SaveImage>
            <Message Importance="High" Text="saved %(SavedArchive.Digest) of %(SavedArchive.References)" />
          </Target>
        """;

    [TestMethod]
    public void A_build_with_the_package_and_the_installed_tool_give_the_same_bytes()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        Directory.CreateDirectory(folder["out"]);
        folder.WriteProject("app.csproj", SaveTarget);
        var build = folder.Dotnet("build", "-tl:off").Succeeded();
        var archive = File.ReadAllBytes(folder["out/image.tar"]);
        Assert.Contains(
            "saved sha256:"
                + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(archive))
                + " of both/doors:1",
            build.Output
        );

        using var other = new ProjectFolder("other");
        other.WriteRootfs();
        var environment = Feed.Instance.WithStore(other.Store);
        environment["SOURCE_DATE_EPOCH"] = "1700000000";
        Dotnet
            .Run(
                Feed.Instance.Tool,
                other.Root,
                environment,
                "import",
                "-c",
                "CMD [\"/bin/true\"]",
                "-c",
                "ENV A=1",
                "rootfs",
                "both/doors:1"
            )
            .Succeeded();
        Dotnet.Run(Feed.Instance.Tool, other.Root, environment, "save", "-o", "image.tar", "both/doors:1").Succeeded();
        CollectionAssert.AreEqual(archive, File.ReadAllBytes(other["image.tar"]));
    }

    [TestMethod]
    [DataRow("plain")]
    [DataRow("with spaces and ünïcödé")]
    public void The_tasks_run_in_any_folder_and_take_paths_from_the_project(string name)
    {
        using var folder = new ProjectFolder(name);
        folder.WriteRootfs("sub/rootfs");
        Directory.CreateDirectory(folder["sub/out"]);
        folder.WriteProject("sub/app.csproj", SaveTarget);
        // Started elsewhere: a relative path belongs to the project, not to the current directory.
        folder.Dotnet("build", "sub/app.csproj").Succeeded();
        Assert.IsTrue(File.Exists(folder["sub/out/image.tar"]));
    }

    [TestMethod]
    [DataRow("-mt", "-m:2")]
    [DataRow("-graph", "-isolate")]
    [DataRow("-warnaserror", "-check")]
    public void The_tasks_run_in_every_kind_of_build(string first, string second)
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        Directory.CreateDirectory(folder["out"]);
        folder.WriteProject("app.csproj", SaveTarget);
        folder.Dotnet("restore").Succeeded();
        folder.Dotnet("msbuild", first, second).Succeeded();
        Assert.IsTrue(File.Exists(folder["out/image.tar"]));
    }

    [TestMethod]
    public void A_prune_during_a_build_leaves_the_images_that_the_build_uses()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        Directory.CreateDirectory(folder["out"]);
        folder.Tool("import", folder["rootfs"], "others:1", "-c", "LABEL of=others").Succeeded();
        folder.WriteProject(
            "app.csproj",
            $"""
              <Target Name="SaveIt" AfterTargets="Build">
                <ImportRootfs Source="rootfs" Reference="ours:1" />
                <Exec Command="&quot;{Feed.Instance.Tool}&quot; image prune -af" />
                <SaveImage Images="ours:1" OutputFile="out/image.tar" />
              </Target>
            """
        );
        var build = folder.Dotnet("build", "-tl:off").Succeeded();
        Assert.Contains("untagged: others:1", build.Output);
        Assert.DoesNotContain("untagged: ours:1", build.Output);
        Assert.IsTrue(File.Exists(folder["out/image.tar"]));

        // After the build nothing keeps the image.
        Assert.Contains("untagged: ours:1", folder.Tool("image", "prune", "-af").Succeeded().Output);
        Assert.IsEmpty(Directory.GetDirectories(Path.Combine(folder.Store, ".imagetar", "sessions")));
    }

    [TestMethod]
    public void A_project_of_several_frameworks_can_save_once_for_all()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        Directory.CreateDirectory(folder["out"]);
        folder.WriteProject(
            "app.csproj",
            SaveTarget.Replace(
                "AfterTargets=\"Build\"",
                "AfterTargets=\"Build\" Condition=\"'$(IsCrossTargetingBuild)' == 'true'\"",
                StringComparison.Ordinal
            ),
            "<TargetFrameworks>net10.0;netstandard2.0</TargetFrameworks><DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences><EnableDefaultCompileItems>false</EnableDefaultCompileItems><GenerateAssemblyInfo>false</GenerateAssemblyInfo><GenerateTargetFrameworkAttribute>false</GenerateTargetFrameworkAttribute>"
        );
        folder.Dotnet("restore").Succeeded();
        folder.Dotnet("msbuild", "-t:SaveIt").Succeeded();
        Assert.IsTrue(File.Exists(folder["out/image.tar"]));
    }

    [TestMethod]
    public void Items_of_the_SDK_and_files_with_a_target_fit_into_an_import()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        File.WriteAllText(folder["tool.sh"], "#!/bin/sh\n");
        folder.WriteProject(
            "app.csproj",
            """
              <ItemGroup>
                <ContainerLabel Include="org.example.note" Value="a%3Bb 100%25 $(MSBuildProjectName)" />
                <ContainerEnvironmentVariable Include="LEVEL" Value="high" />
                <ContainerPort Include="8080" />
                <ContainerPort Include="53" Type="udp" />
                <Layout Include="*.sh" TargetPath="bin/%(Filename)" Mode="0755" Uid="7" />
              </ItemGroup>
              <Target Name="ImportIt" AfterTargets="Build">
                <ImportRootfs Source="rootfs" Content="@(Layout)" Reference="items:1" Entrypoint="/bin/tool;--flag" Cmd="one two" User="app" WorkingDirectory="/srv"
                              Labels="@(ContainerLabel)" EnvironmentVariables="@(ContainerEnvironmentVariable)" ExposedPorts="@(ContainerPort)" />
                <ExportContainer Image="items:1" OutputFile="flat.tar" />
              </Target>
            """
        );

        folder.Dotnet("build", "-tl:off").Succeeded();

        Assert.AreEqual(
            """
            {"User":"app","ExposedPorts":{"53/udp":{},"8080/tcp":{}},"Env":["LEVEL=high"],"Entrypoint":["/bin/tool","--flag"],"Cmd":["one two"],"WorkingDir":"/srv","Labels":{"org.example.note":"a;b 100% app"}}
            """,
            Config(folder)
        );
        using var tar = new System.Formats.Tar.TarReader(File.OpenRead(folder["flat.tar"]));
        System.Formats.Tar.TarEntry? entry;
        while ((entry = tar.GetNextEntry()) is not null && entry.Name != "bin/tool") { }

        Assert.AreEqual((7, 0b111_101_101), (entry!.Uid, (int)entry.Mode));

        static string Config(ProjectFolder folder)
        {
            using var archive = new System.Formats.Tar.TarReader(new MemoryStream(Saved(folder)));
            while (archive.GetNextEntry(copyData: true) is { } member)
            {
                using var text = new StreamReader(member.DataStream ?? Stream.Null);
                if (text.ReadToEnd() is var json && json.Contains("\"rootfs\"", StringComparison.Ordinal))
                {
                    using var document = System.Text.Json.JsonDocument.Parse(json);
                    return document.RootElement.GetProperty("config").GetRawText();
                }
            }

            throw new InvalidOperationException("the archive has no configuration");
        }

        static byte[] Saved(ProjectFolder folder)
        {
            folder.Tool("save", "-o", "items.tar", "items:1").Succeeded();
            return File.ReadAllBytes(folder["items.tar"]);
        }
    }

    [TestMethod]
    public void A_users_mistake_is_one_coded_error_without_a_stack()
    {
        using var folder = new ProjectFolder();
        File.WriteAllText(folder["not.tar"], "this is not a tar\n");
        folder.WriteProject(
            "app.csproj",
            """
              <Target Name="LoadIt" AfterTargets="Build">
                <LoadImage InputFile="not.tar" />
              </Target>
            """
        );
        var build = folder.Dotnet("build", "-tl:off");
        Assert.AreNotEqual(0, build.ExitCode);
        Assert.Contains("not.tar : error ITT", build.Output);
        Assert.DoesNotContain("   at ", build.Output);
        Assert.DoesNotContain("MSB4018", build.Output);
        Assert.DoesNotContain("MSB4181", build.Output);
    }

    [TestMethod]
    public void The_package_holds_the_tasks_and_their_dependencies_and_no_MSBuild()
    {
        using var package = ZipFile.OpenRead(
            Path.Combine(Feed.Instance.Packages, $"ImageTarTasks.{Feed.Instance.Version}.nupkg")
        );
        var names = package.Entries.Select(entry => entry.FullName).ToArray();
        foreach (
            var needed in (string[])
                [
                    "build/ImageTarTasks.props",
                    "build/ImageTarTasks.targets",
                    "buildMultiTargeting/ImageTarTasks.props",
                    "buildMultiTargeting/ImageTarTasks.targets",
                    "tasks/net10.0/ImageTarTasks.dll",
                    "tasks/net10.0/ImageTarTasks.Core.dll",
                    "tasks/net10.0/ImageTarTasks.deps.json",
                    "README.md",
                    "LICENSE",
                    "THIRD-PARTY-NOTICES.txt",
                    "tasks/net10.0/runtimes/linux-x64/native/libzstd.so",
                    "tasks/net10.0/runtimes/win-x64/native/libzstd.dll",
                ]
        )
        {
            CollectionAssert.Contains(names, needed);
        }

        Assert.IsEmpty(
            names.Where(name =>
                name.StartsWith("lib/", StringComparison.Ordinal)
                || name.Contains("Microsoft.Build", StringComparison.Ordinal)
            )
        );
        using var nuspec = new StreamReader(package.GetEntry("ImageTarTasks.nuspec")!.Open());
        var text = nuspec.ReadToEnd();
        Assert.Contains("<developmentDependency>true</developmentDependency>", text);
        Assert.DoesNotContain("<dependency ", text);
    }

    [TestMethod]
    public void The_tool_runs_from_its_package_in_one_shot()
    {
        using var folder = new ProjectFolder();
        var run = folder
            .Dotnet("tool", "exec", $"ImageTarTasks.Tool@{Feed.Instance.Version}", "--yes", "--", "images")
            .Succeeded();
        Assert.Contains("REPOSITORY   TAG       IMAGE ID   CREATED   SIZE", run.Output);
    }
}
