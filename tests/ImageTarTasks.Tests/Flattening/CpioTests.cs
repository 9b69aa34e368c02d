using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Tests.Archives;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Flattening;

[TestClass]
public sealed class CpioTests
{
    private const string Layers = "./@711:3 d/@750:4 d/f=text@4755:5 h⇒d/f@4755:5 s→d/f t⇒s e= z=12345 | z=6";

    [TestMethod]
    public void A_known_file_gives_the_known_bytes()
    {
        // buffer-format.rst: magic, then 13 fields of 8 hex digits; name with a NUL and content padded to 4; the whole
        // to 512.
        const string Expected =
            "070701"
            + "00000001"
            + "000081a4"
            + "00000000"
            + "00000000"
            + "00000001"
            + "000003e8"
            + "00000003"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000002"
            + "00000000"
            + "f\0"
            + "abc\0"
            + "070701"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000001"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000000"
            + "00000000"
            + "0000000b"
            + "00000000"
            + "TRAILER!!!\0\0\0\0";
        Assert.AreEqual(Expected.PadRight(512, '\0'), Encoding.ASCII.GetString(Cpio("f=abc")));
    }

    [TestMethod]
    public void A_file_whose_name_ends_a_cpio_is_refused()
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(() => Cpio("a=1 TRAILER!!!=2 z=3"));
        Assert.AreEqual("ITT2435", refused.Diagnostic.Code);
        StringAssert.Contains(Encoding.ASCII.GetString(Cpio("d/ d/TRAILER!!!=2 z=3")), "d/TRAILER!!!");
    }

    [TestMethod]
    [RequiresProgram("bsdtar")]
    public void Bsdtar_reads_what_was_written()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["flat.cpio"], Cpio(Layers));
        var listing = Encoding.UTF8.GetString(
            ThirdParty.Run(
                "bsdtar",
                "-cf",
                "-",
                "--format=mtree",
                "--options=mtree:!all,mtree:type,mtree:mode,mtree:uid,mtree:size,mtree:link,mtree:nlink",
                "@" + folder["flat.cpio"]
            )
        );
        Assert.AreSequenceEqual(
            [
                "#mtree",
                ". mode=711 uid=3 type=dir",
                "./d mode=750 uid=4 type=dir",
                "./d/f nlink=2 mode=4755 uid=5 type=file size=4",
                "./e mode=644 uid=0 type=file size=0",
                "./h nlink=2 mode=4755 uid=5 type=file size=0",
                "./s mode=777 uid=0 type=link link=d/f",
                "./t mode=777 uid=0 type=link link=d/f",
                "./z mode=644 uid=0 type=file size=1",
            ],
            listing
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line != "..")
                .Order(StringComparer.Ordinal)
        );
        Assert.AreEqual("text", Encoding.UTF8.GetString(ThirdParty.Run("bsdtar", "-xOf", folder["flat.cpio"], "d/f")));
        Assert.AreEqual("6", Encoding.UTF8.GetString(ThirdParty.Run("bsdtar", "-xOf", folder["flat.cpio"], "z")));
    }

    [TestMethod]
    public void Times_a_cpio_cannot_hold_become_the_nearest()
    {
        var output = new MemoryStream();
        var cpio = new CpioOutput(output);
        foreach (var seconds in new[] { -5L, 1L << 40 })
        {
            cpio.Add(
                LayerTar.Entry("f=", out _) with
                {
                    ModificationTime = new TarTime(seconds),
                },
                new FileNames(1, ByteString.FromText("f")),
                Stream.Null,
                CancellationToken.None
            );
        }

        var text = Encoding.ASCII.GetString(output.ToArray());
        Assert.AreEqual("00000000", text.Substring(46, 8));
        Assert.AreEqual("ffffffff", text.Substring(112 + 46, 8));
    }

    [TestMethod]
    public void A_file_of_4_GiB_is_refused_before_its_header()
    {
        var output = new MemoryStream();
        var large = LayerTar.Entry("f=", out _) with { Size = 1L << 32 };
        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            new CpioOutput(output).Add(large, new FileNames(1, large.Name), Stream.Null, CancellationToken.None)
        );
        Assert.AreEqual("ITT2431", refused.Diagnostic.Code);
        Assert.AreEqual(0, output.Length);
    }

    [TestMethod]
    public void Lost_attributes_are_counted_by_file()
    {
        var cpio = new CpioOutput(Stream.Null);
        var entry = LayerTar.Entry("f=", out _) with { Xattrs = [new Xattr(ByteString.FromText("user.u"), default)] };
        cpio.Add(entry, new FileNames(2, entry.Name), Stream.Null, CancellationToken.None);
        cpio.Add(
            entry with
            {
                Name = ByteString.FromText("g"),
            },
            new FileNames(2, entry.Name),
            null,
            CancellationToken.None
        );
        Assert.AreEqual(1, cpio.LostXattrs);
    }

    private static byte[] Cpio(string words)
    {
        var layers = LayerTar.Layers(words);
        var merge = new LayerMerge();
        foreach (var layer in layers)
        {
            merge.Add(() => LayerTar.Entries(layer), new ContentLocation("test"));
        }

        var output = new MemoryStream();
        new FlatWriter(merge.Tree, new CpioOutput(output), new ExportOptions()).Write(
            number => new LayerContent(new MemoryStream(layers[number]), new ContentLocation("test")),
            CancellationToken.None
        );
        return output.ToArray();
    }
}
