using System.Security.Cryptography;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// The archives themselves: ordinary programs read them, and the same image gives the same bytes anywhere.
/// </summary>
[TestClass]
public sealed class ArchiveFormTests
{
    [TestMethod, RequiresProgram("bsdtar"), RequiresProgram("skopeo"), DataRow("docker"), DataRow("oci")]
    public void GNU_tar_bsdtar_and_skopeo_read_an_archive_whole(string format)
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder);
        imagetar.Run("save", "--format", format, "-o", folder["ours.tar"], "odd:1");

        var gnu = Programs.Run("tar", "-tf", folder["ours.tar"]);
        var bsd = Programs.Run("bsdtar", "-tf", folder["ours.tar"]);
        CollectionAssert.AreEqual(gnu.Lines, bsd.Lines);
        Assert.IsEmpty(gnu.Error + bsd.Error);
        CollectionAssert.AllItemsAreUnique(gnu.Lines);
        Assert.Contains("index.json", gnu.Lines);
        Assert.AreEqual(format == "docker", gnu.Lines.Contains("manifest.json"));
        Programs.Shell(
            $"mkdir gnu bsd; tar -xf ours.tar -C gnu; bsdtar -xf ours.tar -C bsd; diff -r gnu bsd",
            folder.Root
        );
        foreach (var blob in Directory.GetFiles(folder["gnu"] + "/blobs/sha256"))
        {
            using var stream = File.OpenRead(blob);
            Assert.AreEqual(Path.GetFileName(blob), Convert.ToHexStringLower(SHA256.HashData(stream)));
        }

        Programs.Run(
            "skopeo",
            "--insecure-policy",
            "copy",
            "oci-archive:" + folder["ours.tar"],
            "dir:" + folder["copied"]
        );
    }

    [TestMethod]
    public void Archives_and_exports_are_the_same_bytes_whatever_the_time_zone_umask_language_store_and_door()
    {
        using var folder = new TestFolder();
        var one = Loaded(folder);
        var other = new Imagetar(folder["other store"]);
        var container = one.Run("create", "odd:1").Output.Trim();
        one.Run("save", "-o", folder["file.tar"], "odd:1");
        one.Run("export", "-o", folder["tree.tar"], container);

        // Another machine: other zone, language and umask, loaded from the archive of the first.
        var elsewhere = new Dictionary<string, string?>
        {
            ["TZ"] = "Asia/Kathmandu",
            ["LANG"] = "tr_TR.UTF-8",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["HOME"] = folder["home"],
        };
        other.Try(["load"], new ProgramOptions { InputFile = folder["file.tar"], Environment = elsewhere }).Succeeds();
        Programs
            .Try(
                "/bin/sh",
                ["-ec", $"umask 0277; exec {Imagetar.Executable} save odd:1 | cat >{folder["pipe.tar"]}"],
                new ProgramOptions
                {
                    Environment = new Dictionary<string, string?>(elsewhere) { ["IMAGETAR_STORE"] = other.Store },
                }
            )
            .Succeeds();
        var again = other
            .Try(["create", "odd:1"], new ProgramOptions { Environment = elsewhere })
            .Succeeds()
            .Output.Trim();
        other
            .Try(["export", again], new ProgramOptions { Environment = elsewhere, OutputFile = folder["tree2.tar"] })
            .Succeeds();

        Programs.Run("cmp", folder["file.tar"], folder["pipe.tar"]);
        Programs.Run("cmp", folder["tree.tar"], folder["tree2.tar"]);
    }

    [
        TestMethod,
        RequiresProgram("pigz"),
        DataRow("cat"),
        DataRow("gzip -1"),
        DataRow("pigz -p 2"),
        DataRow("zstd -3"),
        DataRow("zstd -19 --long=20"),
        DataRow("xz -1"),
        DataRow("bzip2")
    ]
    public void A_load_of_a_compressed_archive_through_a_pipe_is_a_load_of_the_plain_file(string program)
    {
        using var folder = new TestFolder();
        var imagetar = Loaded(folder);
        var piped = new Imagetar(folder["piped"]);
        Programs.Shell($"{program} <odd.tar >packed", folder.Root);
        Assert.AreEqual(
            "Loaded image: odd:1\n",
            piped.Try(["load"], new ProgramOptions { InputFile = folder["packed"] }).Succeeds().Output
        );
        CollectionAssert.AreEqual(imagetar.Content().ToArray(), piped.Content().ToArray());
    }

    private static Imagetar Loaded(TestFolder folder)
    {
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        return imagetar;
    }
}
