using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tasks;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Archives;

/// <summary>
/// Images with layers that their publisher distributes, such as Windows base layers: archives may lack these layers.
/// </summary>
[TestClass]
public sealed class ForeignLayerTests : IDisposable
{
    private const string Url = "https://layers.invalid/base";
    private const string DockerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar";
    private const string OciForeign = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    private static readonly ImageBuilder Image = ImageBuilder.Of(2);

    private readonly LoadingFixture _fixture = new();

    private static byte[] Foreign => Image.LayerBlobs[0];

    private static string ForeignDigest => Digest.Of(Foreign).Value;

    private string Store => _fixture.Store.Root;

    private TestFolder Folder => _fixture.Folder;

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    public void Docker_archive_without_a_layer_of_LayerSources_is_loaded_listed_and_saved_as_it_came()
    {
        File.WriteAllBytes(Folder["in.tar"], Docker(withLayer: false).ToTar());
        var load = ToolRun.Of(Store, "load", "-i", Folder["in.tar"]);
        Assert.AreEqual((0, "Loaded image: demo:1\n", ""), (load.ExitCode, load.Out, load.Errors));
        Assert.IsFalse(_fixture.Store.SizeOf(Digest.Parse(ForeignDigest)).HasValue);

        var images = ToolRun.Of(Store, "images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}");
        Assert.AreEqual((0, "demo:1 1B\n", ""), (images.ExitCode, images.Out, images.Errors));
        var inspect = ToolRun.Of(Store, "inspect", "--format", "{{.Size}} {{len .RootFS.Layers}}", "demo:1");
        Assert.AreEqual((0, "1 2\n", ""), (inspect.ExitCode, inspect.Out, inspect.Errors));
        var history = ToolRun.Of(Store, "history", "--format", "{{.Size}}", "demo:1");
        Assert.AreEqual((0, "1B\n0B\n", ""), (history.ExitCode, history.Out, history.Errors));
        var check = ToolRun.Of(Store, "fsck");
        Assert.AreEqual((0, ""), (check.ExitCode, check.Errors));

        var saved = Saved("demo:1");
        Assert.DoesNotContain(ArchiveBuilder.BlobPath(Foreign), saved.Keys);
        Assert.AreSequenceEqual(Image.LayerBlobs[1], saved[ArchiveBuilder.BlobPath(Image.LayerBlobs[1])]);
        Assert.AreSequenceEqual(Image.Config, saved[ArchiveBuilder.BlobPath(Image.Config)]);
        var entry = JsonNode.Parse(saved["manifest.json"])![0]!;
        Assert.AreEqual(ArchiveBuilder.BlobPath(Foreign), entry["Layers"]![0]!.GetValue<string>());
        Assert.AreEqual(
            $"{{\"{Image.DiffIds[0]}\":{{\"mediaType\":\"{DockerForeign}\",\"size\":{Foreign.Length},"
                + $"\"digest\":\"{ForeignDigest}\",\"urls\":[\"{Url}\"]}}}}",
            entry["LayerSources"]!.ToJsonString()
        );
        Assert.AreEqual(Url, ManifestOf(saved)["layers"]![0]!["urls"]![0]!.GetValue<string>());
        Assert.AreEqual(OciForeign, ManifestOf(saved)["layers"]![0]!["mediaType"]!.GetValue<string>());
    }

