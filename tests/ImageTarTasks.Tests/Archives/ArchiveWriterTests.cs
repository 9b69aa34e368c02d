using System.Formats.Tar;
using System.Text;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

[TestClass]
public sealed class ArchiveWriterTests : IDisposable
{
    private readonly LoadingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    public void Members_stand_in_a_fixed_order_with_fixed_attributes()
    {
        var image = ImageBuilder.Of(2);
        _fixture.Load(ArchiveBuilder.Docker((image, ["a:1"])));
        var entries = Entries(_fixture.Save());
        var blobs = entries.Where(entry => entry.Name.Length > 20).Select(entry => entry.Name).ToArray();
        CollectionAssert.AreEqual(
            new[] { "oci-layout", "index.json", "manifest.json", "repositories", "blobs/", "blobs/sha256/" }
                .Concat(blobs)
                .ToArray(),
            entries.Select(entry => entry.Name).ToArray()
        );
        CollectionAssert.AreEqual(blobs.Order(StringComparer.Ordinal).ToArray(), blobs);
        Assert.HasCount(4, blobs);
        foreach (var entry in entries)
        {
            Assert.AreEqual(DateTimeOffset.UnixEpoch, entry.ModificationTime);
            Assert.AreEqual((0, 0, ""), (entry.Uid, entry.Gid, (entry as PosixTarEntry)?.UserName));
            Assert.AreEqual(entry.EntryType == TarEntryType.Directory ? 0b111_101_101 : 0b110_100_100, (int)entry.Mode);
        }

        CollectionAssert.AreEqual(
            new[] { "oci-layout", "index.json", "blobs/", "blobs/sha256/" }.Concat(blobs).ToArray(),
            Entries(_fixture.Save(ArchiveFormat.Oci)).Select(entry => entry.Name).ToArray()
        );
    }

    [TestMethod]
    [DataRow(ArchiveFormat.Docker, CompressionKind.None)]
    [DataRow(ArchiveFormat.Docker, CompressionKind.Gzip)]
    [DataRow(ArchiveFormat.Oci, CompressionKind.Zstd)]
    public void What_was_saved_loads_into_another_store_as_the_same_images(
        ArchiveFormat format,
        CompressionKind compression
    )
    {
        _fixture.Load(
            ArchiveBuilder.Docker(
                (ImageBuilder.Of(3).Compressed(compression), ["a:1", "b:2"]),
                (ImageBuilder.Of(2, "other"), null),
                (ImageBuilder.Of(0), ["zero:1"])
            )
        );
        _fixture.Load(
            ArchiveBuilder.OciIndex(
                "example.com/multi:1",
                ImageBuilder.Of(1, "amd"),
                ImageBuilder.Of(2, "arm").For("linux", "arm64")
            )
        );
        var archive = _fixture.Save(format);

        using var other = new LoadingFixture();
        other.Load(archive);
        CollectionAssert.AreEqual(Summary(_fixture.Store), Summary(other.Store));
        CollectionAssert.AreEqual(archive, other.Save(format), "the same images gave other bytes");
    }

    [TestMethod]
    public void The_order_of_arguments_and_of_loading_does_not_matter()
    {
        var (a, b) = (
            ArchiveBuilder.Docker((ImageBuilder.Of(1, "a"), ["a:1"])),
            ArchiveBuilder.Docker((ImageBuilder.Of(1, "b"), ["b:1"]))
        );
        _fixture.Load(a);
        _fixture.Load(b);
        using var other = new LoadingFixture();
        other.Load(b);
        other.Load(a);
        var first = _fixture.Save(ArchiveFormat.Docker, null, "a:1", "b:1");
        CollectionAssert.AreEqual(first, _fixture.Save(ArchiveFormat.Docker, null, "b:1", "a:1", "b:1"));
        CollectionAssert.AreEqual(first, other.Save(ArchiveFormat.Docker, null, "b:1", "a:1"));
    }

