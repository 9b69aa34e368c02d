using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Tar;

[TestClass]
public sealed class LayerScanTests
{
    [TestMethod]
    public void A_layer_is_known_after_one_reading()
    {
        var tar = new RawTar()
            .Block(RawTar.Header("d/", '5'))
            .File("d/f", "hello")
            .Block(RawTar.Header("d/s", '2', link: "f"))
            .Block(RawTar.Header("d/h", '1', link: "d/f"))
            .End();
        var (summary, index) = Scan(tar);
        Assert.AreEqual(new LayerSummary(new DiffId(Digest.Of(tar)), tar.Length, 6, 4, CompressionKind.Gzip), summary);
        Assert.AreEqual(summary, index.Summary);
        Assert.AreEqual("d/ d/f d/s d/h", string.Join(' ', index.ReadEntries().Select(entry => entry.Name.Units)));
        Assert.ThrowsExactly<InvalidOperationException>(() => index.ReadEntries().Count());
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(20)]
    public void However_a_layer_ends_its_DiffID_counts_every_byte(int zeroBlocks)
    {
        byte[] tar =
        [
            .. new RawTar().File("f", "x").Zeros(zeroBlocks).ToArray(),
            .. zeroBlocks >= 2 ? "JUNK"u8.ToArray() : [],
            .. zeroBlocks >= 2 ? RawTar.Header("after") : [],
        ];
        var (summary, _) = Scan(tar);
        Assert.AreEqual(
            (new DiffId(Digest.Of(tar)), (long)tar.Length, 1L),
            (summary.DiffId, summary.PlainSize, summary.Entries)
        );
    }

    [TestMethod]
    public void No_byte_at_all_is_a_layer_without_entries()
    {
        var (summary, index) = Scan([]);
        Assert.AreEqual(
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            summary.DiffId.ToString()
        );
        Assert.IsEmpty(index.ReadEntries());
    }

    [TestMethod]
    public void A_damaged_layer_leaves_no_whole_index()
    {
        var file = new MemoryStream();
        using var writer = new LayerIndexWriter(file);
        var damaged = new RawTar().File("f").Block(RawTar.Header("odd", 'Z')).End();
        Assert.ThrowsExactly<ImageTarException>(() =>
            LayerScan.Run(new MemoryStream(damaged), CompressionKind.None, writer, TarText.Where)
        );
        file.Position = 0;
        Assert.IsNull(LayerIndex.TryOpen(file));
    }

    [TestMethod]
    [DataRow(1L << 40, null, "ITT2023", DisplayName = "a TiB of holes in 2 KiB")]
    [DataRow(long.MaxValue, null, "ITT2023", DisplayName = "more than a number holds, twice")]
    [DataRow(100L << 20, null, null, DisplayName = "empty disk images of 100 MiB are nothing strange")]
    [DataRow(1L << 40, 1L << 42, null, DisplayName = "a TiB that was asked for")]
    [DataRow(3000L, 4096L, "ITT2107", DisplayName = "more than was asked for")]
    public void Holes_count_as_what_they_unpack_to(long size, long? maxUnpacked, string? code)
    {
        (string, string)[] records = [("GNU.sparse.size", $"{size}"), ("GNU.sparse.numblocks", "0")];
        var tar = new RawTar().Pax(records).File("one").Pax(records).File("two").End();
        var scan = () => Scan(tar, maxUnpacked);
        if (code is null)
        {
            Assert.AreEqual(2, scan().Summary.Entries);
        }
        else
        {
            Assert.AreEqual(code, Assert.ThrowsExactly<ImageTarException>(() => scan()).Diagnostic.Code);
        }
    }

    private static (LayerSummary Summary, LayerIndex Index) Scan(byte[] tar, long? maxUnpacked = null)
    {
        var file = new MemoryStream();
        using var writer = new LayerIndexWriter(file);
        var summary = LayerScan.Run(
            TarText.Trickle(tar, 1000),
            CompressionKind.Gzip,
            writer,
            TarText.Where,
            maxUnpacked
        );
        file.Position = 0;
        return (summary, LayerIndex.TryOpen(file)!);
    }
}
