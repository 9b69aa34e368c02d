using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.Tests.Tar;

[TestClass]
public sealed class LayerScanTests
{
    [TestMethod]
    public void A_layer_is_known_after_one_reading()
    {
        var tar = new RawTar().Block(RawTar.Header("d/", '5')).File("d/f", "hello").Block(RawTar.Header("d/s", '2', link: "f")).Block(RawTar.Header("d/h", '1', link: "d/f")).End();
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
        byte[] tar = [.. new RawTar().File("f", "x").Zeros(zeroBlocks).ToArray(), .. zeroBlocks >= 2 ? "JUNK"u8.ToArray() : [], .. zeroBlocks >= 2 ? RawTar.Header("after") : []];
        var (summary, _) = Scan(tar);
        Assert.AreEqual((new DiffId(Digest.Of(tar)), (long)tar.Length, 1L), (summary.DiffId, summary.PlainSize, summary.Entries));
    }

    [TestMethod]
    public void No_byte_at_all_is_a_layer_without_entries()
    {
        var (summary, index) = Scan([]);
        Assert.AreEqual("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", summary.DiffId.ToString());
        Assert.IsEmpty(index.ReadEntries());
    }

    [TestMethod]
    public void A_damaged_layer_leaves_no_whole_index()
    {
        var file = new MemoryStream();
        using var writer = new LayerIndexWriter(file);
        var damaged = new RawTar().File("f").Block(RawTar.Header("odd", 'Z')).End();
        Assert.ThrowsExactly<ImageTarException>(() => LayerScan.Run(new MemoryStream(damaged), CompressionKind.None, writer, TarText.Where));
        file.Position = 0;
        Assert.IsNull(LayerIndex.TryOpen(file));
    }

    private static (LayerSummary Summary, LayerIndex Index) Scan(byte[] tar)
    {
        var file = new MemoryStream();
        using var writer = new LayerIndexWriter(file);
        var summary = LayerScan.Run(TarText.Trickle(tar, 1000), CompressionKind.Gzip, writer, TarText.Where);
        file.Position = 0;
        return (summary, LayerIndex.TryOpen(file)!);
    }
}