    [TestMethod]
    public void A_platform_leaves_the_other_ones_and_the_index_out()
    {
        var (amd, arm) = (ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64"));
        _fixture.Load(ArchiveBuilder.OciIndex("docker.io/library/multi:1", amd, arm));
        var archive = _fixture.Save(ArchiveFormat.Docker, new Platform("linux", "arm64"));
        CollectionAssert.AreEquivalent(
            arm.Blobs.Select(ArchiveBuilder.BlobPath).ToArray(),
            Entries(archive).Where(entry => entry.Name.Length > 20).Select(entry => entry.Name).ToArray()
        );
        Assert.Contains(
            $"\"Config\":\"{ArchiveBuilder.BlobPath(arm.Config)}\",\"RepoTags\":[\"multi:1\"]",
            Text(archive, "manifest.json")
        );
        Assert.Contains("\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\"}", Text(archive, "index.json"));
    }

    [TestMethod]
    public void A_missing_blob_is_named_before_anything_is_written()
    {
        var image = ImageBuilder.Of(2);
        _fixture.Load(ArchiveBuilder.Docker((image, ["a:1"])));
        File.Delete(Path.Combine(_fixture.Store.Root, ArchiveBuilder.BlobPath(image.Tars[1])));
        using var output = new MemoryStream();
        var error = Assert.ThrowsExactly<ImageTarException>(() =>
            ArchiveWriter.Save(
                _fixture.Store,
                _fixture.Store.Select("a:1"),
                new SaveOptions(),
                output,
                _fixture.Reporter,
                CancellationToken.None
            )
        );
        Assert.AreEqual("ITT3020", error.Diagnostic.Code);
        Assert.Contains(image.DiffIds[1].Digest.Hex, error.Message);
        Assert.AreEqual(0, output.Length);
    }

    [TestMethod]
    public void An_image_without_layers_or_names_has_no_repositories()
    {
        _fixture.Load(ArchiveBuilder.Docker((ImageBuilder.Of(0), ["zero:1"]), (ImageBuilder.Of(1), null)));
        var archive = _fixture.Save();
        Assert.DoesNotContain("repositories", Entries(archive).Select(entry => entry.Name).ToArray());
        Assert.Contains("\"RepoTags\":null", Text(archive, "manifest.json"));
        Assert.Contains("\"RepoTags\":[\"zero:1\"],\"Layers\":[]", Text(archive, "manifest.json"));
    }

    [TestMethod]
    [RequiresProgram("skopeo")]
    public void Skopeo_reads_both_sides_of_an_archive()
    {
        var image = ImageBuilder.Of(2);
        _fixture.Load(ArchiveBuilder.Docker((image, ["a:1"])));
        var file = _fixture.Folder["a.tar"];
        File.WriteAllBytes(file, _fixture.Save());
        foreach (var source in new[] { $"docker-archive:{file}:a:1", $"oci-archive:{file}" })
        {
            var config = ThirdParty.Run("skopeo", "inspect", "--config", "--raw", source);
            Assert.AreEqual(image.Id.Digest, Digest.Of(config), source);
        }
    }

    private static List<TarEntry> Entries(byte[] archive)
    {
        using var tar = new TarReader(new MemoryStream(archive));
        var entries = new List<TarEntry>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static string Text(byte[] archive, string name)
    {
        using var content = new StreamReader(
            Entries(archive).Single(entry => entry.Name == name).DataStream!,
            Encoding.UTF8
        );
        return content.ReadToEnd();
    }

    private static string[] Summary(ImageStore store) =>
        store
            .List()
            .Select(image =>
                $"{image.Target.Digest} {image.Id} "
                + $"{string.Join(' ', image.References.Select(name => name.Full))} "
                + $"{string.Join(' ', image.Image!.Config.DiffIds)}"
            )
            .Order(StringComparer.Ordinal)
            .ToArray();
}