    [TestMethod]
    public void Layout_without_a_layer_that_has_urls_keeps_its_manifest_in_every_form()
    {
        foreach (var type in new[] { OciForeign, DockerForeign + ".gzip", MediaTypes.OciLayer })
        {
            using var fixture = new LoadingFixture();
            var archive = Oci(type, withLayer: false);
            var loaded = fixture.Load(archive).Single();
            Assert.AreEqual(Digest.Of(ManifestWith(type)), loaded.Stored.Target.Digest);
            foreach (var format in new[] { ArchiveFormat.Docker, ArchiveFormat.Oci })
            {
                var saved = OciRules.FilesOf(fixture.Save(format));
                Assert.AreSequenceEqual(ManifestWith(type), saved[ArchiveBuilder.BlobPath(ManifestWith(type))]);
                Assert.DoesNotContain(ArchiveBuilder.BlobPath(Foreign), saved.Keys);
                using var second = new LoadingFixture();
                Assert.AreEqual(
                    loaded.Stored.Target.Digest,
                    second.Load(fixture.Save(format)).Single().Stored.Target.Digest
                );
                Assert.AreSequenceEqual(fixture.Save(format), second.Save(format));
            }

            fixture.SaveFolder(fixture.Folder["layout"]);
            Assert.IsTrue(
                File.Exists(Path.Combine(fixture.Folder["layout"], ArchiveBuilder.BlobPath(ManifestWith(type))))
            );
            Assert.IsFalse(File.Exists(Path.Combine(fixture.Folder["layout"], ArchiveBuilder.BlobPath(Foreign))));
        }
    }

    [TestMethod]
    public void Hybrid_archive_of_containerd_lacks_the_layer_without_LayerSources()
    {
        var archive = Oci(OciForeign, withLayer: false)
            .Add(
                "manifest.json",
                new JsonArray(
                    new JsonObject
                    {
                        ["Config"] = ArchiveBuilder.BlobPath(Image.Config),
                        ["RepoTags"] = new JsonArray("demo:1"),
                        ["Layers"] = new JsonArray([
                            .. Image.LayerBlobs.Select(b => (JsonNode)ArchiveBuilder.BlobPath(b)),
                        ]),
                    }
                )
            );
        Assert.AreEqual(Digest.Of(ManifestWith(OciForeign)), _fixture.Load(archive).Single().Stored.Target.Digest);
    }

