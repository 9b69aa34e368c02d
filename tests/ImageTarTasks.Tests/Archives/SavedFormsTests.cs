using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>
/// Formats, compressed layers, partial indexes: what is written is right by the specification, and the same images come
/// back.
/// </summary>
[TestClass]
public sealed class SavedFormsTests : IDisposable
{
    private readonly LoadingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    [DataRow(ArchiveFormat.Docker, null)]
    [DataRow(ArchiveFormat.Docker, "none")]
    [DataRow(ArchiveFormat.Docker, "gzip")]
    [DataRow(ArchiveFormat.Oci, "gzip:1")]
    [DataRow(ArchiveFormat.Docker, "zstd")]
    [DataRow(ArchiveFormat.Oci, "zstd:7")]
    public void Every_form_obeys_the_rules_of_the_specification_and_keeps_the_image_IDs(
        ArchiveFormat format,
        string? layers
    )
    {
        FillWithAllKinds();
        var options = new SaveOptions
        {
            Format = format,
            LayerCompression = layers is null ? null : CompressionSetting.Parse("x", layers),
        };
        var archive = _fixture.Save(options);
        Assert.IsEmpty(OciRules.Violations(archive));

        using var other = new LoadingFixture();
        other.Load(archive);
        CollectionAssert.AreEqual(Summary(_fixture.Store), Summary(other.Store));
        CollectionAssert.AreEqual(archive, _fixture.Save(options), "a second save, from what the first one kept");
    }

    [TestMethod]
    public void A_folder_holds_what_the_OCI_archive_holds()
    {
        FillWithAllKinds();
        var path = _fixture.Folder["layout"];
        var result = _fixture.SaveFolder(path);
        Assert.IsEmpty(OciRules.ViolationsOfFolder(path));
        var archive = OciRules.FilesOf(_fixture.Save(ArchiveFormat.Oci));
        var folder = Directory
            .EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(path, file), File.ReadAllBytes);
        CollectionAssert.AreEquivalent(archive.Keys, folder.Keys);
        Assert.IsTrue(archive.All(file => folder[file.Key].AsSpan().SequenceEqual(file.Value)));
        Assert.AreEqual(Digest.Of(archive["index.json"]), result.Index);
        Assert.AreEqual(archive.Values.Sum(content => (long)content.Length), result.Size);

