using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Containers beside those of a Docker Engine: the same verbs on the same image, and then the same files.
/// </summary>
[TestClass, RequiresRoot, RequiresEngine]
public sealed class ContainerTests
{
    private static readonly string[][] Copies =
    [
        ["n", "BOX:/app/n1"],
        ["n", "BOX:/app"],
        ["n", "BOX:app/d/"],
        ["n", "BOX:/lnk/through"],
        ["n", "BOX:/app/f"],
        ["n", "BOX:/app/sf"],
        ["n", "BOX:relative"],
        ["dd", "BOX:/app"],
        ["dd/.", "BOX:/app/d"],
        ["dd", "BOX:/new"],
        ["dd/.", "BOX:/new2"],
        ["dd", "BOX:/app/d/"],
        ["link", "BOX:/app/copied-link"],
        ["-L", "link", "BOX:/app/followed"],
        ["n", "BOX:/nope/x"],
        ["n", "BOX:/nope/"],
        ["dd", "BOX:/app/f"],
        ["n/", "BOX:/app"],
        ["missing", "BOX:/app"],
        ["dd", "BOX:/over"],
    ];

    [TestMethod]
    public void Cp_into_a_container_gives_the_files_docker_cp_gives()
    {
        using var folder = new TestFolder();
        var (imagetar, docker) = Create(folder);
        foreach (var words in Copies)
        {
            var ours = imagetar.Try(
                ["cp", .. words.Select(word => word.Replace("BOX", "box", StringComparison.Ordinal))],
                new ProgramOptions { Folder = folder["src"] }
            );
            var theirs = SharedEngine
                .Get()
                .Try(
                    ["cp", .. words.Select(word => word.Replace("BOX", docker, StringComparison.Ordinal))],
                    new ProgramOptions { Folder = folder["src"] }
                );
            Assert.AreEqual(theirs.ExitCode, ours.ExitCode, $"{string.Join(' ', words)}: {theirs.Error} {ours.Error}");
        }

        Programs.Shell("tar -C src -cf in.tar dd n", folder.Root);
        imagetar
            .Try(["cp", "-", "box:/app/d"], new ProgramOptions { Input = File.ReadAllBytes(folder["in.tar"]) })
            .Succeeds();
        SharedEngine
            .Get()
            .Try(["cp", "-", docker + ":/app/d"], new ProgramOptions { Input = File.ReadAllBytes(folder["in.tar"]) })
            .Succeeds();

        imagetar.Run("export", "-o", folder["ours.tar"], "box");
        SharedEngine.Get().Run("export", "-o", folder["docker.tar"], docker);

        // Docker gives the folders on the way the present time, and those it did not change, too.
        TarListing.AssertSame(Lines(folder["docker.tar"]), Lines(folder["ours.tar"]), "after cp");
        var noise = DockerNoise.Paths.Select(path => "/" + path).ToHashSet();
        Assert.AreSequenceEqual(
            SharedEngine
                .Get()
                .Run("diff", docker)
                .Lines.Where(line => !noise.Contains(line[2..]))
                .Order(StringComparer.Ordinal),
            imagetar.Run("diff", "box").Lines.Where(line => !noise.Contains(line[2..])).Order(StringComparer.Ordinal)
        );
    }

    [TestMethod]
    [DataRow("/app", "new", "f")]
    [DataRow("/app/.", "there", "f")]
    [DataRow("/app", "there", "app/f")]
    [DataRow("/app/f", "there", "f")]
    [DataRow("/app/f", "file", "")]
    [DataRow("/lnk/d", "new", "g")]
    [DataRow("/app/sf", "new", "")]
    [DataRow("/nope", "new", "")]
    [DataRow("/app", "file", "")]
    [DataRow("/app/f", "nope/x", "")]
    [DataRow("/app/f/", "new", "")]
    public void Cp_out_of_a_container_gives_the_files_docker_cp_gives(string path, string destination, string inside)
    {
        using var folder = new TestFolder();
        var (imagetar, docker) = Create(folder);
        foreach (var side in new[] { "ours", "docker" })
        {
            Directory.CreateDirectory(folder[side + "/there"]);
            File.WriteAllText(folder[side + "/file"], "old");
            File.SetLastWriteTimeUtc(folder[side + "/file"], DateTime.UnixEpoch);
            Directory.SetLastWriteTimeUtc(folder[side + "/there"], DateTime.UnixEpoch);
        }

        var ours = imagetar.Try(["cp", "box:" + path, folder["ours/" + destination]]);
        var theirs = SharedEngine.Get().Try(["cp", docker + ":" + path, folder["docker/" + destination]]);
        Assert.AreEqual(theirs.ExitCode, ours.ExitCode, $"{theirs.Error} {ours.Error}");
        Assert.AreEqual(
            theirs.ExitCode == 0 && inside.Length > 0,
            File.Exists($"{folder.Root}/ours/{destination}/{inside}") && inside.Length > 0
        );
        TarListing.AssertSame(
            TarListing.OfFolder(folder["docker"], folder["docker.tar"]).Lines(times: false),
            TarListing.OfFolder(folder["ours"], folder["ours.tar"]).Lines(times: false),
            path
        );
    }

