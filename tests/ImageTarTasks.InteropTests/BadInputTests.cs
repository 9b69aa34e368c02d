using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// What a user sees of a bad archive: one line with a code that names the file and what in it is wrong; and a store as
/// it was.
/// </summary>
[TestClass]
public sealed partial class BadInputTests
{
    [TestMethod]
    [DataRow("text", "bad.tar", null)]
    [DataRow("empty", "bad.tar", null)]
    [DataRow("cut in a layer", "bad.tar", "layer1/layer.tar")]
    [DataRow("cut gzip", "bad.tar", null)]
    [DataRow("wrong DiffID", "bad.tar", "layer1/layer.tar")]
    [DataRow("missing layer", "bad.tar", "layer1/layer.tar")]
    [DataRow("layer is no tar", "bad.tar", "layer2/layer.tar")]
    [DataRow("root filesystem", "bad.tar", null)]
    [DataRow("absent", "bad.tar", null)]
    public void A_bad_archive_is_refused_with_one_coded_line_and_leaves_the_store_alone(
        string kind,
        string file,
        string? member
    )
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("good:1", OddLayers.Agreed()).Write(folder["good.tar"]);
        imagetar.Run("load", "-i", folder["good.tar"]);
        var before = imagetar.Content();
        Spoil(kind, folder);

        var result = imagetar.Try(["load", "-i", folder["bad.tar"]]);

        AssertRefused(result, file, member);
        CollectionAssert.AreEqual(before.ToArray(), imagetar.Content().ToArray());
        Assert.AreEqual("good", imagetar.Run("images").Lines[1].Split(' ')[0]);
    }

    [TestMethod]
    public void A_root_filesystem_given_to_load_is_answered_with_import()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        File.WriteAllBytes(folder["rootfs.tar"], OddLayers.Agreed()[0]);
        Assert.Contains("import", imagetar.Try(["load", "-i", folder["rootfs.tar"]]).Error);
    }

    [TestMethod]
    public void A_save_or_export_of_nothing_writes_no_file_and_speaks_as_Docker_does()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);

        var save = imagetar.Try(["save", "-o", folder["saved.tar"], "nosuch"]);
        AssertRefused(save, "No such image: nosuch", null);
        var export = imagetar.Try(["export", "-o", folder["exported.tar"], "nosuch"]);
        AssertRefused(export, "No such container: nosuch", null);

        CollectionAssert.AreEqual(Array.Empty<string>(), Directory.GetFiles(folder.Root));
    }

    [TestMethod]
    public void A_save_of_a_damaged_store_leaves_the_file_that_was_there()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("good:1", OddLayers.Agreed()).Write(folder["good.tar"]);
        imagetar.Run("load", "-i", folder["good.tar"]);
        File.WriteAllText(folder["out.tar"], "precious");
        var largest = new DirectoryInfo(folder["store"] + "/blobs/sha256").GetFiles().MaxBy(file => file.Length)!;
        using (
            var blob = new FileStream(
                largest.FullName,
                new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite }
            )
        )
        {
            blob.Position = blob.Length / 2;
            blob.WriteByte(0xa5);
            blob.WriteByte(0x5a);
        }

        var result = imagetar.Try(["save", "-o", folder["out.tar"], "good:1"]);

        AssertRefused(result, largest.Name, null);
        Assert.AreEqual("precious", File.ReadAllText(folder["out.tar"]));
        Assert.HasCount(2, Directory.GetFiles(folder.Root));
    }

    private static void Spoil(string kind, TestFolder folder)
    {
        var file = folder["bad.tar"];
        var layers = OddLayers.Agreed();
        switch (kind)
        {
            case "text":
                File.WriteAllText(file, string.Concat(Enumerable.Repeat("This is not an archive.\n", 100)));
                break;
            case "empty":
                File.WriteAllBytes(file, []);
                break;
            case "cut in a layer":
                new HandMadeImage("bad:1", layers).Write(file);
                using (var stream = File.OpenWrite(file))
                {
                    // Beyond the configuration and the first layer: three header blocks and two contents that fill
                    // whole blocks.
                    stream.SetLength((512 * 5) + layers[0].Length + (layers[1].Length / 2));
                }

                break;
            case "cut gzip":
                new HandMadeImage("bad:1", layers).Write(folder["whole.tar"]);
                Programs.Shell($"gzip <{folder["whole.tar"]} | head -c -100 >{file}");
                break;
            case "wrong DiffID":
                var lying = new HandMadeImage("bad:1", layers);
                lying.DiffIds[1] = "sha256:" + new string('0', 64);
                lying.Write(file);
                break;
            case "missing layer":
                new HandMadeImage("bad:1", layers).Write(file, HandMadeImage.LayerMember(1));
                break;
            case "layer is no tar":
                new HandMadeImage("bad:1", layers[0], layers[1], [.. Enumerable.Repeat((byte)'x', 2048)]).Write(file);
                break;
            case "root filesystem":
                File.WriteAllBytes(file, layers[0]);
                break;
            case "absent":
                break;
        }
    }

    private static void AssertRefused(ProgramResult result, string named, string? member)
    {
        Assert.AreNotEqual(0, result.ExitCode, result.ToString());
        Assert.IsEmpty(result.Output, result.ToString());
        Assert.HasCount(1, result.ErrorLines, result.ToString());
        Assert.MatchesRegex(CodedLine(), result.ErrorLines[0]);
        Assert.Contains(named, result.Error);
        Assert.Contains(member ?? "", result.Error);
    }

    [GeneratedRegex(@"\berror ITT[123]\d{3}: ")]
    private static partial Regex CodedLine();
}