        using var other = new LoadingFixture();
        other.Load(new ArchiveInput { DisplayName = "layout", Folder = path });
        CollectionAssert.AreEqual(Summary(_fixture.Store), Summary(other.Store));
    }

    [TestMethod]
    public void Layers_that_have_the_compression_keep_their_digest_unless_a_level_is_asked_for()
    {
        var image = new ImageBuilder()
            .Layer(ImageBuilder.TarOf(("a", "1")), CompressionKind.Gzip)
            .Layer(ImageBuilder.TarOf(("b", "2")), CompressionKind.Gzip);
        _fixture.Load(ArchiveBuilder.Hybrid(image, "a:1"));
        CollectionAssert.AreEqual(_fixture.Save(), _fixture.Save(Layers("gzip")));

        var packed = OciRules.FilesOf(_fixture.Save(Layers("gzip:1")));
        Assert.DoesNotContain(ArchiveBuilder.BlobPath(image.LayerBlobs[0]), packed.Keys);
    }

    [TestMethod]
    public void Only_what_has_another_compression_is_made_anew()
    {
        var image = new ImageBuilder()
            .Layer(ImageBuilder.TarOf(("a", "1")), CompressionKind.Gzip)
            .Layer(ImageBuilder.TarOf(("b", "2")), CompressionKind.Zstd);
        _fixture.Load(ArchiveBuilder.Hybrid(image, "a:1"));
        var files = OciRules.FilesOf(_fixture.Save(Layers("gzip")));
        Assert.Contains(ArchiveBuilder.BlobPath(image.LayerBlobs[0]), files.Keys);
        Assert.DoesNotContain(ArchiveBuilder.BlobPath(image.LayerBlobs[1]), files.Keys);
        var manifest = Manifest(files);
        Assert.AreEqual(
            $"{MediaTypes.OciLayer}+gzip {MediaTypes.OciLayer}+gzip",
            string.Join(' ', manifest["layers"]!.AsArray().Select(layer => (string)layer!["mediaType"]!))
        );
    }

    [TestMethod]
    public void Plain_layers_are_the_tars_of_the_DiffIDs()
    {
        var image = ImageBuilder.Of(3).Compressed(CompressionKind.Zstd);
        _fixture.Load(ArchiveBuilder.Hybrid(image, "a:1"));
        var files = OciRules.FilesOf(_fixture.Save(Layers("none")));
        foreach (var tar in image.Tars)
        {
            CollectionAssert.AreEqual(tar, files[ArchiveBuilder.BlobPath(tar)]);
        }
    }

    [TestMethod]
    public void A_manifest_of_Docker_becomes_an_OCI_manifest_and_what_else_it_says_stays()
    {
        var image = ImageBuilder.Of(2).Compressed(CompressionKind.Gzip);
        var manifest = JsonNode.Parse(image.Manifest)!.AsObject();
        manifest["mediaType"] = MediaTypes.DockerManifest;
        manifest["config"]!["mediaType"] = MediaTypes.DockerConfig;
        manifest["layers"]!.AsArray().ToList().ForEach(layer => layer!["mediaType"] = MediaTypes.DockerLayer + ".gzip");
        manifest["layers"]![0]!["urls"] = new JsonArray("https://example.com/layer");
        manifest["layers"]![0]!["annotations"] = new JsonObject
        {
            ["containerd.io/snapshot/stargz/toc.digest"] = "sha256:00",
            ["kept"] = "<&>",
        };
        manifest["annotations"] = new JsonObject { ["org.example"] = "\u00fc" };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest);
        _fixture.Load(
            ArchiveBuilder.Layout(
                [(ImageBuilder.Describe(MediaTypes.DockerManifest, bytes), "docker.io/library/d:1")],
                [bytes, .. image.Blobs.Skip(1)]
            )
        );
        CollectionAssert.AreEqual(
            bytes,
            OciRules.FilesOf(_fixture.Save())[ArchiveBuilder.BlobPath(bytes)],
            "as stored, it stays Docker's"
        );

        var archive = _fixture.Save(Layers("zstd"));
        Assert.IsEmpty(OciRules.Violations(archive));
        var rewritten = Manifest(OciRules.FilesOf(archive));
        Assert.AreEqual(MediaTypes.OciManifest, (string)rewritten["mediaType"]!);
        Assert.AreEqual(MediaTypes.OciConfig, (string)rewritten["config"]!["mediaType"]!);
        Assert.AreEqual(image.Id.ToString(), (string)rewritten["config"]!["digest"]!);
        Assert.AreEqual("\u00fc", (string)rewritten["annotations"]!["org.example"]!);
        Assert.IsNull(rewritten["layers"]![0]!["urls"]);
        Assert.AreEqual("<&>", (string)rewritten["layers"]![0]!["annotations"]!.AsObject().Single().Value!);
        Assert.AreEqual(MediaTypes.OciLayer + "+zstd", (string)rewritten["layers"]![1]!["mediaType"]!);
    }

    [TestMethod]
    public void An_attestation_stays_with_its_image_when_the_layers_change()
    {
        var (amd, arm) = (ImageBuilder.Of(1, "amd"), ImageBuilder.Of(1, "arm").For("linux", "arm64"));
        var index = LoadWithAttestation(amd, arm);
        var archive = _fixture.Save(Layers("gzip"));
        Assert.IsEmpty(OciRules.Violations(archive));
        var files = OciRules.FilesOf(archive);
        var rewritten = IndexOf(files);
        Assert.HasCount(3, rewritten);
        Assert.AreEqual(
            (string)rewritten[0]!["digest"]!,
            (string)rewritten[2]!["annotations"]!["vnd.docker.reference.digest"]!
        );
        Assert.AreNotEqual((string)index[0]!["digest"]!, (string)rewritten[0]!["digest"]!);
        Assert.AreEqual(
            (string)index[2]!["digest"]!,
            (string)rewritten[2]!["digest"]!,
            "the attestation itself is signed content"
        );
    }

    [TestMethod]
    public void What_was_compressed_once_is_kept_for_the_next_save_and_goes_with_its_layer()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(2), "a:1"));
        var first = _fixture.Save(Layers("zstd"));
        var folder = Path.Combine(_fixture.Store.Root, ".imagetar", "recompressed");
        var kept = Directory.GetFiles(folder);
        Assert.HasCount(2, kept);
        var steps = _fixture.Reporter.Steps.Count(step => step.Action == "Compressing layer");
        Assert.IsGreaterThan(0, steps);
        CollectionAssert.AreEqual(first, _fixture.Save(Layers("zstd:3")), "3 is the level without a number");
        Assert.AreEqual(
            steps,
            _fixture.Reporter.Steps.Count(step => step.Action == "Compressing layer"),
            "it was compressed again"
        );

        // Leftovers of a version that is not in use any more.
        File.WriteAllText(Path.Combine(folder, "stray"), "");
        File.SetLastWriteTimeUtc(Path.Combine(folder, "stray"), DateTime.UtcNow.AddDays(-8));
        _fixture.Store.Remove("a:1", force: false);
        Assert.IsEmpty(Directory.GetFiles(folder));
    }

    [TestMethod]
    public void What_another_version_compressed_stays_while_it_may_be_in_use()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(1), "a:1"));
        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(2), "b:1"));
        var image = _fixture.Store.Find("a:1").Image!;
        var folder = Directory.CreateDirectory(Path.Combine(_fixture.Store.Root, ".imagetar", "recompressed")).FullName;
        var layer = image.Layers[0].Descriptor.Digest.Hex;
        var (recent, old) = (
            Path.Combine(folder, $"{layer}.zstd-3.another.{new string('1', 64)}"),
            Path.Combine(folder, $"{layer}.zstd-3.other.{new string('2', 64)}")
        );
        File.WriteAllText(recent, "x");
        File.WriteAllText(old, "x");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        using (_fixture.Store.Pin(_fixture.Store.Find("a:1").Target))
        {
            _fixture.Store.Remove("b:1", force: false);
            CollectionAssert.AreEquivalent(new[] { recent, old }, Directory.GetFiles(folder), "a save reads them");
        }

        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(2), "b:1"));
        _fixture.Store.Remove("b:1", force: false);
        CollectionAssert.AreEqual(new[] { recent }, Directory.GetFiles(folder));
        _fixture.Store.Remove("a:1", force: false);
        Assert.IsEmpty(Directory.GetFiles(folder));
    }

    [TestMethod]
    public void What_was_kept_and_is_damaged_is_never_written_as_if_it_were_right()
    {
        _fixture.Load(ArchiveBuilder.Hybrid(ImageBuilder.Of(1), "a:1"));
        _fixture.Save(Layers("gzip"));
        var kept = Directory.GetFiles(Path.Combine(_fixture.Store.Root, ".imagetar", "recompressed")).Single();
        var content = File.ReadAllBytes(kept);
        content[^1] ^= 1;
        File.WriteAllBytes(kept, content);
        using var output = new MemoryStream();
        var error = Assert.ThrowsExactly<ImageTarException>(() =>
            ArchiveWriter.Save(
                _fixture.Store,
                _fixture.Store.Select("a:1"),
                Layers("gzip"),
                output,
                _fixture.Reporter,
                CancellationToken.None
            )
        );
        Assert.AreEqual("ITT2302", error.Diagnostic.Code);
        Assert.IsEmpty(OciRules.Violations(_fixture.Save(Layers("gzip"))), "the damaged one is made anew");
    }

    [TestMethod]
    public void Every_index_above_a_layer_that_changes_is_written_anew_and_Dockers_list_becomes_an_OCI_index()
    {
        var (amd, arm) = (
            ImageBuilder.Of(1, "amd").Compressed(CompressionKind.Gzip),
            ImageBuilder.Of(1, "arm").For("linux", "arm", "v7")
        );
        var docker = JsonNode.Parse(amd.Manifest)!.AsObject();
        docker["mediaType"] = MediaTypes.DockerManifest;
        docker["config"]!["mediaType"] = MediaTypes.DockerConfig;
        docker["layers"]![0]!["mediaType"] = MediaTypes.DockerLayer + ".gzip";
        var dockerBytes = JsonSerializer.SerializeToUtf8Bytes(docker);
        var amdDescriptor = ImageBuilder.Describe(MediaTypes.DockerManifest, dockerBytes);
        amdDescriptor["platform"] = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["os.version"] = "10.0.1",
            ["features"] = new JsonArray("sse4"),
        };
        var armAgain = arm.Descriptor;
        armAgain["platform"] = new JsonObject
        {
            ["architecture"] = "arm",
            ["os"] = "linux",
            ["variant"] = "v6",
        };
        var list = JsonNode.Parse(ArchiveBuilder.IndexOf([amdDescriptor]))!.AsObject();
        list["mediaType"] = MediaTypes.DockerManifestList;
        var listBytes = JsonSerializer.SerializeToUtf8Bytes(list);
        var outer = ArchiveBuilder.IndexOf([
            ImageBuilder.Describe(MediaTypes.DockerManifestList, listBytes),
            arm.Descriptor,
            armAgain,
        ]);
        _fixture.Load(
            ArchiveBuilder.Layout(
                [(ImageBuilder.Describe(MediaTypes.OciIndex, outer), "docker.io/library/nested:1")],
                [outer, listBytes, dockerBytes, .. amd.Blobs.Skip(1), .. arm.Blobs]
            )
        );

        var same = OciRules.FilesOf(_fixture.Save());
        CollectionAssert.AreEqual(listBytes, same[ArchiveBuilder.BlobPath(listBytes)], "as stored, nothing changes");

        var archive = _fixture.Save(Layers("zstd"));
        Assert.IsEmpty(OciRules.Violations(archive));
        var files = OciRules.FilesOf(archive);
        var top = IndexOf(files);
        Assert.AreEqual(MediaTypes.OciIndex, (string)top[0]!["mediaType"]!);
        Assert.AreEqual((string)top[1]!["digest"]!, (string)top[2]!["digest"]!, "one image for two platforms");
        Assert.AreEqual("v7 v6", $"{top[1]!["platform"]!["variant"]} {top[2]!["platform"]!["variant"]}");
        var inner = Child(files, top[0]!);
        Assert.AreEqual(MediaTypes.OciIndex, (string)inner["mediaType"]!);
        Assert.AreEqual(MediaTypes.OciManifest, (string)inner["manifests"]![0]!["mediaType"]!);
        Assert.AreEqual(
            "10.0.1",
            (string)inner["manifests"]![0]!["platform"]!["os.version"]!,
            "what the typed view does not know stays"
        );
        using var other = new LoadingFixture();
        other.Load(archive);
        CollectionAssert.AreEqual(Summary(_fixture.Store), Summary(other.Store));
    }

    [TestMethod]
    public void An_index_with_absent_platforms_is_saved_only_when_that_is_wanted()
    {
        var (amd, arm, s390) = (
            ImageBuilder.Of(1, "amd"),
            ImageBuilder.Of(2, "arm").For("linux", "arm64"),
            ImageBuilder.Of(1, "s390").For("linux", "s390x")
        );
        var sparse = ArchiveBuilder.OciIndex("docker.io/library/multi:1", amd, arm, s390);
        foreach (var blob in arm.Blobs.Concat(s390.Blobs))
        {
            sparse.Remove(ArchiveBuilder.BlobPath(blob));
        }

        _fixture.Load(sparse);
        var error = _fixture.RefuseToSave(new SaveOptions(), "multi:1");
        Assert.AreEqual("ITT3050", error.Diagnostic.Code);
        Assert.Contains(
            "multi:1 is not whole: linux/arm64, linux/s390x is not in the store, only linux/amd64",
            error.Message
        );

        var asItIs = _fixture.Save(new SaveOptions { MissingPlatforms = MissingPlatforms.Sparse });
        Assert.HasCount(2, OciRules.Violations(asItIs));
        using var other = new LoadingFixture();
        other.Load(asItIs);
        CollectionAssert.AreEqual(Summary(_fixture.Store), Summary(other.Store));
        Assert.AreEqual(_fixture.Store.Find("multi:1").Target.Digest, other.Store.Find("multi:1").Target.Digest);

        var subset = _fixture.Save(new SaveOptions { MissingPlatforms = MissingPlatforms.Subset });
        Assert.IsEmpty(OciRules.Violations(subset));
        Assert.AreEqual("amd64", (string)IndexOf(OciRules.FilesOf(subset)).Single()!["platform"]!["architecture"]!);
        using var third = new LoadingFixture();
        third.Load(subset);
        Assert.AreEqual(amd.Id, third.Store.Find("multi:1").Id);
        CollectionAssert.AreEqual(subset, third.Save(), "a subset is whole");
        CollectionAssert.AreEqual(
            subset,
            _fixture.Save(
                new SaveOptions
                {
                    MissingPlatforms = MissingPlatforms.Subset,
                    Platform = null,
                    LayerCompression = new CompressionSetting(CompressionKind.None),
                }
            )
        );

        // A platform that is there needs no decision.
        _fixture.Save(ArchiveFormat.Docker, new Platform("linux", "amd64"), "multi:1");
    }

    [TestMethod]
    public void A_subset_drops_the_attestations_of_what_it_drops_and_an_absent_attestation_is_no_absent_platform()
    {
        var (amd, arm) = (ImageBuilder.Of(1, "amd"), ImageBuilder.Of(1, "arm").For("linux", "arm64"));
        var index = LoadWithAttestation(amd, arm, without: amd);
        Assert.AreEqual("ITT3050", _fixture.RefuseToSave(new SaveOptions()).Diagnostic.Code);
        var subset = IndexOf(
            OciRules.FilesOf(_fixture.Save(new SaveOptions { MissingPlatforms = MissingPlatforms.Subset }))
        );
        Assert.AreEqual((string)index[1]!["digest"]!, (string)subset.Single()!["digest"]!);

        using var other = new LoadingFixture();
        var whole = Attested(amd, arm, out var attestation);
        whole.Remove(ArchiveBuilder.BlobPath(attestation));
        other.Load(whole);
        other.Save();
    }

    [TestMethod]
    public void Two_images_that_become_one_are_listed_once_with_all_names()
    {
        // The same image, its layers stored in two ways: two manifests, one image ID.
        _fixture.Load(ArchiveBuilder.Docker((ImageBuilder.Of(2), ["a:1"])));
        _fixture.Load(ArchiveBuilder.Docker((ImageBuilder.Of(2).Compressed(CompressionKind.Gzip), ["b:1"])));
        Assert.HasCount(2, JsonNode.Parse(OciRules.FilesOf(_fixture.Save())["manifest.json"])!.AsArray());
        var files = OciRules.FilesOf(_fixture.Save(Layers("none")));
        Assert.AreEqual(
            "a:1 b:1",
            string.Join(
                ' ',
                JsonNode.Parse(files["manifest.json"])!.AsArray().Single()!["RepoTags"]!
                    .AsArray()
                    .Select(tag => (string)tag!)
            )
        );
        Assert.HasCount(
            1,
            JsonNode.Parse(files["index.json"])!["manifests"]!
                .AsArray()
                .Select(entry => (string)entry!["digest"]!)
                .Distinct()
        );
    }

    [TestMethod]
    public void A_layer_that_stands_twice_in_an_image_and_images_that_share_layers_are_written_once()
    {
        var tar = ImageBuilder.TarOf(("a", "1"));
        var twice = new ImageBuilder().Layer(tar).Layer(("b", "2")).Layer(tar);
        _fixture.Load(
            ArchiveBuilder.Docker(
                (twice, ["twice:1"]),
                (new ImageBuilder().Layer(tar), ["once:1"]),
                (new ImageBuilder().Layer(tar).With("author", "me"), null)
            )
        );
        foreach (var options in new[] { new SaveOptions(), Layers("gzip") })
        {
            var archive = _fixture.Save(options);
            Assert.IsEmpty(OciRules.Violations(archive));
            var images = JsonNode.Parse(OciRules.FilesOf(archive)["manifest.json"])!.AsArray();
            CollectionAssert.AreEqual(
                new[] { 1, 1, 3 },
                images.Select(image => image!["Layers"]!.AsArray().Count).Order().ToArray()
            );
            Assert.HasCount(
                2,
                images.SelectMany(image => image!["Layers"]!.AsArray()).Select(layer => (string)layer!).Distinct()
            );
            Assert.HasCount(
                3,
                JsonNode.Parse(OciRules.FilesOf(archive)["index.json"])!["manifests"]!.AsArray(),
                "the image without a name is listed too"
            );
        }
    }

    private static SaveOptions Layers(string setting) =>
        new() { LayerCompression = CompressionSetting.Parse("x", setting) };

    /// <summary>
    /// Images of every kind: with names, without, without layers, of several platforms, in every compression, with what
    /// is no image.
    /// </summary>
    private void FillWithAllKinds()
    {
        _fixture.Load(
            ArchiveBuilder.Docker(
                (ImageBuilder.Of(3), ["a:1", "b:2"]),
                (ImageBuilder.Of(2, "other"), null),
                (ImageBuilder.Of(0), ["zero:1"])
            )
        );
        _fixture.Load(
            ArchiveBuilder.Hybrid(
                new ImageBuilder()
                    .Layer(ImageBuilder.TarOf(("g", "1")), CompressionKind.Gzip)
                    .Layer(ImageBuilder.TarOf(("z", "2")), CompressionKind.Zstd)
                    .Layer(("p", "3")),
                "mixed:1"
            )
        );
        LoadWithAttestation(
            ImageBuilder.Of(1, "amd"),
            ImageBuilder.Of(2, "arm").For("linux", "arm", "v7").Compressed(CompressionKind.Gzip)
        );
    }

    private JsonArray LoadWithAttestation(ImageBuilder amd, ImageBuilder arm, ImageBuilder? without = null)
    {
        var archive = Attested(amd, arm, out _);
        foreach (var blob in without?.Blobs ?? [])
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
        }

        _fixture.Load(archive);
        return IndexOf(OciRules.FilesOf(archive.ToTar()));
    }

    /// <summary>An index of two images and what BuildKit attests about the first.</summary>
    private static ArchiveBuilder Attested(ImageBuilder amd, ImageBuilder arm, out byte[] attestation)
    {
        var statement = Encoding.UTF8.GetBytes("{\"_type\":\"https://in-toto.io/Statement/v0.1\"}");
        var config = Encoding.UTF8.GetBytes(
            "{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + Digest.Of(statement).Value
                + "\"]}}"
        );
        attestation = JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciManifest,
                ["config"] = ImageBuilder.Describe(MediaTypes.OciConfig, config),
                ["layers"] = new JsonArray(ImageBuilder.Describe("application/vnd.in-toto+json", statement)),
            }
        );
        var descriptor = ImageBuilder.Describe(MediaTypes.OciManifest, attestation);
        descriptor["annotations"] = new JsonObject
        {
            ["vnd.docker.reference.digest"] = Digest.Of(amd.Manifest).Value,
            ["vnd.docker.reference.type"] = "attestation-manifest",
        };
        descriptor["platform"] = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" };
        var index = ArchiveBuilder.IndexOf([amd.Descriptor, arm.Descriptor, descriptor]);
        return ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciIndex, index), "docker.io/library/attested:1")],
            [index, .. amd.Blobs, .. arm.Blobs, attestation, config, statement]
        );
    }

    private static JsonObject Manifest(Dictionary<string, byte[]> files) =>
        Child(files, JsonNode.Parse(files["index.json"])!["manifests"]![0]!);

    /// <summary>The list of the only index in an archive.</summary>
    private static JsonArray IndexOf(Dictionary<string, byte[]> files) =>
        Child(
            files,
            JsonNode.Parse(files["index.json"])!["manifests"]!
                .AsArray()
                .Single(entry => (string)entry!["mediaType"]! == MediaTypes.OciIndex)!
        )["manifests"]!.AsArray();

    private static JsonObject Child(Dictionary<string, byte[]> files, JsonNode descriptor) =>
        JsonNode.Parse(files["blobs/" + ((string)descriptor["digest"]!).Replace(':', '/')])!.AsObject();

    private static string[] Summary(ImageStore store) =>
        store
            .List()
            .Select(image =>
                $"{image.Id} {string.Join(' ', image.References.Select(name => name.Full))} "
                + $"{string.Join(' ', store.Manifests(image.Target).Select(m => store.OpenImage(m).Id))}"
            )
            .Order(StringComparer.Ordinal)
            .ToArray();
}
