using System.Text;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

[TestClass]
public sealed class ArchiveReaderTests : IDisposable
{
    private readonly LoadingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    [DataRow(CompressionKind.None, CompressionKind.None)]
    [DataRow(CompressionKind.Gzip, CompressionKind.None)]
    [DataRow(CompressionKind.Zstd, CompressionKind.None)]
    [DataRow(CompressionKind.None, CompressionKind.Gzip)]
    [DataRow(CompressionKind.None, CompressionKind.Zstd)]
    public void A_docker_archive_keeps_its_image_ID_in_every_compression(CompressionKind outer, CompressionKind inner)
    {
        var image = ImageBuilder.Of(3).Compressed(inner);
        var loaded = _fixture.Load(
            ImageBuilder.Compress(ArchiveBuilder.Docker((image, ["a:1", "example.com/b:2"])).ToTar(), outer)
        );
        Check(image, Assert.ContainsSingle(loaded), "docker.io/library/a:1", "example.com/b:2");
        CollectionAssert.AreEqual(
            image.LayerBlobs.Select(blob => Digest.Of(blob)).ToArray(),
            loaded[0].Stored.Image!.Layers.Select(layer => layer.Descriptor.Digest).ToArray()
        );
        Assert.IsTrue(
            loaded[0].Stored.Image!.Layers.All(layer => layer.Descriptor.MediaType == MediaTypes.OciLayerOf(inner))
        );
    }

    [TestMethod]
    public void An_OCI_archive_keeps_the_bytes_of_its_manifest()
    {
        var image = ImageBuilder.Of(2).Compressed(CompressionKind.Gzip);
        var loaded = _fixture.Load(ArchiveBuilder.Oci((image, "docker.io/library/a:1")));
        Check(image, Assert.ContainsSingle(loaded), "docker.io/library/a:1");
        Assert.AreEqual(Digest.Of(image.Manifest), loaded[0].Stored.Target.Digest);
    }

    [TestMethod]
    public void A_hybrid_is_one_image_with_the_manifest_of_index_json()
    {
        var image = ImageBuilder.Of(2);
        var loaded = _fixture.Load(ArchiveBuilder.Hybrid(image, "a:1", "a:2"));
        Check(image, Assert.ContainsSingle(loaded), "docker.io/library/a:1", "docker.io/library/a:2");
        Assert.AreEqual(Digest.Of(image.Manifest), loaded[0].Stored.Target.Digest);
    }

    [TestMethod]
    public void Metadata_may_come_first_and_names_may_have_a_dot_and_slash()
    {
        var image = ImageBuilder.Of(2);
        var archive = ArchiveBuilder.Docker((image, ["a:1"])).MoveFirst("manifest.json").Prefixed("./");
        Check(image, Assert.ContainsSingle(_fixture.Load(archive)), "docker.io/library/a:1");
    }

    [TestMethod]
    public void Folders_are_read_like_archives()
    {
        var image = ImageBuilder.Of(2);
        var docker = ArchiveBuilder.Docker((image, ["a:1"])).ToFolder(_fixture.Folder["docker"]);
        var oci = ArchiveBuilder.Oci((image, "docker.io/library/b:1")).ToFolder(_fixture.Folder["oci"]);
        Check(
            image,
            Assert.ContainsSingle(_fixture.Load(new ArchiveInput { DisplayName = "docker", Folder = docker })),
            "docker.io/library/a:1"
        );
        Check(
            image,
            Assert.ContainsSingle(_fixture.Load(new ArchiveInput { DisplayName = "oci", Folder = oci })),
            "docker.io/library/b:1"
        );
    }

    [TestMethod]
    public void A_link_out_of_a_folder_is_not_followed()
    {
        var image = ImageBuilder.Small();
        var folder = ArchiveBuilder.Docker((image, ["a:1"])).ToFolder(_fixture.Folder["docker"]);
        var layer = Path.Combine(folder, image.DiffIds[0].Digest.Hex, "layer.tar");
        File.Move(layer, _fixture.Folder["outside.tar"]);
        File.CreateSymbolicLink(layer, _fixture.Folder["outside.tar"]);
        Assert.Contains("link", _fixture.Refuse(new ArchiveInput { DisplayName = "docker", Folder = folder }).Message);
    }

