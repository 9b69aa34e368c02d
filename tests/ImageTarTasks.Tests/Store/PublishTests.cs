using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class PublishTests
{
    [TestMethod]
    public void A_new_store_is_an_empty_OCI_layout()
    {
        using var fixture = new StoreFixture();
        Assert.AreEqual(
            "{\"imageLayoutVersion\":\"1.0.0\"}",
            File.ReadAllText(Path.Combine(fixture.Root, "oci-layout"))
        );
        Assert.AreEqual(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}",
            File.ReadAllText(Path.Combine(fixture.Root, "index.json"))
        );
        Assert.IsEmpty(fixture.Store.List());
    }

    [TestMethod]
    [DataRow(CompressionKind.None)]
    [DataRow(CompressionKind.Gzip)]
    [DataRow(CompressionKind.Zstd)]
    public void A_published_image_is_found_and_read_back(CompressionKind compression)
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(3).Compressed(compression);
        var target = fixture.Publish(image, "a:1", "b");
        var found = fixture.Open().Find("b");
        Assert.AreEqual(image.Id, found.Id);
        Assert.AreEqual("a:1 b:latest", string.Join(' ', found.References));
        Assert.AreEqual(target.Digest, found.Target.Digest);
        for (var i = 0; i < 3; i++)
        {
            using var content = new MemoryStream();
            using var blob = fixture.Store.OpenBlob(found.Image!.Layers[i].Descriptor);
            blob.CopyTo(content);
            Assert.AreSequenceEqual(image.LayerBlobs[i], content.ToArray());
            using var index = fixture.Store.OpenLayerIndex(found.Image.Layers[i], CancellationToken.None);
            Assert.AreEqual(compression, index.Summary.Compression);
            Assert.AreEqual($"layer{i}", index.ReadEntries().Single().Name.ToText());
        }

        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void Index_json_does_not_depend_on_the_order_of_additions()
    {
        using var one = new StoreFixture();
        using var other = new StoreFixture();
        foreach (var (seed, name) in new[] { ("1", "b:1"), ("2", "a:1"), ("3", ""), ("1", "a:2") })
        {
            one.Publish(ImageBuilder.Of(1, seed), name.Length == 0 ? [] : [name]);
        }

        foreach (var (seed, name) in new[] { ("1", "a:2"), ("3", ""), ("2", "a:1"), ("1", "b:1") })
        {
            other.Publish(ImageBuilder.Of(1, seed), name.Length == 0 ? [] : [name]);
        }

        Assert.AreEqual(
            File.ReadAllText(Path.Combine(one.Root, "index.json")),
            File.ReadAllText(Path.Combine(other.Root, "index.json"))
        );
        Assert.Contains(
            "\"io.containerd.image.name\":\"docker.io/library/a:1\",\"org.opencontainers.image.ref.name\":\"1\"",
            File.ReadAllText(Path.Combine(one.Root, "index.json"))
        );
    }

    [TestMethod]
    public void What_is_not_published_leaves_no_trace()
    {
        using var fixture = new StoreFixture();
        var before = Directory
            .GetFileSystemEntries(fixture.Root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToArray();
        using (var writer = fixture.Store.BeginWrite())
        {
            StoreFixture.Stage(writer, ImageBuilder.Small());
        }

        Assert.AreSequenceEqual(
            before,
            Directory
                .GetFileSystemEntries(fixture.Root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .ToArray()
        );
    }

    [TestMethod]
    public void Only_what_a_publication_reaches_becomes_visible()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var stray = writer.Stage("stray"u8.ToArray());
        var target = StoreFixture.Stage(writer, ImageBuilder.Small());
        writer.Publish([new Publication(target, [])]);
        Assert.IsFalse(File.Exists(fixture.Blob(stray.Digest)));
        Assert.HasCount(3, fixture.BlobNames().ToArray());
    }

    [TestMethod]
    public void A_missing_layer_stops_the_publication_and_changes_nothing()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        using var writer = fixture.Store.BeginWrite();
        writer.Stage(image.LayerBlobs[0]);
        writer.Stage(image.Config);
        var manifest = writer.Stage(image.Manifest);
        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
            writer.Publish([
                new Publication(
                    new Descriptor(MediaTypes.OciManifest, manifest.Digest, manifest.Size),
                    [ImageReference.Parse("a:1")]
                ),
            ])
        );
        Assert.AreEqual("ITT3020", failure.Diagnostic.Code);
        Assert.Contains(Digest.Of(image.LayerBlobs[1]).Value, failure.Message);
        Assert.IsEmpty(fixture.BlobNames());
        Assert.IsEmpty(fixture.Store.List());
    }

    [TestMethod]
    public void A_size_that_is_not_the_contents_stops_the_publication()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var target = StoreFixture.Stage(writer, ImageBuilder.Small());
        Assert.AreEqual(
            "ITT3021",
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    writer.Publish([new Publication(target with { MediaType = "x/y", Size = target.Size + 1 }, [])])
                )
                .Diagnostic.Code
        );
    }

    [TestMethod]
    public void A_layer_the_store_has_can_be_adopted_instead_of_staged()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        fixture.Publish(image, "a:1");
        using (var writer = fixture.Store.BeginWrite())
        {
            Assert.IsNull(writer.TryAdopt(Digest.Of("nothing"u8)));
            var adopted = writer.TryAdopt(Digest.Of(image.LayerBlobs[0]))!;
            Assert.AreEqual(image.DiffIds[0], adopted.Layer!.DiffId);
            var config = writer.Stage(ImageBuilder.Of(1).Config);
            var manifest = ImageManifest.Compose(
                new(MediaTypes.OciConfig, config.Digest, config.Size),
                [new(MediaTypes.OciLayer, adopted.Digest, adopted.Size)]
            );
            writer.Stage(manifest.Raw);
            writer.Publish([new Publication(manifest.Descriptor, [ImageReference.Parse("b:1")])]);
        }

        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void A_damaged_blob_is_not_adopted()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        fixture.Publish(image, "a:1");
        Flip(fixture.Blob(Digest.Of(image.LayerBlobs[0])));
        using var writer = fixture.Store.BeginWrite();
        Assert.IsNull(writer.TryAdopt(Digest.Of(image.LayerBlobs[0])));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_damaged_blob_is_noticed_and_healed_by_the_next_publication(bool cutToNothing)
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        fixture.Publish(image, "a:1");
        var layer = fixture.Store.Find("a:1").Image!.Layers[1].Descriptor;
        if (cutToNothing)
        {
            File.WriteAllBytes(fixture.Blob(layer.Digest), []);
        }
        else
        {
            Flip(fixture.Blob(layer.Digest));
        }

        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
        {
            using var content = fixture.Store.OpenBlob(layer);
            content.CopyTo(Stream.Null);
        });
        Assert.Contains(layer.Digest.Value, failure.Message);
        fixture.Publish(image, "a:1");
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void Content_that_is_no_tar_says_why_it_is_no_layer_and_is_kept_as_it_is()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var text = writer.Stage("no tar at all, but long enough"u8.ToArray());
        Assert.AreEqual("ITT3023", text.LayerFault!.Diagnostic.Code);
        var gzip = ImageBuilder.Small().Compressed(CompressionKind.Gzip).LayerBlobs[0];
        var cut = writer.Stage(gzip.AsMemory(0, gzip.Length - 5));
        Assert.StartsWith("ITT21", cut.LayerFault!.Diagnostic.Code);
        Assert.IsNull(cut.Layer);
        Assert.AreEqual(Digest.Of(gzip.AsSpan(0, gzip.Length - 5)), cut.Digest);
        Assert.AreSequenceEqual(gzip[..^5], writer.Read(cut).ToArray());
        var damaged = ImageBuilder.Of(1).LayerBlobs[0].ToArray();
        damaged[148] ^= 1;
        Assert.IsNotNull(writer.Stage(damaged).LayerFault);
    }

    [TestMethod]
    public void Empty_content_is_a_layer_without_entries()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var empty = writer.Stage(ReadOnlyMemory<byte>.Empty);
        Assert.AreEqual(
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            empty.Layer!.DiffId.ToString()
        );
        Assert.AreEqual(0, empty.Layer.Entries);
    }

    [TestMethod]
    public void A_failing_stream_is_no_fault_of_the_content()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        using var failing = new FailingStream(
            ImageBuilder.Small().Compressed(CompressionKind.Gzip).LayerBlobs[0][..20]
        );
        Assert.AreEqual(
            "the cable",
            Assert
                .ThrowsExactly<IOException>(() =>
                    writer.Stage(failing, new ContentLocation("x"), null, CancellationToken.None)
                )
                .Message
        );
    }

    [TestMethod]
    public void A_layer_larger_than_allowed_is_faulty_and_its_bytes_are_still_hashed()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var layer = ImageBuilder.Small().Compressed(CompressionKind.Gzip).LayerBlobs[0];
        using var content = new MemoryStream(layer);
        var blob = writer.Stage(content, new ContentLocation("x"), 1000, CancellationToken.None);
        Assert.AreEqual("ITT2107", blob.LayerFault!.Diagnostic.Code);
        Assert.AreEqual(Digest.Of(layer), blob.Digest);
    }

    [TestMethod]
    public void A_name_that_is_taken_is_told_and_the_old_image_stays_untagged()
    {
        using var fixture = new StoreFixture();
        var old = ImageBuilder.Of(1, "old");
        fixture.Publish(old, "a:1");
        using var writer = fixture.Store.BeginWrite();
        var target = StoreFixture.Stage(writer, ImageBuilder.Of(1, "new"));
        var published = writer.Publish([new Publication(target, [ImageReference.Parse("a:1")])]);
        var taken = published.Taken.Single();
        Assert.AreEqual("a:1", published.Images.Single().References.Single().Familiar);
        Assert.AreEqual(ImageBuilder.Of(1, "new").Id, published.Images.Single().Id);
        Assert.AreEqual("a:1", taken.Name.Familiar);
        Assert.AreEqual(old.Id, taken.Previous.Id);
        Assert.AreEqual(target.Digest, fixture.Store.Find("a:1").Target.Digest);
        Assert.IsEmpty(fixture.Store.Find(old.Id.ToString()).References);
    }

    [TestMethod]
    public void A_name_may_be_left_to_its_owner_or_stop_everything()
    {
        using var fixture = new StoreFixture();
        var old = ImageBuilder.Of(1, "old");
        fixture.Publish(old, "a:1");
        using var writer = fixture.Store.BeginWrite();
        var target = StoreFixture.Stage(writer, ImageBuilder.Of(1, "new"));
        Publication[] publications = [new(target, [ImageReference.Parse("a:1"), ImageReference.Parse("a:2")])];
        Assert.ThrowsExactly<TimeoutException>(() => writer.Publish(publications, _ => throw new TimeoutException()));
        Assert.HasCount(1, fixture.Store.List());
        Assert.IsEmpty(writer.Publish(publications, _ => false).Taken);
        Assert.AreEqual(old.Id, fixture.Store.Find("a:1").Id);
        Assert.AreEqual(target.Digest, fixture.Store.Find("a:2").Target.Digest);
    }

    [TestMethod]
    public void The_same_image_in_other_bytes_takes_the_name_silently()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:1");
        using var writer = fixture.Store.BeginWrite();
        var target = StoreFixture.Stage(writer, ImageBuilder.Of(1).Compressed(CompressionKind.Gzip));
        Assert.IsEmpty(writer.Publish([new Publication(target, [ImageReference.Parse("a:1")])]).Taken);
        Assert.AreEqual(target.Digest, fixture.Store.List().Single().Target.Digest);
    }

    [TestMethod]
    public void An_index_may_lack_platforms_and_the_host_is_preferred()
    {
        using var fixture = new StoreFixture();
        var others = new[]
        {
            ImageBuilder.Of(1, "s").For("linux", "s390x"),
            ImageBuilder.Of(1, "h").For("linux", Platform.Host.Architecture),
        };
        var absent = new Descriptor(MediaTypes.OciManifest, Digest.Of("absent"u8), 6)
        {
            Platform = new Platform("linux", "riscv64"),
        };
        var target = fixture.PublishIndex("multi:1", others, absent);
        var store = fixture.Store;
        Assert.AreEqual(others[1].Id, store.Find("multi:1").Id);
        Assert.AreEqual(others[0].Id, store.OpenImage(target, Platform.Parse("linux/s390x")).Id);
        Assert.HasCount(2, store.Manifests(target));
        Assert.Contains(absent.Digest, store.Reachable(target).Select(blob => blob.Digest));
        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
            store.OpenImage(target, Platform.Parse("linux/riscv64"))
        );
        Assert.AreEqual("ITT3012", failure.Diagnostic.Code);
        Assert.Contains("linux/s390x", failure.Message);
    }

    [TestMethod]
    public void An_index_of_indexes_that_repeat_one_child_is_walked_once_and_too_deep_ones_are_refused()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var child = StoreFixture.Stage(writer, ImageBuilder.Small());
        for (var level = 0; level < 30; level++)
        {
            var index = ImageIndex.Compose([child, child]);
            writer.Stage(index.Raw);
            if (level == Limits.IndexDepth - 1)
            {
                writer.Publish([new Publication(index.Descriptor, [])]);
                Assert.HasCount(Limits.IndexDepth + 3, fixture.Store.Reachable(index.Descriptor));
            }

            child = index.Descriptor;
        }

        Assert.AreEqual(
            "ITT2315",
            Assert.ThrowsExactly<ImageTarException>(() => writer.Publish([new Publication(child, [])])).Diagnostic.Code
        );
    }

    [TestMethod]
    public void A_missing_layer_index_is_made_again()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:1");
        var layer = fixture.Store.Find("a:1").Image!.Layers[0];
        var path = Path.Combine(fixture.Root, ".imagetar", "layers", layer.Descriptor.Digest.Hex + ".idx");
        var original = File.ReadAllBytes(path);
        File.Delete(path);
        using (var index = fixture.Store.OpenLayerIndex(layer, CancellationToken.None))
        {
            Assert.HasCount(1, index.ReadEntries().ToArray());
        }

        Assert.AreSequenceEqual(original, File.ReadAllBytes(path));
        Assert.AreEqual(
            "ITT3022",
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    fixture.Store.OpenLayerIndex(
                        layer with
                        {
                            DiffId = new DiffId(Digest.Of("x"u8)),
                        },
                        CancellationToken.None
                    )
                )
                .Diagnostic.Code
        );
    }

    [TestMethod]
    public void An_artifact_is_listed_without_an_image_and_cannot_be_opened_as_one()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var config = writer.Stage("{}"u8.ToArray());
        var manifest = ImageManifest.Compose(
            new("application/vnd.cncf.helm.config.v1+json", config.Digest, config.Size),
            []
        );
        writer.Stage(manifest.Raw);
        writer.Publish([new Publication(manifest.Descriptor, [ImageReference.Parse("chart:1")])]);
        Assert.IsNull(fixture.Store.Find("chart:1").Image);
        Assert.IsEmpty(fixture.Reporter.Warnings);
        var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.OpenImage(manifest.Descriptor));
        Assert.AreEqual("ITT3013", failure.Diagnostic.Code);
        Assert.Contains(
            " is not a container image but an artifact: its configuration has \"mediaType\" "
                + "\"application/vnd.cncf.helm.config.v1+json\"",
            failure.Message
        );
    }

    [TestMethod]
    public void An_attestation_and_an_artifact_with_an_images_configuration_are_called_what_they_are()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var config = writer.Stage("{}"u8.ToArray());
        Assert.Contains(
            " is not a container image but an attestation about an image",
            Refusal("application/vnd.in-toto+json")
        );
        Assert.Contains(
            " is not a container image but an artifact: it has a layer with \"mediaType\" \"application/wasm\"",
            Refusal("application/wasm")
        );

        string Refusal(string layerType)
        {
            var manifest = ImageManifest.Compose(
                new(MediaTypes.OciConfig, config.Digest, config.Size),
                [new(layerType, config.Digest, config.Size)]
            );
            writer.Stage(manifest.Raw);
            writer.Publish([new Publication(manifest.Descriptor, [])]);
            return Assert
                .ThrowsExactly<ImageTarException>(() => fixture.Store.OpenImage(manifest.Descriptor))
                .Diagnostic.Message;
        }
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private sealed class FailingStream(byte[] first) : MemoryStream(first)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, count) is > 0 and var read ? read : throw new IOException("the cable");
    }
}
