using System.Text.Json.Nodes;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Values;

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
        var loaded = _fixture.Load(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0], _app.LayerBlobs[1])).Single();
        Assert.AreEqual(_app.Id, loaded.Stored.Id);
        Assert.AreEqual("app:1", loaded.References.Single().Familiar);
    }

    [TestMethod]
    public void A_delta_names_all_the_store_lacks_and_changes_nothing()
    {
        var error = _fixture.Refuse(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0], _app.LayerBlobs[1]));
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
        var silent = Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0]).Remove(ArchiveBuilder.BlobPath(_app.LayerBlobs[1]));
        Assert.AreEqual("ITT2206", _fixture.Refuse(silent).Diagnostic.Code);
        Assert.AreEqual("ITT2206", _fixture.Refuse(ArchiveBuilder.Hybrid(_app, "app:1").Remove(ArchiveBuilder.BlobPath(_app.LayerBlobs[0]))).Diagnostic.Code);
    }

    [TestMethod]
    public void A_layer_of_the_store_that_is_damaged_does_not_complete_a_delta()
    {
        _fixture.Load(ArchiveBuilder.Docker((_base, ["base:1"])));
        var path = Path.Combine(_fixture.Store.Root, ArchiveBuilder.BlobPath(_base.LayerBlobs[0]));
        var content = File.ReadAllBytes(path);
        content[600] ^= 1;
        File.WriteAllBytes(path, content);
        var error = _fixture.Refuse(Delta(ArchiveBuilder.Hybrid(_app, "app:1"), _app.LayerBlobs[0]));
        Assert.AreEqual("ITT2240", error.Diagnostic.Code);
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

    /// <summary>Turns a whole archive into a delta.</summary>
    private static ArchiveBuilder Delta(ArchiveBuilder archive, params byte[][] lacking)
    {
        var blobs = lacking.Select(blob =>
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
            return (JsonNode)ImageBuilder.Describe(MediaTypes.OciLayer, blob);
        });
        return archive.Add(Marker, new JsonObject { ["schemaVersion"] = 1, ["lacks"] = new JsonArray(blobs.ToArray()) });
    }
}
