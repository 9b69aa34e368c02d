using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>Archives that leave layers to the receiver.</summary>
[TestClass]
public sealed class DeltaArchiveTests : IDisposable
{
    private const string Marker = "imagetar-delta.json";

    private readonly LoadingFixture _fixture = new();

    private readonly ImageBuilder _base = ImageBuilder.Of(2);
    private readonly ImageBuilder _app = ImageBuilder.Of(2).Layer(("app", "1"));

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    public void Load_takes_from_the_store_what_a_delta_says_it_lacks()
    {
        _fixture.Load(ArchiveBuilder.Docker((_base, ["base:1"])));
        var loaded = _fixture
            .Load(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0], _app.LayerBlobs[1]))
            .Single();
        Assert.AreEqual(_app.Id, loaded.Stored.Id);
        Assert.AreEqual("app:1", loaded.References.Single().Familiar);
    }

    [TestMethod]
    public void A_delta_names_all_the_store_lacks_and_changes_nothing()
    {
        var error = _fixture.Refuse(
            Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0], _app.LayerBlobs[1])
        );
        Assert.AreEqual("ITT2240", error.Diagnostic.Code);
        Assert.Contains(Digest.Of(_app.LayerBlobs[0]).Value, error.Message);
        Assert.Contains(Digest.Of(_app.LayerBlobs[1]).Value, error.Message);

        _fixture.Load(ArchiveBuilder.Docker((ImageBuilder.Of(1), ["part:1"])));
        error = _fixture.Refuse(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0], _app.LayerBlobs[1]));
        Assert.DoesNotContain(Digest.Of(_app.LayerBlobs[0]).Value, error.Message);
        Assert.Contains(Digest.Of(_app.LayerBlobs[1]).Value, error.Message);
    }

    [TestMethod]
    public void What_a_delta_does_not_list_is_not_taken_from_the_store()
    {
        _fixture.Load(ArchiveBuilder.Docker((_base, ["base:1"])));
        var silent = Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0])
            .Remove(ArchiveBuilder.BlobPath(_app.LayerBlobs[1]));
        Assert.AreEqual("ITT2206", _fixture.Refuse(silent).Diagnostic.Code);
        Assert.AreEqual(
            "ITT2206",
            _fixture
                .Refuse(ArchiveBuilder.Hybrid(_app, "app:1").Remove(ArchiveBuilder.BlobPath(_app.LayerBlobs[0])))
                .Diagnostic.Code
        );
    }

    [TestMethod]
    public void A_layer_of_the_store_that_is_damaged_does_not_complete_a_delta()
    {
        _fixture.Load(ArchiveBuilder.Docker((_base, ["base:1"])));
        var path = Path.Combine(_fixture.Store.Root, ArchiveBuilder.BlobPath(_base.LayerBlobs[0]));
        var content = File.ReadAllBytes(path);
        content[600] ^= 1;
        File.WriteAllBytes(path, content);
        var error = Assert.ThrowsExactly<ImageTarException>(() =>
            _fixture.Load(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0]))
        );
        Assert.AreEqual("ITT2240", error.Diagnostic.Code);
        Assert.AreEqual("base:1", _fixture.Store.List().Single().References.Single().Familiar);
        var indexes = Directory
            .GetFiles(Path.Combine(_fixture.Store.Root, ".imagetar", "layers"))
            .Select(Path.GetFileName);
        Assert.IsFalse(
            indexes.Any(name => name!.Contains(Digest.Of(_base.LayerBlobs[0]).Hex, StringComparison.Ordinal)),
            "what is damaged is not known any more"
        );
    }

    [TestMethod]
    public void A_delta_of_an_unknown_version_is_refused()
    {
        var archive = ArchiveBuilder.Hybrid(_app, "app:1").Add(Marker, "{\"schemaVersion\":2,\"lacks\":[]}");
        Assert.AreEqual("ITT2306", _fixture.Refuse(archive).Diagnostic.Code);
    }

    [TestMethod]
    public void What_is_in_the_archive_though_it_is_listed_as_lacking_is_taken_from_there()
    {
        var archive = Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0]).AddBlob(_app.LayerBlobs[0]);
        Assert.AreEqual(_app.Id, _fixture.Load(archive).Single().Stored.Id);
    }

    [TestMethod]
    [DataRow(ArchiveFormat.Docker, CompressionKind.None)]
    [DataRow(ArchiveFormat.Oci, CompressionKind.Gzip)]
    public void Base_and_delta_give_the_bytes_of_the_whole_archive(ArchiveFormat format, CompressionKind compression)
    {
        _fixture.Load(ArchiveBuilder.Hybrid(_base.Compressed(compression), "base:1"));
        _fixture.Load(ArchiveBuilder.Hybrid(_app.Compressed(compression), "app:1"));
        var baseArchive = _fixture.Save(format, null, "base:1");
        var delta = _fixture.Save(new SaveOptions { Format = format, Except = Except("base:1") }, "app:1");
        var left = _base.LayerBlobs.Select(blob => Digest.Of(blob).Value).ToArray();
        Assert.IsEmpty(OciRules.Violations(delta, left));
        var files = OciRules.FilesOf(delta);
        CollectionAssert.AreEquivalent(
            left,
            JsonNode.Parse(files[Marker])!["lacks"]!.AsArray().Select(blob => (string)blob!["digest"]!).ToArray()
        );
        Assert.DoesNotContain(ArchiveBuilder.BlobPath(_base.LayerBlobs[0]), files.Keys);

        using var receiver = new LoadingFixture();
        Assert.AreEqual("ITT2240", receiver.Refuse(delta).Diagnostic.Code);
        receiver.Load(baseArchive);
        receiver.Load(delta);
        CollectionAssert.AreEqual(_fixture.Save(format, null, "app:1"), receiver.Save(format, null, "app:1"));
    }

    [TestMethod]
    public void A_delta_is_completed_whole_so_it_is_narrowed_where_it_is_made()
    {
        var (amd, arm) = (ImageBuilder.Of(2, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64"));
        _fixture.Load(ArchiveBuilder.OciIndex("docker.io/library/multi:1", amd, arm));
        var lacking = new[] { amd.LayerBlobs[0], arm.LayerBlobs[0] }.Select(blob => Digest.Of(blob)).ToHashSet();
        var delta = _fixture.Save(new SaveOptions { Except = lacking });
        Assert.IsEmpty(OciRules.Violations(delta, lacking.Select(digest => digest.Value)));

        using var receiver = new LoadingFixture();
        receiver.Load(ArchiveBuilder.Docker((ImageBuilder.Of(1, "amd"), ["base:1"])));
        var error = receiver.Refuse(delta);
        Assert.AreEqual("ITT2240", error.Diagnostic.Code);
        Assert.Contains(Digest.Of(arm.LayerBlobs[0]).Value, error.Message);
        Assert.DoesNotContain(Digest.Of(amd.LayerBlobs[0]).Value, error.Message);
        Assert.AreEqual(
            "ITT2240",
            receiver.Refuse(delta, new LoadOptions { Platform = new Platform("linux", "amd64") }).Diagnostic.Code
        );
        receiver.Load(_fixture.Save(new SaveOptions { Except = lacking, Platform = new Platform("linux", "amd64") }));
        Assert.AreEqual(amd.Id, receiver.Store.Find("multi:1").Id);
    }

    [TestMethod]
    public void Everything_but_layers_is_in_a_delta_and_without_anything_left_out_it_is_whole()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(_app, "app:1"));
        var all = _fixture.Save(new SaveOptions { Except = Except("app:1") });
        CollectionAssert.AreEquivalent(
            new[] { ArchiveBuilder.BlobPath(_app.Config), ArchiveBuilder.BlobPath(_app.Manifest) },
            OciRules.FilesOf(all).Keys.Where(name => name.StartsWith("blobs/", StringComparison.Ordinal)).ToArray()
        );
        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(1, "stranger"), "other:1"));
        CollectionAssert.AreEqual(
            _fixture.Save(ArchiveFormat.Docker, null, "app:1"),
            _fixture.Save(new SaveOptions { Except = Except("other:1") }, "app:1")
        );
    }

    [TestMethod]
    public void What_the_receiver_has_can_be_told_by_image_archive_delta_folder_store_and_list()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(_base, "base:1"));
        _fixture.Load(ArchiveBuilder.Hybrid(_app, "app:1"));
        var expected = _fixture.Save(new SaveOptions { Except = Except("base:1") }, "app:1");
        var shared = _base.LayerBlobs.Select(blob => Digest.Of(blob)).ToArray();
        var delta = ArchiveBuilder.Hybrid(_base, "base:1");
        var sources = new Dictionary<string, Action<string>>
        {
            ["ours.tar"] = path => File.WriteAllBytes(path, _fixture.Save(ArchiveFormat.Docker, null, "base:1")),
            ["old.tar"] = path => File.WriteAllBytes(path, ArchiveBuilder.Docker((_base, ["base:1"])).ToTar()),
            ["packed"] = path =>
                File.WriteAllBytes(
                    path,
                    ImageBuilder.Compress(ArchiveBuilder.Docker((_base, ["base:1"])).ToTar(), CompressionKind.Zstd)
                ),
            ["delta.tar"] = path => File.WriteAllBytes(path, Delta(delta, _base.LayerBlobs[0]).ToTar()),
            ["layout"] = path => ArchiveBuilder.Hybrid(_base, "base:1").ToFolder(path),
            ["delta layout"] = path =>
                Delta(ArchiveBuilder.Hybrid(_base, "base:1"), _base.LayerBlobs[1]).ToFolder(path),
            ["list"] = path => File.WriteAllText(path, $"# sent last week\r\n\r\n{shared[0]}\r\n  {shared[1].Hex}\n"),
        };
        foreach (var (name, write) in sources)
        {
            write(_fixture.Folder[name]);
            CollectionAssert.AreEqual(
                expected,
                _fixture.Save(new SaveOptions { Except = Except(name) }, "app:1"),
                name
            );
        }

        // A store is a layout.
        using var receiver = new LoadingFixture();
        receiver.Load(ArchiveBuilder.Hybrid(_base, "base:1"));
        Directory.CreateSymbolicLink(_fixture.Folder["theirs"], receiver.Store.Root);
        CollectionAssert.AreEqual(expected, _fixture.Save(new SaveOptions { Except = Except("theirs") }, "app:1"));
    }

    [TestMethod]
    public void What_is_neither_image_nor_file_or_both_is_refused()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(_base, "base:latest"));
        Assert.AreEqual("ITT1043", Refused("nothing").Diagnostic.Code);
        Assert.AreEqual("ITT1043", Refused("UPPER case").Diagnostic.Code);
        File.WriteAllText(_fixture.Folder["base"], "");
        Assert.Contains("is an image and a file", Refused("base").Message);
        Assert.IsEmpty(Except("./base"));
        File.WriteAllText(_fixture.Folder["text"], "sha256:1234\n");
        Assert.AreEqual("ITT1044", Refused("text").Diagnostic.Code);
        Directory.CreateDirectory(_fixture.Folder["folder"]);
        Assert.AreEqual("ITT1043", Refused("folder").Diagnostic.Code);

        ImageTarException Refused(string text) => Assert.ThrowsExactly<ImageTarException>(() => Except(text));
    }

    private IReadOnlySet<Digest> Except(string text) =>
        DeltaBase.Of(_fixture.Store, text, Path.Combine(_fixture.Folder.Root, text), CancellationToken.None);

    /// <summary>Turns a whole archive into a delta.</summary>
    private static ArchiveBuilder Delta(ArchiveBuilder archive, params byte[][] lacking)
    {
        var blobs = lacking.Select(blob =>
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
            return (JsonNode)ImageBuilder.Describe(MediaTypes.OciLayer, blob);
        });
        return archive.Add(
            Marker,
            new JsonObject { ["schemaVersion"] = 1, ["lacks"] = new JsonArray(blobs.ToArray()) }
        );
    }
}