    [TestMethod]
    public void A_layer_may_be_a_link_to_another_member()
    {
        var tar = ImageBuilder.TarOf(("f", "x"));
        var image = new ImageBuilder().Layer(tar).Layer(tar);
        var archive = new ArchiveBuilder()
            .Add("c.json", image.Config)
            .Add("one/layer.tar", tar)
            .Add("two/layer.tar -> ../one/layer.tar", "")
            .Add(
                "manifest.json",
                """[{"Config":"c.json","RepoTags":["a:1"],"Layers":["one/layer.tar","two/layer.tar"]}]"""
            );
        Check(image, Assert.ContainsSingle(_fixture.Load(archive)), "docker.io/library/a:1");
    }

    [TestMethod]
    public void An_index_is_kept_whole()
    {
        ImageBuilder[] images = [ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64", "v8")];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        var loaded = Assert.ContainsSingle(_fixture.Load(archive));
        Assert.AreEqual(MediaTypes.OciIndex, loaded.Stored.Target.MediaType);
        CollectionAssert.AreEqual(
            images.Select(image => Digest.Of(image.Manifest)).ToArray(),
            _fixture.Store.Manifests(loaded.Stored.Target).Select(manifest => manifest.Digest).ToArray()
        );
    }

    [TestMethod]
    public void A_platform_narrows_an_index_to_its_manifest()
    {
        ImageBuilder[] images = [ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64")];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images).ToTar();
        var error = _fixture.Refuse(archive, new LoadOptions { Platform = new Platform("linux", "s390x") });
        Assert.Contains("linux/s390x", error.Message);
        Assert.Contains("linux/amd64, linux/arm64", error.Message);

        var loaded = Assert.ContainsSingle(
            _fixture.Load(archive, new LoadOptions { Platform = new Platform("linux", "arm64") })
        );
        Check(images[1], loaded, "docker.io/library/multi:1");
        Assert.AreEqual(Digest.Of(images[1].Manifest), loaded.Stored.Target.Digest);
        Assert.IsFalse(
            _fixture.Store.Has(
                new Descriptor(MediaTypes.OciManifest, Digest.Of(images[0].Manifest), images[0].Manifest.Length)
            )
        );
    }

    [TestMethod]
    public void A_platform_may_be_absent_from_an_index_but_not_all_of_them()
    {
        ImageBuilder[] images = [ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64")];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        foreach (var blob in images[1].Blobs)
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
        }

        var loaded = Assert.ContainsSingle(_fixture.Load(archive));
        Assert.AreEqual(images[0].Id, loaded.Stored.Image!.Id);
        Assert.Contains(
            "none is whole",
            _fixture.Refuse(archive.Remove(ArchiveBuilder.BlobPath(images[0].Manifest))).Message
        );
    }

    [TestMethod]
    public void A_present_manifest_must_be_complete()
    {
        ImageBuilder[] images = [ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64")];
        var missing = ArchiveBuilder.BlobPath(images[1].LayerBlobs[1]);
        Assert.Contains(
            missing,
            _fixture.Refuse(ArchiveBuilder.OciIndex("docker.io/library/multi:1", images).Remove(missing)).Message
        );
    }

    [TestMethod]
    public void A_manifest_without_any_of_its_content_counts_as_absent()
    {
        ImageBuilder[] images = [ImageBuilder.Of(1, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64")];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        foreach (var blob in images[1].Blobs.Skip(1))
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
        }

        var loaded = Assert.ContainsSingle(_fixture.Load(archive));
        Assert.ContainsSingle(_fixture.Store.Manifests(loaded.Stored.Target));
    }

    [TestMethod]
    public void Digests_may_be_sha512()
    {
        var image = ImageBuilder.Of(2);
        var (config, layers) = (
            Describe(MediaTypes.OciConfig, image.Config),
            image.Tars.Select(tar => Describe(MediaTypes.OciLayer, tar)).ToArray()
        );
        var manifest = Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciManifest,
                ["config"] = config,
                ["layers"] = new JsonArray(layers),
            }.ToJsonString()
        );
        var archive = ArchiveBuilder.Layout(
            [(Describe(MediaTypes.OciManifest, manifest), "docker.io/library/a:1")],
            []
        );
        foreach (var blob in image.Tars.Append(image.Config).Append(manifest))
        {
            archive.Add($"blobs/sha512/{Sha512(blob).Hex}", blob);
        }

        var loaded = Assert.ContainsSingle(_fixture.Load(archive));
        Check(image, loaded, "docker.io/library/a:1");
        Assert.AreEqual(Sha512(manifest), loaded.Stored.Target.Digest);
        using var other = new LoadingFixture();
        Check(image, Assert.ContainsSingle(other.Load(_fixture.Save())), "docker.io/library/a:1");
        var indexes = Path.Combine(other.Store.Root, ".imagetar", "layers");
        Assert.HasCount(2, Directory.GetFiles(indexes));
        other.Store.Remove("a:1", force: false);
        Assert.IsEmpty(Directory.GetFiles(indexes));

        archive.Replace($"blobs/sha512/{Sha512(image.Tars[0]).Hex}", image.Tars[1]);
        Assert.AreEqual("ITT2210", _fixture.Refuse(archive).Diagnostic.Code);

        static JsonObject Describe(string mediaType, byte[] content) =>
            ArchiveBuilder.DescribeBySha512(mediaType, content);

        static Digest Sha512(byte[] content) => ArchiveBuilder.Sha512(content);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void One_content_under_its_sha256_and_its_sha512_is_found_under_both(bool isFile)
    {
        // Large enough to be staged on a thread of its own, when the archive is a file.
        var image = new ImageBuilder()
            .Layer(ImageBuilder.TarOf(("large", new string('x', 2_000_000))))
            .Layer(("a", ""));
        string[] names = ["acme.io/a:1", "acme.io/b:1", "acme.io/c:1"];
        var archive = ArchiveBuilder.UnderBothDigests(image, names[0], names[1], names[2]).ToTar();
        File.WriteAllBytes(_fixture.Folder["a.tar"], archive);
        using var file = File.OpenRead(_fixture.Folder["a.tar"]);
        var loaded = isFile
            ? _fixture.Load(new ArchiveInput { DisplayName = "a.tar", Stream = file })
            : _fixture.Load(archive);
        Assert.AreSequenceEqual(names, loaded.Select(one => one.References.Single().ToString()));
        foreach (var name in names)
        {
            using var other = new LoadingFixture();
            Check(image, Assert.ContainsSingle(other.Load(_fixture.Save(arguments: name))), name);
        }
    }

    [TestMethod]
    public void Small_members_that_no_image_needs_make_no_files()
    {
        var archive = ArchiveBuilder.Oci((ImageBuilder.Of(2), "docker.io/library/a:1"));
        var files = 0;
        _fixture.Store.Context.Files.BeforeChange = step =>
            files += step.StartsWith("create", StringComparison.Ordinal) ? 1 : 0;
        _fixture.Load(archive);
        var alone = files;
        using var other = new LoadingFixture();
        files = 0;
        other.Store.Context.Files.BeforeChange = _fixture.Store.Context.Files.BeforeChange;
        for (var number = 0; number < 500; number++)
        {
            archive.Add($"more/{number}", "").Add($"text/{number}", $"text {number}");
        }

        other.Load(archive);
        Assert.IsGreaterThan(0, alone);
        Assert.AreEqual(alone, files);
    }

    [TestMethod]
    [DataRow(64 * 1024)]
    [DataRow(64 * 1024 + 1)]
    public void Layers_around_the_size_that_stays_in_memory_are_stored_whole(int size)
    {
        var text = new string('x', size - ImageBuilder.TarOf(("a", "")).Length - 512 + (size & 511));
        foreach (var tar in new[] { ImageBuilder.TarOf(("a", text)), ImageBuilder.TarOf(("a", text[..^512])) })
        {
            using var fixture = new LoadingFixture();
            var image = new ImageBuilder().Layer(tar);
            Check(
                image,
                Assert.ContainsSingle(fixture.Load(ArchiveBuilder.Oci((image, "docker.io/library/a:1")))),
                "docker.io/library/a:1"
            );
        }
    }

    [TestMethod]
    public void Attestations_are_carried_and_never_taken_for_images()
    {
        var image = ImageBuilder.Small();
        var attestation = new ImageBuilder().Layer("{}"u8.ToArray());
        var descriptor = ImageBuilder.Describe(MediaTypes.OciManifest, attestation.Manifest);
        descriptor["platform"] = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" };
        descriptor["annotations"] = new JsonObject { ["vnd.docker.reference.type"] = "attestation-manifest" };
        var index = ArchiveBuilder.IndexOf([image.Descriptor, descriptor]);
        var archive = ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciIndex, index), "docker.io/library/a:1")],
            [index, .. image.Blobs, .. attestation.Blobs]
        );

