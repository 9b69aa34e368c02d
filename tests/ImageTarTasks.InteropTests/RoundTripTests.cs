using System.Text.Json;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Archives other programs write go through our store and back into those programs, and nothing is lost on the way.
/// </summary>
[TestClass]
public sealed class RoundTripTests
{
    // When a name was given, where the engine keeps the layers, and how large they are on its disk: an engine's own
    // business. The names are compared apart: the shared engine has more for the same image, of other tests.
    private static readonly string[] EnginesOwn =
    [
        "Metadata",
        "GraphDriver",
        "Size",
        "VirtualSize",
        "Parent",
        "RepoTags",
    ];

    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void An_image_of_Docker_comes_back_to_a_fresh_engine_with_its_ID_names_history_and_configuration()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        using var fresh = DockerEngine.Start();
        BuiltImages.Build(SharedEngine.Get(), folder["context"], "round/trip:1");
        SharedEngine.Get().Run("tag", "round/trip:1", "round/other:two");
        SharedEngine.Get().Run("save", "-o", folder["theirs.tar"], "round/trip:1", "round/other:two");

        Assert.AreEqual(
            "Loaded image: round/trip:1\nLoaded image: round/other:two\n",
            imagetar.Run("load", "-i", folder["theirs.tar"]).Output
        );
        imagetar.Run("save", "-o", folder["ours.tar"], "round/trip:1", "round/other:two");
        LoadInto(fresh, folder["ours.tar"], "Loaded image: round/other:two", "Loaded image: round/trip:1");

        Assert.AreEqual(
            JsonText.Canonical(SharedEngine.Get().Inspect("round/trip:1"), EnginesOwn),
            JsonText.Canonical(fresh.Inspect("round/trip:1"), EnginesOwn)
        );
        CollectionAssert.AreEquivalent(
            new[] { "round/trip:1", "round/other:two" },
            fresh
                .Inspect("round/trip:1")
                .GetProperty("RepoTags")
                .EnumerateArray()
                .Select(tag => tag.GetString())
                .ToArray()
        );
        Assert.AreEqual(
            ConfigurationSteps(SharedEngine.Get(), "round/trip:1"),
            ConfigurationSteps(fresh, "round/trip:1")
        );

