using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>What of an archive is loaded, and under which names.</summary>
[TestClass]
public sealed class LoadChoiceTests : IDisposable
{
    private static readonly ImageBuilder One = ImageBuilder.Of(1, "one");
    private static readonly ImageBuilder Two = ImageBuilder.Of(2, "two");
    private static readonly ImageBuilder Unnamed = ImageBuilder.Of(3, "three");

    private readonly LoadingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    [DataRow("demo:1", "demo:1")]
    [DataRow("docker.io/library/demo:1", "demo:1")]
    [DataRow("demo", "demo:1 demo:2|demo:3")]
    [DataRow("example.com/b", "example.com/b:latest")]
    public void An_image_is_chosen_by_name_and_gets_that_name(string wanted, string expected) =>
        Assert.AreEqual(expected, Loaded(new LoadOptions { Images = [wanted] }));

    [TestMethod]
    public void An_image_is_chosen_by_ID_or_manifest_or_their_first_digits_and_keeps_its_names()
    {
        Assert.AreEqual("demo:1 demo:2", Loaded(new LoadOptions { Images = [One.Id.ToString()] }));
        Assert.AreEqual("demo:1 demo:2", Loaded(new LoadOptions { Images = [One.Id.Digest.Hex[..12]] }));
        Assert.AreEqual("", Loaded(new LoadOptions { Images = ["sha256:" + Unnamed.Id.Digest.Hex[..8]] }));
        Assert.AreEqual(
            Unnamed.Id,
            _fixture.Load(Archive(), new LoadOptions { Images = [Unnamed.Id.Digest.Hex] }).Single().Stored.Id
        );
        var oci = ArchiveBuilder.Oci((One, null), (Two, null));
        Assert.AreEqual(
            Two.Id,
            _fixture.Load(oci, new LoadOptions { Images = [Digest.Of(Two.Manifest).Value] }).Single().Stored.Id
        );
    }

    [TestMethod]
    public void Several_may_be_chosen_in_any_order()
    {
        Assert.AreEqual("demo:2|demo:3", Loaded(new LoadOptions { Images = ["demo:3", "demo:2"] }));
        Assert.AreEqual("demo:1 demo:2", Loaded(new LoadOptions { Images = ["demo:2", One.Id.ToString()] }));
    }

