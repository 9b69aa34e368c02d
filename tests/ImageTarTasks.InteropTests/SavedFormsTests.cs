using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Every form save writes, judged by the programs that read it, each as far as it can.</summary>
[TestClass]
public sealed class SavedFormsTests
{
    /// <summary>Formats and layer compressions; null leaves layers as they are stored.</summary>
    private static readonly (string Format, string? Layers)[] Forms =
    [
        ("docker", null),
        ("docker", "none"),
        ("docker", "gzip"),
        ("docker", "gzip:1"),
        ("docker", "zstd"),
        ("oci", "none"),
        ("oci", "gzip"),
        ("oci", "zstd:7"),
    ];

    [
        TestMethod,
        RequiresProgram("bsdtar"),
        RequiresProgram("zstd"),
        DataRow("a.tar"),
        DataRow("a.tar.gz"),
        DataRow("a.tgz"),
        DataRow("a.tar.zst"),
        DataRow("a.tzst")
    ]
    public void Tar_and_bsdtar_list_and_unpack_archives_in_every_compression(string name)
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder);
        imagetar.Run("save", "-o", folder[name], "odd:1");
        imagetar.Run("save", "-o", folder["plain"], "odd:1");
        var expected = Programs.Run("tar", "-tf", folder["plain"]).Output;
        Assert.AreEqual(expected, Programs.Run("tar", "-taf", folder[name]).Output);
        Assert.AreEqual(expected, Programs.Run("bsdtar", "-tf", folder[name]).Output);
        if (name is "a.tar.gz" or "a.tgz")
        {
            Programs.Shell($"gzip -t <{name}; gzip -dc <{name} | cmp - plain", folder.Root);
        }
        else if (name is "a.tar.zst" or "a.tzst")
        {
            Programs.Shell($"zstd -tq {name}; zstd -dcq {name} | cmp - plain", folder.Root);
        }
    }

    [TestMethod]
    public void Every_form_is_right_by_the_specification_and_listed_by_tar()
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder);
        foreach (var (format, layers) in Forms)
        {
            var file = Save(imagetar, folder, format, layers, "odd:1");
            Assert.IsEmpty(OciRules.Violations(File.ReadAllBytes(file)), $"{format} {layers}");
            Assert.IsEmpty(Programs.Run("tar", "-tvf", file).Error);
        }

        imagetar.Run("save", "--format", "oci-dir", "-o", folder["layout"], "odd:1");
        Assert.IsEmpty(OciRules.ViolationsOfFolder(folder["layout"]));
    }

    [TestMethod, RequiresEngine]
    public void Docker_loads_every_form_it_knows_with_the_ID_and_the_tree()
    {
        using var folder = new TestFolder();
        using var engine = DockerEngine.Start();
        foreach (var (format, layers) in Forms.Where(form => form.Format == "docker"))
        {
            // An engine does not read layers it knows: each form has its own.
            var name = $"form/{(layers ?? "stored").Replace(':', '-')}:1";
            var imagetar = Loaded(folder, name, out var id);
            var file = Save(imagetar, folder, format, layers, name);
            var load = engine.Try(["load", "-i", file]);
            if (layers == "zstd")
            {
                Assert.AreNotEqual(
                    0,
                    load.ExitCode,
                    "docs/reference/formats.md says that Docker before 23 cannot read these"
                );
                continue;
            }

            Assert.AreEqual($"Loaded image: {name}\n", load.Succeeds().Output);
            Assert.AreEqual(id, engine.Inspect(name).GetProperty("Id").GetString());
            engine.Export(name, folder["theirs.tar"]);
            imagetar.Run("export", "-o", folder["ours.tar"], name);
            TarListing.AssertSame(
                TarListing.OfFile(folder["ours.tar"]).Lines(DockerNoise.Paths),
                TarListing.OfFile(folder["theirs.tar"]).Lines(DockerNoise.Paths),
                name
            );
        }

        var packed = Loaded(folder, "form/packed:1", out _);
        packed.Run("save", "-o", folder["packed.tar.gz"], "form/packed:1");
        Assert.AreEqual("Loaded image: form/packed:1\n", engine.Run("load", "-i", folder["packed.tar.gz"]).Output);
    }

    [TestMethod, RequiresProgram("skopeo")]
    public void Skopeo_copies_every_form_through_every_transport_and_keeps_the_image()
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder, "odd:1", out var id);
        imagetar.Run("save", "--format", "oci-dir", "--layer-compression", "gzip", "-o", folder["layout"], "odd:1");
        List<string> sources = [$"oci:{folder["layout"]}:1"];
        foreach (var (format, layers) in Forms)
        {
            var file = Save(imagetar, folder, format, layers, "odd:1");
            sources.Add("oci-archive:" + file);
            if (format == "docker")
            {
                sources.Add($"docker-archive:{file}:odd:1");
            }
        }

        foreach (var source in sources)
        {
            Assert.AreEqual(
                id,
                "sha256:" + Sha256(Programs.Run("skopeo", "inspect", "--config", "--raw", source).Bytes),
                source
            );
            var copy = folder["copy"];
            Programs.Run("skopeo", "--insecure-policy", "copy", source, "dir:" + copy);
            Directory.Delete(copy, recursive: true);
        }
    }

    [TestMethod, RequiresRoot, RequiresProgram("umoci"), DataRow("none"), DataRow("gzip")]
    public void Umoci_unpacks_a_folder(string layers)
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder);
        imagetar.Run("save", "--format", "oci-dir", "--layer-compression", layers, "-o", folder["layout"], "odd:1");
        Assert.AreEqual("1", Programs.Run("umoci", "ls", "--layout", folder["layout"]).Output.Trim());
        Programs.Run("umoci", "unpack", "--image", folder["layout"] + ":1", folder["bundle"]);
        Assert.IsNotEmpty(Directory.GetFileSystemEntries(folder["bundle/rootfs"]));
    }

    [TestMethod, RequiresRoot, RequiresProgram("podman")]
    public void Podman_loads_every_form_with_the_ID()
    {
        using var folder = new TestFolder();
        string[] podman =
        [
            "--root",
            folder["podman/root"],
            "--runroot",
            folder["podman/run"],
            "--storage-driver",
            "vfs",
        ];
        foreach (var (format, layers) in Forms)
        {
            var name = $"example.com/form/{format}-{(layers ?? "stored").Replace(':', '-')}:1";
            var imagetar = Loaded(folder, name, out var id);
            var file = Save(imagetar, folder, format, layers, name);
            Programs.Run("podman", [.. podman, "load", "-i", file]);
            var images = Programs
                .Run("podman", [.. podman, "images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"])
                .Lines;
            Assert.Contains($"{id} {name}", images, $"{format} {layers}");
        }
    }

    [TestMethod, RequiresEngine, RequiresProgram("skopeo"), RequiresProgram("podman"), RequiresRoot]
    public void Other_tools_complete_a_delta_or_say_which_layer_is_missing()
    {
        using var folder = new TestFolder();
        using var engine = DockerEngine.Start();
        var below = OddLayers.Agreed();
        new HandMadeImage("base:1", below).Write(folder["base.docker.tar"]);
        new HandMadeImage("app:1", (byte[][])[.. below, new HandMadeLayer().File("app", "1").ToTar()]).Write(
            folder["app.docker.tar"]
        );
        var imagetar = new Imagetar(folder["store"]);
        imagetar.Run("load", "-i", folder["base.docker.tar"]);
        imagetar.Run("load", "-i", folder["app.docker.tar"]);
        imagetar.Run("save", "-o", folder["base.tar"], "base:1");
        imagetar.Run("save", "-o", folder["delta.tar"], "--except", folder["base.tar"], "app:1");
        imagetar.Run("save", "-o", folder["app.tar"], "app:1");
        var missing = new HandMadeImage("x:1", below).DiffIds;

        var refused = engine.Try(["load", "-i", folder["delta.tar"]]);
        Assert.AreNotEqual(0, refused.ExitCode);
        Assert.Contains(missing[0][7..], refused.Error);
        engine.Run("load", "-i", folder["base.tar"]);
        Assert.AreEqual("Loaded image: app:1\n", engine.Run("load", "-i", folder["delta.tar"]).Output);
        Assert.AreEqual(
            imagetar.Inspect("app:1").GetProperty("Id").GetString(),
            engine.Inspect("app:1").GetProperty("Id").GetString()
        );

        foreach (
            var source in new[]
            {
                "docker-archive:" + folder["delta.tar"] + ":app:1",
                "oci-archive:" + folder["delta.tar"],
            }
        )
        {
            var copy = Programs.Try("skopeo", ["--insecure-policy", "copy", source, "dir:" + folder["copy"]]);
            Assert.AreNotEqual(0, copy.ExitCode, source);
            Assert.IsTrue(
                missing.Any(layer => copy.Error.Contains(layer[7..], StringComparison.Ordinal))
                    || copy.Error.Contains("layer tarfiles are missing", StringComparison.Ordinal),
                copy.Error
            );
        }

        string[] podman =
        [
            "--root",
            folder["podman/root"],
            "--runroot",
            folder["podman/run"],
            "--storage-driver",
            "vfs",
        ];
        Assert.AreNotEqual(0, Programs.Try("podman", [.. podman, "load", "-i", folder["delta.tar"]]).ExitCode);

        // Ours, on another machine: base and delta make the whole.
        var receiver = new Imagetar(folder["receiver"]);
        Assert.Contains("ITT2240", receiver.Try(["load", "-i", folder["delta.tar"]]).Error);
        receiver.Run("load", "-i", folder["base.tar"]);
        receiver.Run("load", "-i", folder["delta.tar"]);
        receiver.Run("save", "-o", folder["again.tar"], "app:1");
        Programs.Run("cmp", folder["app.tar"], folder["again.tar"]);
    }

    [TestMethod]
    public void Every_form_is_the_same_bytes_whatever_the_machine_says_and_the_order_of_arguments()
    {
        using var folder = new TestFolder();
        var one = Loaded(folder, "odd:1", out _);
        new HandMadeImage("second:1", new HandMadeLayer().File("two", "2").ToTar()).Write(folder["second.tar"]);
        one.Run("load", "-i", folder["second.tar"]);
        var other = new Imagetar(folder["other store"]);
        other.Run("load", "-i", folder["second.tar"]);
        other.Run("load", "-i", folder["odd.tar"]);
        var elsewhere = new Dictionary<string, string?>
        {
            ["TZ"] = "Pacific/Chatham",
            ["LANG"] = "tr_TR.UTF-8",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["HOME"] = folder["home"],
            ["DOTNET_PROCESSOR_COUNT"] = "1",
            ["SOURCE_DATE_EPOCH"] = "1",
        };
        foreach (var (format, layers) in Forms)
        {
            foreach (var compression in layers is null ? new[] { "none", "gzip", "zstd" } : ["none"])
            {
                string[] options =
                [
                    "--format",
                    format,
                    "--compression",
                    compression,
                    .. layers is null ? Array.Empty<string>() : ["--layer-compression", layers],
                ];
                one.Run(["save", .. options, "-o", folder["one"], "odd:1", "second:1"]);
                Programs
                    .Try(
                        "/bin/sh",
                        [
                            "-ec",
                            $"umask 0277; exec {Imagetar.Executable} save {string.Join(' ', options)} "
                                + $"second:1 odd:1 second:1 | cat >{folder["two"]}",
                        ],
                        new ProgramOptions
                        {
                            Environment = new Dictionary<string, string?>(elsewhere)
                            {
                                ["IMAGETAR_STORE"] = other.Store,
                            },
                        }
                    )
                    .Succeeds();
                Programs.Run("cmp", folder["one"], folder["two"]);
                File.Delete(folder["two"]);
            }
        }
    }

    private static Imagetar Loaded(TestFolder folder) => Loaded(folder, "odd:1", out _);

    /// <summary>A store with an image that has a layer no other image has.</summary>
    private static Imagetar Loaded(TestFolder folder, string name, out string id)
    {
        var own = new HandMadeLayer().File("name", name).File("zeros", new string('0', 300_000)).ToTar();
        new HandMadeImage(name, (byte[][])[own, .. OddLayers.Agreed()]).Write(folder["odd.tar"]);
        var imagetar = new Imagetar(folder["stores/" + Guid.NewGuid().ToString("n")]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        id = imagetar.Inspect(name).GetProperty("Id").GetString()!;
        return imagetar;
    }

    private static string Save(Imagetar imagetar, TestFolder folder, string format, string? layers, string name)
    {
        var file = folder[$"{format}-{(layers ?? "stored").Replace(':', '-')}.tar"];
        imagetar.Run([
            "save",
            "--format",
            format,
            .. layers is null ? Array.Empty<string>() : ["--layer-compression", layers],
            "-o",
            file,
            name,
        ]);
        return file;
    }

    private static string Sha256(byte[] bytes) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