        // The layers are there, not just named: they unpack to the same tree.
        SharedEngine.Get().Export("round/trip:1", folder["one.tar"]);
        fresh.Export("round/trip:1", folder["two.tar"]);
        TarListing.AssertSame(
            TarListing.OfFile(folder["one.tar"]).Lines(DockerNoise.Paths),
            TarListing.OfFile(folder["two.tar"]).Lines(DockerNoise.Paths),
            "the tree of the fresh engine"
        );
    }

    [TestMethod, RequiresProgram("skopeo")]
    public void A_digest_of_skopeo_survives_load_and_save()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        Skopeo("copy", "docker-archive:" + folder["odd.tar"], $"oci-archive:{folder["theirs.tar"]}:odd:1");

        imagetar.Run("load", "-i", folder["theirs.tar"]);
        var name = imagetar.Run("images", "-q").Lines.Single();
        imagetar.Run("save", "--format", "oci", "-o", folder["ours.tar"], name);

        Assert.AreEqual(
            Skopeo("inspect", "--raw", "oci-archive:" + folder["theirs.tar"]).Output,
            Skopeo("inspect", "--raw", "oci-archive:" + folder["ours.tar"]).Output,
            "the manifest"
        );
        Assert.AreEqual(
            Skopeo("inspect", "--config", "--raw", "oci-archive:" + folder["theirs.tar"]).Output,
            Skopeo("inspect", "--config", "--raw", "oci-archive:" + folder["ours.tar"]).Output,
            "the configuration"
        );
        // A copy reads and verifies every blob.
        Skopeo("copy", "oci-archive:" + folder["ours.tar"], "dir:" + folder["copied"]);
    }

    [TestMethod, RequiresProgram("skopeo")]
    public void A_docker_archive_of_ours_is_one_to_skopeo()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        imagetar.Run("tag", "odd:1", "example.com/team/odd:two");
        imagetar.Run("save", "-o", folder["ours.tar"], "odd:1", "example.com/team/odd:two");

        CollectionAssert.AreEquivalent(
            new[] { "odd:1", "example.com/team/odd:two" },
            JsonDocument
                .Parse(Skopeo("list-tags", "docker-archive:" + folder["ours.tar"]).Bytes)
                .RootElement.GetProperty("Tags")
                .EnumerateArray()
                .Select(tag => tag.GetString())
                .ToArray()
        );
        Assert.AreEqual(
            Skopeo("inspect", "--config", "--raw", $"docker-archive:{folder["odd.tar"]}:odd:1").Output,
            Skopeo("inspect", "--config", "--raw", $"docker-archive:{folder["ours.tar"]}:odd:1").Output,
            "the configuration"
        );
        Skopeo("copy", $"docker-archive:{folder["ours.tar"]}:example.com/team/odd:two", "dir:" + folder["copied"]);
    }

    [TestMethod, RequiresRoot, RequiresProgram("skopeo"), RequiresProgram("umoci")]
    public void A_layout_folder_of_umoci_loads_and_comes_back()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        Skopeo("copy", "docker-archive:" + folder["odd.tar"], $"oci:{folder["layout"]}:v1");
        Programs.Run(
            "umoci",
            "config",
            "--image",
            folder["layout"] + ":v1",
            "--tag",
            "v2",
            "--config.env",
            "ADDED=by umoci"
        );
        var before = Umoci.UnpackLayout(folder["layout"], folder["before"]);

        imagetar.Run("load", "-i", folder["layout"]);
        foreach (var id in imagetar.Run("images", "-q", "--no-trunc").Lines.Distinct())
        {
            // umoci lists what has a name.
            imagetar.Run("tag", id, "back:" + id[7..19]);
            imagetar.Run("save", "--format", "oci", "-o", folder["ours.tar"], "back:" + id[7..19]);
            var after = Umoci.Unpack(folder["ours.tar"], folder["after-" + id[7..19]]);
            TarListing.AssertSame(
                TarListing.OfFolder(before, folder["before.tar"]).Lines(),
                TarListing.OfFolder(after, folder["after.tar"]).Lines(),
                "the tree"
            );
        }

        Assert.HasCount(2, imagetar.Run("images", "-q").Lines);
    }

    [
        TestMethod,
        RequiresRoot,
        RequiresProgram("podman"),
        DataRow("docker-archive", "docker"),
        DataRow("oci-archive", "oci")
    ]
    public void Podman_loads_what_we_save_and_we_load_what_podman_saves(string theirFormat, string ourFormat)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("example.com/odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        var id = imagetar.Inspect("example.com/odd:1").GetProperty("Id").GetString();
        imagetar.Run("save", "--format", ourFormat, "-o", folder["ours.tar"], "example.com/odd:1");
        string[] podman =
        [
            "--root",
            folder["podman/root"],
            "--runroot",
            folder["podman/run"],
            "--storage-driver",
            "vfs",
        ];

        Programs.Run("podman", [.. podman, "load", "-i", folder["ours.tar"]]);
        var loaded = Programs
            .Run("podman", [.. podman, "images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"])
            .Lines.Single();
        Assert.AreEqual($"{id} example.com/odd:1", loaded);
        Programs.Run(
            "podman",
            [.. podman, "save", "--format", theirFormat, "-o", folder["theirs.tar"], "example.com/odd:1"]
        );

        var second = new Imagetar(folder["second"]);
        Assert.AreEqual("Loaded image: example.com/odd:1\n", second.Run("load", "-i", folder["theirs.tar"]).Output);
        CollectionAssert.AreEqual(Layers(imagetar, "example.com/odd:1"), Layers(second, "example.com/odd:1"));
        if (theirFormat == "docker-archive")
        {
            // For OCI podman writes the configuration anew, so that only the layers can be the same.
            Assert.AreEqual(id, second.Inspect("example.com/odd:1").GetProperty("Id").GetString());
        }
    }

    private static string[] Layers(Imagetar imagetar, string image) =>
        [
            .. imagetar
                .Inspect(image)
                .GetProperty("RootFS")
                .GetProperty("Layers")
                .EnumerateArray()
                .Select(layer => layer.GetString()!),
        ];

    private static void LoadInto(DockerEngine engine, string archive, params string[] expected)
    {
        CollectionAssert.AreEquivalent(expected, engine.Run("load", "-i", archive).Lines);
    }

    private static string ConfigurationSteps(DockerEngine engine, string image) =>
        engine
            .Run(
                "history",
                "--no-trunc",
                "--human=false",
                "--format",
                "{{.CreatedAt}} {{.CreatedBy}} {{.Size}} {{.Comment}}",
                image
            )
            .Output;

    private static ProgramResult Skopeo(params string[] arguments) =>
        Programs.Run("skopeo", ["--insecure-policy", .. arguments]);
}
