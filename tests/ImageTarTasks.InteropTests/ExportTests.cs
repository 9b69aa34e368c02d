using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>The flattened root filesystem, path by path, against what other programs make of the same layers.</summary>
[TestClass]
public sealed class ExportTests
{
    [TestMethod, RequiresEngine, RequiresProgram("skopeo"), RequiresProgram("umoci")]
    public void Docker_and_umoci_make_the_same_tree_of_the_agreed_layers_our_writer_wrote()
    {
        using var folder = new TestFolder();
        new HandMadeImage("agreed:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        SharedEngine.Get().Run("load", "-i", folder["odd.tar"]);
        SharedEngine.Get().Export("agreed:1", folder["docker.tar"]);
        Programs.Run(
            "skopeo",
            "--insecure-policy",
            "copy",
            "docker-archive:" + folder["odd.tar"],
            $"oci:{folder["layout"]}:1"
        );
        var unpacked = Umoci.UnpackLayout(folder["layout"], folder["bundle"]);

        TarListing.AssertSame(
            TarListing.OfFile(folder["docker.tar"]).Lines(DockerNoise.Paths, capabilitiesOnly: true),
            TarListing.OfFolder(unpacked, folder["umoci.tar"]).Lines(DockerNoise.Paths, capabilitiesOnly: true),
            "umoci's tree"
        );
    }

    [TestMethod, RequiresEngine]
    public void Export_of_odd_layers_gives_the_tree_docker_export_gives()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        Assert.AreEqual("Loaded image: odd:1\n", imagetar.Run("load", "-i", folder["odd.tar"]).Output);
        var ours = Export(imagetar, "odd:1", folder);

        SharedEngine.Get().Run("load", "-i", folder["odd.tar"]);
        SharedEngine.Get().Export("odd:1", folder["docker.tar"]);
        TarListing.AssertSame(
            TarListing.OfFile(folder["docker.tar"]).Lines(DockerNoise.Paths, capabilitiesOnly: true),
            ours.Lines(DockerNoise.Paths, capabilitiesOnly: true),
            "export"
        );
    }

    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void Export_of_a_built_image_gives_the_tree_docker_export_gives()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        BuiltImages.Build(SharedEngine.Get(), folder["context"], "exported:1");
        SharedEngine.Get().Run("save", "-o", folder["built.tar"], "exported:1");
        imagetar.Run("load", "-i", folder["built.tar"]);

        SharedEngine.Get().Export("exported:1", folder["docker.tar"]);
        TarListing.AssertSame(
            TarListing.OfFile(folder["docker.tar"]).Lines(DockerNoise.Paths, capabilitiesOnly: true),
            Export(imagetar, "exported:1", folder).Lines(DockerNoise.Paths, capabilitiesOnly: true),
            "export"
        );
    }

    [
        TestMethod,
        RequiresRoot,
        RequiresProgram("umoci"),
        DataRow("agreed"),
        DataRow("contested"),
        DataRow("opaque root")
    ]
    public void Export_gives_the_tree_umoci_unpacks(string which)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        var layers = which switch
        {
            "agreed" => OddLayers.Agreed(),
            "contested" => OddLayers.Contested(),
            _ => OddLayers.OpaqueRoot(),
        };
        new HandMadeImage("odd:1", layers).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        var ours = Export(imagetar, "odd:1", folder);

        imagetar.Run("save", "--format", "oci", "-o", folder["oci.tar"], "odd:1");
        var unpacked = Umoci.Unpack(folder["oci.tar"], folder["umoci"]);
        TarListing.AssertSame(TarListing.OfFolder(unpacked, folder["umoci.tar"]).Lines(), ours.Lines(), "export");
    }

    [TestMethod, RequiresRoot, RequiresProgram("umoci")]
    public void Export_of_random_layers_gives_the_tree_umoci_unpacks()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            using var folder = new TestFolder();
            var imagetar = new Imagetar(folder["store"]);
            new HandMadeImage("random:1", RandomLayers.Of(seed)).Write(folder["random.tar"]);
            imagetar.Run("load", "-i", folder["random.tar"]);
            var ours = Export(imagetar, "random:1", folder);
            imagetar.Run("save", "--format", "oci", "-o", folder["oci.tar"], "random:1");
            var unpacked = Umoci.Unpack(folder["oci.tar"], folder["umoci"]);
            var theirs = TarListing.OfFolder(unpacked, folder["umoci.tar"]).Lines();
            TarListing.AssertSame(theirs, ours.Lines(), $"seed {seed}");
            Assert.IsGreaterThan(2, theirs.Count, $"seed {seed}");
        }
    }

    [TestMethod, RequiresRoot, RequiresProgram("bsdtar")]
    public void GNU_tar_and_bsdtar_extract_an_export_to_the_same_tree()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        var expected = Export(imagetar, "odd:1", folder).Lines();
        var file = folder["ours.tar"];

        // GNU tar sets a folder's time when it meets an entry outside it, unless told that more may come: an export is
        // in the order of layers.
        Programs.Shell(
            $"mkdir gnu bsd; tar --delay-directory-restore --numeric-owner --same-owner --xattrs "
                + $"'--xattrs-include=*' -xpf {file} -C gnu; bsdtar --numeric-owner --same-owner -xpf "
                + $"{file} -C bsd",
            folder.Root
        );
        TarListing.AssertSame(expected, TarListing.OfFolder(folder["gnu"], folder["gnu.tar"]).Lines(), "GNU tar");
        TarListing.AssertSame(expected, TarListing.OfFolder(folder["bsd"], folder["bsd.tar"]).Lines(), "bsdtar");
    }

    private static TarListing Export(Imagetar imagetar, string image, TestFolder folder)
    {
        var container = imagetar.Run("create", image).Output.Trim();
        imagetar.Run("export", "-o", folder["ours.tar"], container);
        return TarListing.OfFile(folder["ours.tar"]);
    }
}