    [TestMethod]
    public void Layer_of_a_foreign_type_without_urls_must_be_there()
    {
        var manifest = JsonNode.Parse(ManifestWith(OciForeign))!;
        manifest["layers"]![0]!.AsObject().Remove("urls");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest);
        var archive = ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciManifest, bytes), "docker.io/library/demo:1")],
            [bytes, Image.Config, Image.LayerBlobs[1]]
        );
        Assert.AreEqual("ITT2206", _fixture.Refuse(archive).Diagnostic.Code);

        var docker = ArchiveBuilder.Docker((Image, ["demo:1"])).Remove($"{Image.DiffIds[0].Digest.Hex}/layer.tar");
        Assert.AreEqual("ITT2206", _fixture.Refuse(docker).Diagnostic.Code);
    }

    [TestMethod]
    public void What_needs_the_layer_says_which_one_and_where_it_is_to_be_had()
    {
        File.WriteAllBytes(Folder["in.tar"], Docker(withLayer: false).ToTar());
        Assert.AreEqual(0, ToolRun.Of(Store, "load", "-i", Folder["in.tar"]).ExitCode);

        var container = ToolRun.Of(Store, "create", "--name", "one", "demo:1");
        Assert.AreEqual(0, container.ExitCode, container.Errors);
        foreach (
            var words in new[]
            {
                new[] { "export", "-o", Folder["out.tar"], "demo:1" },
                ["export", "-o", Folder["out.tar"], "one"],
                ["cp", "one:/layer1", Folder["copy"]],
                ["cp", Folder["in.tar"], "one:/x"],
            }
        )
        {
            AssertLacks("ITT3024", ToolRun.Of(Store, words));
        }

        AssertLacks("ITT2231", ToolRun.Of(Store, "verify", Folder["in.tar"]));
        Assert.IsFalse(File.Exists(Folder["out.tar"]));

        var export = new ExportContainer
        {
            Store = Folder.Item("store"),
            Container = "demo:1",
            OutputFile = Folder.Item("out.tar"),
        };
        Assert.AreSequenceEqual(["ITT3024"], BuildLog.Of(export, succeeds: false).Errors.Select(error => error.Code!));
        var verify = new VerifyArchive { Store = Folder.Item("store"), Archive = Folder.Item("in.tar") };
        Assert.AreSequenceEqual(["ITT2231"], BuildLog.Of(verify, succeeds: false).Errors.Select(error => error.Code!));
    }

    [TestMethod]
    public void Layer_that_an_archive_has_is_used_and_makes_a_loaded_image_whole()
    {
        foreach (
            var (without, with) in new[]
            {
                (Docker(withLayer: false), Docker(withLayer: true)),
                (Oci(OciForeign, withLayer: false), Oci(OciForeign, withLayer: true)),
            }
        )
        {
            using var fixture = new LoadingFixture();
            var before = fixture.Load(without).Single().Stored.Target;
            var after = fixture.Load(with).Single().Stored.Target;
            Assert.AreEqual(before.Digest, after.Digest);
            var export = ToolRun.Of(fixture.Store.Root, "export", "-o", fixture.Folder["out.tar"], "demo:1");
            Assert.AreEqual((0, ""), (export.ExitCode, export.Errors));

            // Now the layer is saved, too, and removed with the image.
            var saved = fixture.Save(ArchiveFormat.Oci);
            Assert.Contains(ArchiveBuilder.BlobPath(Foreign), OciRules.FilesOf(saved).Keys);
            File.WriteAllBytes(fixture.Folder["saved.tar"], saved);
            Assert.AreEqual(0, ToolRun.Of(fixture.Store.Root, "verify", fixture.Folder["saved.tar"]).ExitCode);
            Assert.AreEqual(0, ToolRun.Of(fixture.Store.Root, "rmi", "demo:1").ExitCode);
            Assert.IsNull(fixture.Store.SizeOf(Digest.Parse(ForeignDigest)));
        }
    }

    [TestMethod]
    public void Wrong_bytes_in_a_foreign_layers_place_are_refused()
    {
        var archive = Oci(OciForeign, withLayer: false).Add(ArchiveBuilder.BlobPath(Foreign), "not that layer");
        Assert.AreEqual("ITT2210", _fixture.Refuse(archive).Diagnostic.Code);
    }

    [TestMethod]
    public void Delta_and_recompressed_archives_do_without_the_layer()
    {
        _fixture.Load(Oci(DockerForeign, withLayer: false));
        var except = new SaveOptions { Except = new HashSet<Digest> { Digest.Of(Image.LayerBlobs[1]) } };
        var delta = _fixture.Save(except);
        var lacks = JsonNode.Parse(OciRules.FilesOf(delta)["imagetar-delta.json"])!["lacks"]!.AsArray();
        Assert.AreSequenceEqual(
            [Digest.Of(Image.LayerBlobs[1]).Value],
            lacks.Select(blob => blob!["digest"]!.GetValue<string>())
        );
        Assert.AreEqual(Digest.Of(ManifestWith(DockerForeign)), _fixture.Load(delta).Single().Stored.Target.Digest);

        var zstd = new SaveOptions { LayerCompression = new CompressionSetting(CompressionKind.Zstd, null) };
        var saved = OciRules.FilesOf(_fixture.Save(zstd));
        var layers = ManifestOf(saved)["layers"]!;
        Assert.AreEqual(
            (OciForeign, ForeignDigest, Url),
            (Text(layers[0]!["mediaType"]!), Text(layers[0]!["digest"]!), Text(layers[0]!["urls"]![0]!))
        );
        Assert.AreEqual(MediaTypes.OciLayer + "+zstd", Text(layers[1]!["mediaType"]!));
        using var second = new LoadingFixture();
        Assert.AreEqual(Image.Id, second.Load(_fixture.Save(zstd)).Single().Stored.Id);
    }

    [TestMethod]
    public void Committed_container_keeps_the_addresses()
    {
        _fixture.Load(Oci(OciForeign, withLayer: false));
        Assert.AreEqual(0, ToolRun.Of(Store, "create", "--name", "one", "demo:1").ExitCode);
        var commit = ToolRun.Of(Store, "commit", "one", "demo:2");
        Assert.AreEqual((0, ""), (commit.ExitCode, commit.Errors));
        var layer = _fixture.Store.Find("demo:2").Image!.Manifest.Layers[0];
        Assert.AreSequenceEqual([Url], layer.Urls);
        Assert.Contains(
            "\"urls\":[\"" + Url,
            System.Text.Encoding.UTF8.GetString(_fixture.Store.Find("demo:2").Image!.Manifest.Raw.Span)
        );
    }

    [TestMethod]
    public void Addresses_cannot_write_to_a_terminal_and_are_bounded()
    {
        var urls = new JsonArray("https://a.invalid/\u001b[2J", "b", "c", "d", "e");
        var manifest = JsonNode.Parse(ManifestWith(OciForeign))!;
        manifest["layers"]![0]!["urls"] = urls;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest);
        _fixture.Load(
            ArchiveBuilder.Layout(
                [(ImageBuilder.Describe(MediaTypes.OciManifest, bytes), "docker.io/library/demo:1")],
                [bytes, Image.Config, Image.LayerBlobs[1]]
            )
        );
        var export = ToolRun.Of(Store, "export", "-o", Folder["out.tar"], "demo:1");
        Assert.DoesNotContain("\u001b", export.Errors);
        Assert.Contains("\"b\", \"c\" and 2 more", export.Errors);

        manifest["layers"]![0]!["urls"] = new JsonArray([.. Enumerable.Range(0, 101).Select(i => (JsonNode)"x")]);
        bytes = JsonSerializer.SerializeToUtf8Bytes(manifest);
        var refused = _fixture.Refuse(
            ArchiveBuilder.Layout(
                [(ImageBuilder.Describe(MediaTypes.OciManifest, bytes), "docker.io/library/many:1")],
                [bytes, Image.Config, Image.LayerBlobs[1]]
            )
        );
        Assert.AreEqual("ITT2311", refused.Diagnostic.Code);
    }

    private static string Text(JsonNode node) => node.GetValue<string>();

    private static void AssertLacks(string code, ToolRun run)
    {
        Assert.AreEqual(1, run.ExitCode, run.Out);
        Assert.Contains($"error {code}: ", run.Errors);
        Assert.Contains(ForeignDigest, run.Errors);
        Assert.Contains(Url, run.Errors);
    }

    private Dictionary<string, byte[]> Saved(string name)
    {
        var save = ToolRun.Of(Store, "save", "-o", Folder["saved.tar"], name);
        Assert.AreEqual((0, ""), (save.ExitCode, save.Errors));
        return OciRules.FilesOf(File.ReadAllBytes(Folder["saved.tar"]));
    }

    private static JsonNode ManifestOf(Dictionary<string, byte[]> archive)
    {
        var target = JsonNode.Parse(archive["index.json"])!["manifests"]![0]!["digest"]!.GetValue<string>();
        return JsonNode.Parse(archive["blobs/" + target.Replace(':', '/')])!;
    }

    /// <summary>docker save on Windows: LayerSources says where the base layer is.</summary>
    private static ArchiveBuilder Docker(bool withLayer)
    {
        var archive = ArchiveBuilder.Docker((Image, ["demo:1"]));
        var manifest = JsonNode.Parse(archive.Members.Single(member => member.Name == "manifest.json").Content)!;
        var source = ImageBuilder.Describe(DockerForeign, Foreign);
        source["urls"] = new JsonArray(Url);
        manifest[0]!["LayerSources"] = new JsonObject { [Image.DiffIds[0].ToString()] = source };
        archive.Remove("manifest.json").Add("manifest.json", manifest);
        return withLayer ? archive : archive.Remove($"{Image.DiffIds[0].Digest.Hex}/layer.tar");
    }

    private static ArchiveBuilder Oci(string type, bool withLayer)
    {
        byte[][] blobs = [ManifestWith(type), Image.Config, .. Image.LayerBlobs.Skip(withLayer ? 0 : 1)];
        return ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciManifest, ManifestWith(type)), "docker.io/library/demo:1")],
            blobs
        );
    }

    /// <summary>The image's manifest with a foreign first layer.</summary>
    private static byte[] ManifestWith(string type)
    {
        var manifest = JsonNode.Parse(Image.Manifest)!;
        manifest["layers"]![0]!["mediaType"] = type;
        manifest["layers"]![0]!["urls"] = new JsonArray(Url);
        return JsonSerializer.SerializeToUtf8Bytes(manifest);
    }
}