        var loaded = Assert.ContainsSingle(_fixture.Load(archive));
        Assert.ContainsSingle(_fixture.Store.Manifests(loaded.Stored.Target));
        Assert.IsTrue(
            _fixture.Store.Has(
                new Descriptor(MediaTypes.OciManifest, Digest.Of(attestation.Manifest), attestation.Manifest.Length)
            )
        );
    }

    [TestMethod]
    public void Names_of_index_json_are_whole_or_none()
    {
        var archive = ArchiveBuilder.Oci(
            (ImageBuilder.Of(1, "a"), null),
            (ImageBuilder.Of(1, "b"), null),
            (ImageBuilder.Of(1, "c"), null)
        );
        var index = JsonNode.Parse(archive.Members.Single(member => member.Name == "index.json").Content)!;
        string[] names = ["v9", "example.com/foo/bar:v9", "example.com/foo"];
        for (var i = 0; i < names.Length; i++)
        {
            index["manifests"]![i]!["annotations"] = new JsonObject
            {
                ["org.opencontainers.image.ref.name"] = names[i],
            };
        }

        var loaded = _fixture.Load(archive.Remove("index.json").Add("index.json", index));
        CollectionAssert.AreEqual(
            new[] { "", "example.com/foo/bar:v9", "example.com/foo:latest" },
            loaded.Select(image => image.References.Count == 0 ? "" : image.References[0].Full).ToArray()
        );
        Assert.Contains(
            "v9",
            Assert.ContainsSingle(
                _fixture.Reporter.Details.Where(line => line.Contains("without a name", StringComparison.Ordinal))
            )
        );
    }

    [TestMethod]
    public void A_name_taken_from_another_image_is_told()
    {
        var first = ImageBuilder.Of(1, "first");
        _fixture.Load(ArchiveBuilder.Docker((first, ["a:1"])));
        var taken = Assert.ContainsSingle(
            _fixture.Read(ArchiveBuilder.Docker((ImageBuilder.Of(1, "second"), ["a:1"]))).Replaced
        );
        Assert.AreEqual(("a:1", first.Id), (taken.Name.Familiar, taken.Previous.Id));
        Assert.HasCount(2, _fixture.Store.List());
    }

    [TestMethod]
    public void Several_images_share_layers_and_keep_their_order()
    {
        ImageBuilder[] images = [ImageBuilder.Of(3), ImageBuilder.Of(2), ImageBuilder.Of(0)];
        var loaded = _fixture.Load(
            ArchiveBuilder.Docker((images[0], ["z:1"]), (images[1], null), (images[2], ["a:1"]))
        );
        CollectionAssert.AreEqual(
            images.Select(image => image.Id).ToArray(),
            loaded.Select(image => image.Stored.Id).ToArray()
        );
        Assert.IsEmpty(loaded[1].References);
    }

    [TestMethod]
    public void An_image_without_a_name_that_index_json_forgot_is_loaded_from_manifest_json()
    {
        var (named, forgotten) = (ImageBuilder.Of(1, "named"), ImageBuilder.Of(2, "forgotten"));
        var archive = ArchiveBuilder.Hybrid(named, "a:1").AddBlob(forgotten.Config);
        var layers = string.Join(',', forgotten.LayerBlobs.Select(blob => $"\"{ArchiveBuilder.BlobPath(blob)}\""));
        foreach (var blob in forgotten.LayerBlobs)
        {
            archive.AddBlob(blob);
        }

        archive.Edit(
            "manifest.json",
            "}]",
            $$"""},{"Config":"{{ArchiveBuilder.BlobPath(forgotten.Config)}}","RepoTags":null,"Layers":[{{layers}}]}]"""
        );
        var loaded = _fixture.Load(archive);
        CollectionAssert.AreEqual(new[] { named.Id, forgotten.Id }, loaded.Select(image => image.Stored.Id).ToArray());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_manifest_of_Docker_25_0_0_that_contradicts_its_configuration_is_made_again(bool withoutLayers)
    {
        var image = ImageBuilder.Of(2);
        var wrong = JsonNode.Parse(image.Manifest)!;
        var layers = wrong["layers"]!.AsArray().Select(layer => layer!.DeepClone()).Reverse().ToArray();
        wrong["layers"] = new JsonArray(withoutLayers ? [] : layers);
        var manifest = Encoding.UTF8.GetBytes(wrong.ToJsonString());
        var archive = ArchiveBuilder
            .Hybrid(image, "a:1")
            .AddBlob(manifest)
            .Replace("index.json", ArchiveBuilder.IndexOf([ImageBuilder.Describe(MediaTypes.OciManifest, manifest)]));
        Check(image, Assert.ContainsSingle(_fixture.Load(archive)), "docker.io/library/a:1");
    }

    [TestMethod]
    public void Docker_writes_null_for_no_layers_and_for_no_images()
    {
        var image = ImageBuilder.Of(0);
        var manifest = Encoding.UTF8.GetBytes(
            Encoding
                .UTF8.GetString(image.Manifest)
                .Replace("\"layers\":[]", "\"layers\":null", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("[]", Encoding.UTF8.GetString(manifest));
        var oci = ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciManifest, manifest), "docker.io/library/a:1")],
            [manifest, image.Config]
        );
        Check(image, Assert.ContainsSingle(_fixture.Load(oci)), "docker.io/library/a:1");

        var hybrid = ArchiveBuilder
            .Docker((ImageBuilder.Of(2), null))
            .Add("index.json", """{"schemaVersion":2,"manifests":null}""");
        Check(ImageBuilder.Of(2), Assert.ContainsSingle(_fixture.Load(hybrid)));
    }

    [TestMethod]
    public void Archives_of_Docker_before_1_10_are_composed_from_their_layers()
    {
        var (low, top) = (new string('a', 64), new string('b', 64));
        byte[][] tars = [ImageBuilder.TarOf(("low", "1")), ImageBuilder.TarOf(("top", "2"))];
        var archive = new ArchiveBuilder()
            .Add($"{low}/VERSION", "1.0")
            .Add(
                $"{low}/json",
                $$"""{"id":"{{low}}","created":"2014-01-01T00:00:00Z","os":"linux","architecture":"amd64"}"""
            )
            .Add($"{low}/layer.tar", tars[0])
            .Add($"{top}/VERSION", "1.0")
            .Add(
                $"{top}/json",
                $$$"""{"id":"{{{top}}}","parent":"{{{low}}}","created":"2014-01-02T00:00:00Z","os":"linux","architecture":"amd64","container_config":{"Cmd":["/bin/sh","-c","echo"]},"config":{"Cmd":["sh"]}}"""
            )
            .Add($"{top}/layer.tar", tars[1])
            .Add("repositories", $$$"""{"old":{"1":"{{{top}}}"}}""");
        var image = Assert.ContainsSingle(_fixture.Load(archive));
        Assert.AreEqual("docker.io/library/old:1", image.References[0].Full);
        CollectionAssert.AreEqual(
            tars.Select(tar => new DiffId(Digest.Of(tar))).ToArray(),
            image.Stored.Image!.Config.DiffIds.ToArray()
        );
        CollectionAssert.AreEqual(
            new[] { "", "/bin/sh -c echo" },
            image.Stored.Image.Config.History.Select(step => step.CreatedBy).ToArray()
        );
        CollectionAssert.AreEqual(new[] { "sh" }, image.Stored.Image.Config.Settings.Cmd!.ToArray());
    }

    [TestMethod]
    public void Progress_is_told_for_layers_only()
    {
        var image = ImageBuilder.Of(2);
        _fixture.Load(ArchiveBuilder.Docker((image, ["a:1"])));
        CollectionAssert.AreEquivalent(
            image.DiffIds.Select(diffId => diffId.Digest.ShortHex).ToArray(),
            _fixture.Reporter.Steps.Select(step => step.Step).Distinct().ToArray()
        );
        Assert.IsTrue(
            _fixture.Reporter.Steps.TrueForAll(step => step.Action == "Loading layer" && step.Current <= step.Total)
        );
    }

    private static void Check(ImageBuilder image, LoadedImage loaded, params string[] names)
    {
        Assert.AreEqual(image.Id, loaded.Stored.Id);
        CollectionAssert.AreEqual(image.DiffIds.ToArray(), loaded.Stored.Image!.Config.DiffIds.ToArray());
        CollectionAssert.AreEqual(names, loaded.References.Select(name => name.Full).ToArray());
    }
}
