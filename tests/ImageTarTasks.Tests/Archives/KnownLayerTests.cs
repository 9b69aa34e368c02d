using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>Layers the store has already are passed over where that is safe, and only there.</summary>
[TestClass]
public sealed class KnownLayerTests : IDisposable
{
    private const int LayerSize = 3_000_000;

    private static readonly ImageBuilder Base = new ImageBuilder().Layer(("big", new string('b', LayerSize)));
    private static readonly ImageBuilder Image = new ImageBuilder().Layer(Base.Tars[0]).Layer(("small", "s"));

    private readonly LoadingFixture _fixture = new();

    public KnownLayerTests() => _fixture.Load(ArchiveBuilder.Docker((Base, ["base:1"])));

    public void Dispose() => _fixture.Dispose();

    private string StoredLayer => Path.Combine(_fixture.Store.Root, ArchiveBuilder.BlobPath(Base.Tars[0]));

    [TestMethod]
    public void A_known_layer_is_not_read_from_a_file()
    {
        var (read, loaded) = Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar());
        Assert.IsLessThan(LayerSize / 4, read);
        Assert.AreEqual(Image.Id, loaded.Stored.Id);
        CheckStored(Image);
    }

    [TestMethod]
    public void A_known_layer_is_read_where_it_cannot_be_passed_over()
    {
        // Compressed; or under a name that states no digest.
        Assert.IsGreaterThan(
            1000,
            Load(ImageBuilder.Compress(ArchiveBuilder.Hybrid(Image, "a:1").ToTar(), CompressionKind.Gzip)).Read
        );
        Assert.IsGreaterThan(LayerSize, Load(ArchiveBuilder.Docker((Image, ["a:1"])).ToTar()).Read);
        CheckStored(Image);
    }

    [TestMethod]
    public void Folders_are_passed_over_too()
    {
        var folder = ArchiveBuilder.Oci((Image, "docker.io/library/a:1")).ToFolder(_fixture.Folder["layout"]);
        Garble(Path.Combine(folder, ArchiveBuilder.BlobPath(Base.Tars[0])));
        Assert.AreEqual(
            Image.Id,
            _fixture.Load(new ArchiveInput { DisplayName = "layout", Folder = folder }).Single().Stored.Id
        );
        CheckStored(Image);
    }

    [TestMethod]
    public void Garbage_in_place_of_a_known_layer_never_becomes_part_of_an_image()
    {
        var garbage = new byte[Base.Tars[0].Length];
        var archive = ArchiveBuilder.Hybrid(Image, "a:1").Replace(ArchiveBuilder.BlobPath(Base.Tars[0]), garbage);
        Assert.AreEqual("ITT2210", _fixture.Refuse(archive).Diagnostic.Code, "a pipe is read");
        Load(archive.ToTar());
        CheckStored(Image);

        archive.Replace(ArchiveBuilder.BlobPath(Base.Tars[0]), [.. garbage, 0]);
        Assert.AreEqual(
            "ITT2210",
            _fixture.Refuse(Seekable(archive)).Diagnostic.Code,
            "another size is not the known layer"
        );
        var docker = ArchiveBuilder
            .Docker((Image, ["a:1"]))
            .Replace($"{Base.DiffIds[0].Digest.Hex}/layer.tar", garbage);
        Assert.AreEqual("ITT2212", _fixture.Refuse(Seekable(docker)).Diagnostic.Code, "its name states no digest");
    }

    [TestMethod]
    public void A_stored_layer_that_was_written_to_is_replaced()
    {
        Garble(StoredLayer);
        Assert.IsGreaterThan(LayerSize, Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar()).Read);
        CheckStored(Image);
    }

    [TestMethod]
    public void A_stored_layer_that_is_gone_or_cut_is_replaced()
    {
        File.Delete(StoredLayer);
        Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar());
        CheckStored(Image);
        var time = File.GetLastWriteTimeUtc(StoredLayer);
        using (var file = File.OpenWrite(StoredLayer))
        {
            file.SetLength(100);
        }

        File.SetLastWriteTimeUtc(StoredLayer, time);
        Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar());
        CheckStored(Image);
    }

    [TestMethod]
    public void A_stored_layer_that_rotted_is_replaced_once_that_was_seen()
    {
        var time = File.GetLastWriteTimeUtc(StoredLayer);
        Garble(StoredLayer);
        File.SetLastWriteTimeUtc(StoredLayer, time);
        Assert.IsLessThan(LayerSize / 4, Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar()).Read, "nobody looked");
        var damage = Assert.ThrowsExactly<ImageTarException>(() => CheckStored(Image));
        Assert.AreEqual("ITT2302", damage.Diagnostic.Code);
        Assert.IsGreaterThan(LayerSize, Load(ArchiveBuilder.Hybrid(Image, "a:1").ToTar()).Read);
        CheckStored(Image);
    }

    [TestMethod]
    public void A_known_layer_is_kept_though_its_image_is_removed_meanwhile()
    {
        // The removal comes in the middle of the load: when the archive's last member is read.
        var archive = ArchiveBuilder.Hybrid(Image, "a:1");
        using var stream = new WatchedStream(archive.ToTar())
        {
            AtEnd = () => _fixture.Store.Remove("base:1", force: true),
        };
        _fixture.Load(new ArchiveInput { DisplayName = "a.tar", Stream = stream });
        CheckStored(Image);
    }

    private static void Garble(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = stream.Length / 2;
        stream.Write("garbage"u8);
    }

    private static ArchiveInput Seekable(ArchiveBuilder archive) =>
        new() { DisplayName = "a.tar", Stream = new MemoryStream(archive.ToTar()) };

    private (long Read, LoadedImage Image) Load(byte[] archive)
    {
        using var stream = new WatchedStream(archive);
        var loaded = _fixture.Load(new ArchiveInput { DisplayName = "a.tar", Stream = stream }).Single();
        return (stream.BytesRead, loaded);
    }

    private void CheckStored(ImageBuilder image)
    {
        foreach (var layer in _fixture.Store.Find(image.Id.ToString()).Image!.Layers)
        {
            using var content = _fixture.Store.OpenBlob(layer.Descriptor);
            content.CopyTo(Stream.Null);
            _fixture.Store.OpenLayerIndex(layer, CancellationToken.None).Dispose();
        }
    }

    /// <summary>A file, as far as a reader can tell, that counts what is read of it.</summary>
    private sealed class WatchedStream(byte[] content) : MemoryStream(content, writable: false)
    {
        private Action? _atEnd;

        public long BytesRead { get; private set; }

        public Action? AtEnd
        {
            init => _atEnd = value;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            BytesRead += read;
            if (read == 0 && _atEnd is { } action)
            {
                _atEnd = null;
                action();
            }

            return read;
        }

        // The base class passes this on to the other overload.
        public override int Read(Span<byte> buffer) => base.Read(buffer);
    }
}