    [TestMethod]
    public void A_tag_alone_of_an_OCI_archive_chooses_too()
    {
        var archive = ArchiveBuilder.Oci((One, null), (Two, null));
        var index = JsonNode.Parse(archive.Members.Single(member => member.Name == "index.json").Content)!;
        index["manifests"]![0]!["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "v8" };
        index["manifests"]![1]!["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "v9" };
        archive.Remove("index.json").Add("index.json", index);
        Assert.AreEqual(Two.Id, _fixture.Load(archive, new LoadOptions { Images = ["v9"] }).Single().Stored.Id);
        Assert.Contains("v8, v9", _fixture.Refuse(archive, new LoadOptions { Images = ["v7"] }).Message);
    }

    [TestMethod]
    public void What_is_not_there_is_an_error_that_lists_what_is()
    {
        var error = _fixture.Refuse(Archive(), new LoadOptions { Images = ["demo:1", "demo:9"] });
        Assert.AreEqual("ITT2225", error.Diagnostic.Code);
        foreach (var part in new[] { "demo:9", "demo:1, demo:2", "example.com/b:latest", Unnamed.Id.ToString() })
        {
            Assert.Contains(part, error.Message);
        }

        var ambiguous = Enumerable
            .Range(0, 40)
            .Select(i => (ImageBuilder.Of(1, $"{i}"), (string[]?)[$"n:{i}"]))
            .ToArray();
        Assert.AreEqual(
            "ITT2226",
            _fixture.Refuse(ArchiveBuilder.Docker(ambiguous), new LoadOptions { Images = ["sha256:"] }).Diagnostic.Code
        );
    }

    [TestMethod]
    public void Only_what_is_chosen_comes_into_the_store()
    {
        _fixture.Load(Archive(), new LoadOptions { Images = ["demo:3"] });
        Assert.ContainsSingle(_fixture.Store.List());
        Assert.IsFalse(
            _fixture.Store.Has(new Descriptor(MediaTypes.OciLayer, Digest.Of(Unnamed.Tars[2]), Unnamed.Tars[2].Length))
        );
    }

    [TestMethod]
    public void Tags_replace_the_names_of_the_archive()
    {
        ImageReference[] tags = [ImageReference.Parse("mine:1"), ImageReference.Parse("mine:2")];
        Assert.AreEqual("mine:1 mine:2", Loaded(new LoadOptions { Images = ["demo:3"], Tags = tags }));
        Assert.AreEqual("||", Loaded(new LoadOptions { Tags = [] }));
        var error = _fixture.Refuse(Archive(), new LoadOptions { Tags = tags });
        Assert.AreEqual("ITT2227", error.Diagnostic.Code);
        Assert.Contains("has 3", error.Message);
    }

    [TestMethod]
    public void A_name_that_is_taken_is_replaced_or_kept_or_stops_the_load()
    {
        _fixture.Load(ArchiveBuilder.Docker((Two, ["demo:1"])));
        var options = new LoadOptions { Images = ["demo:1", "demo:2"] };

        var error = _fixture.Refuse(Archive(), options with { OnConflict = NameConflict.Fail });
        Assert.AreEqual("ITT3015", error.Diagnostic.Code);
        Assert.Contains(Two.Id.ToString(), error.Message);

        var kept = _fixture.Read(Archive(), options with { OnConflict = NameConflict.Keep });
        Assert.AreEqual("demo:2", string.Join(' ', kept.Images.Single().References));
        Assert.AreEqual("demo:1", kept.Kept.Single().Name.Familiar);
        Assert.AreEqual(Two.Id, _fixture.Store.Find("demo:1").Id);
        Assert.AreEqual(One.Id, _fixture.Store.Find("demo:2").Id);

        var replaced = _fixture.Read(Archive(), options);
        Assert.AreEqual("demo:1", replaced.Replaced.Single().Name.Familiar);
        Assert.AreEqual(One.Id, _fixture.Store.Find("demo:1").Id);
        Assert.IsEmpty(
            _fixture.Read(Archive(), options with { OnConflict = NameConflict.Fail }).Replaced,
            "its own name is no conflict"
        );
    }

    [TestMethod]
    public void Missing_platforms_are_tolerated_or_named()
    {
        ImageBuilder[] images =
        [
            ImageBuilder.Of(1, "amd"),
            ImageBuilder.Of(2, "arm").For("linux", "arm64"),
            ImageBuilder.Of(2, "s390").For("linux", "s390x"),
        ];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        var fail = new LoadOptions { MissingPlatforms = MissingPlatforms.Fail };
        Assert.HasCount(3, _fixture.Load(archive, fail).Single().Platforms);
        foreach (var blob in images.Skip(1).SelectMany(image => image.Blobs))
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
        }

        var error = _fixture.Refuse(archive, fail);
        Assert.AreEqual("ITT2228", error.Diagnostic.Code);
        Assert.Contains("linux/arm64", error.Message);
        Assert.Contains("linux/s390x", error.Message);
        Assert.DoesNotContain("linux/amd64", error.Message);
        Assert.HasCount(1, _fixture.Load(archive).Single().Platforms);
        Assert.HasCount(
            1,
            _fixture.Load(archive, fail with { Platform = new Platform("linux", "amd64") }).Single().Platforms,
            "the one asked for is there"
        );
    }

    private static ArchiveBuilder Archive() =>
        ArchiveBuilder.Docker((One, ["demo:1", "demo:2"]), (Two, ["demo:3", "example.com/b"]), (Unnamed, null));

    private static string Loaded(LoadOptions options)
    {
        using var fixture = new LoadingFixture();
        return string.Join('|', fixture.Load(Archive(), options).Select(image => string.Join(' ', image.References)));
    }
}