    [TestMethod]
    [DataRow("/app")]
    [DataRow("/app/.")]
    [DataRow("/app/f")]
    [DataRow("/lnk")]
    [DataRow("/lnk/")]
    public void Cp_to_standard_output_gives_the_tar_docker_cp_gives(string path)
    {
        using var folder = new TestFolder();
        var (imagetar, docker) = Create(folder);
        File.WriteAllBytes(folder["ours.tar"], imagetar.Run("cp", "box:" + path, "-").Bytes);
        File.WriteAllBytes(folder["docker.tar"], SharedEngine.Get().Run("cp", $"{docker}:{path}", "-").Bytes);
        TarListing.AssertSame(
            TarListing.OfFile(folder["docker.tar"]).Lines(),
            TarListing.OfFile(folder["ours.tar"]).Lines(),
            path
        );
    }

    [TestMethod]
    public void Docker_loads_what_was_committed_and_exports_the_same_files()
    {
        using var folder = new TestFolder();
        var (imagetar, _) = Create(folder);
        imagetar.Run("cp", folder["src/dd"], "box:/app");
        imagetar.Run(
            "commit",
            "-m",
            "made here",
            "-a",
            "Ada",
            "-c",
            "ENV A=b",
            "-c",
            "WORKDIR /work",
            "box",
            "committed:1"
        );
        imagetar.Run("save", "-o", folder["saved.tar"], "committed:1");
        SharedEngine.Get().Run("load", "-i", folder["saved.tar"]);
        var seen = SharedEngine.Get().Inspect("committed:1");
        Assert.AreEqual(
            imagetar.Inspect("committed:1").GetProperty("Id").GetString(),
            seen.GetProperty("Id").GetString()
        );
        Assert.AreEqual("Ada", seen.GetProperty("Author").GetString());
        Assert.AreEqual("made here", seen.GetProperty("Comment").GetString());
        Assert.AreEqual("/work", seen.GetProperty("Config").GetProperty("WorkingDir").GetString());
        Assert.AreSequenceEqual(
            ["/bin/sh|made here", "layer 0|"],
            SharedEngine
                .Get()
                .Run("history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "committed:1")
                .Lines
        );

        // With --docker-compat nothing is left out of the comparison but times of what is made up.
        SharedEngine.Get().Export("committed:1", folder["docker.tar"]);
        imagetar.Run("export", "--docker-compat", "--xattrs", "capabilities", "-o", folder["ours.tar"], "committed:1");
        TarListing.AssertSame(
            TarListing.OfFile(folder["docker.tar"]).Lines(times: false),
            TarListing.OfFile(folder["ours.tar"]).Lines(times: false),
            "docker-compat"
        );
    }

    private static IReadOnlyList<string> Lines(string tar) =>
        TarListing.OfFile(tar).Lines(DockerNoise.Paths, capabilitiesOnly: true, times: false);

    /// <summary>A container of one image on each side, and files to copy in <c>src</c>.</summary>
    private static (Imagetar Imagetar, string Docker) Create(TestFolder folder)
    {
        var imagetar = new Imagetar(folder["store"]);
        var layer = new HandMadeLayer()
            .Directory("app", 0x1e8)
            .File("app/f", "f")
            .HardLink("app/hard", "app/f")
            .SymbolicLink("app/sf", "f")
            .Directory("app/d")
            .File("app/d/g", "g", 0x1ed, 5, 6)
            .SymbolicLink("lnk", "/app")
            .Directory("over")
            .File("over/dd", "a file where a folder comes")
            .SymbolicLink("etc", "config")
            .Directory("config")
            .File("config/hosts", "mine");
        new HandMadeImage("container:1", layer.ToTar()).Write(folder["image.tar"]);
        imagetar.Run("load", "-i", folder["image.tar"]);
        imagetar.Run("create", "--name", "box", "container:1");
        SharedEngine.Get().Run("load", "-i", folder["image.tar"]);
        Programs.Shell(
            "mkdir -p src/dd/r && cd src && echo new > n && chown 5:6 n && chmod 4755 n && echo q > "
                + "dd/q && echo s > dd/r/s && ln dd/q dd/hard && ln -s q dd/link && mkfifo dd/pipe"
                + " && ln -s n link && chown 7:8 dd && chmod 700 dd && find . -exec touch -h -d @1600000000 {} +",
            folder.Root
        );
        return (imagetar, SharedEngine.Get().Run("create", "--network", "none", "container:1").Output.Trim());
    }
}
