using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class RemovalTests
{
    // names of the image | what is removed | with force | Untagged lines, or the conflict after !
    [TestMethod]
    [DataRow("a:1", "a:1", false, "a:1", true)]
    [DataRow("a:1 a:2", "a:1", false, "a:1", false)]
    [DataRow("a:1 b:1", "a:1", false, "a:1", false)]
    [DataRow("a:latest", "a", false, "a:latest", true)]
    [DataRow("a:1", "@id", false, "a:1", true)]
    [DataRow("a:1", "@short", false, "a:1", true)]
    [DataRow("", "@id", false, "", true)]
    [DataRow(
        "a:1 a:2",
        "@id",
        false,
        "!conflict: unable to delete @short (must be forced) - image is referenced in multiple repositories",
        false
    )]
    [DataRow(
        "a:1 b:1",
        "@short",
        false,
        "!conflict: unable to delete @short (must be forced) - image is referenced in multiple repositories",
        false
    )]
    [DataRow("b:1 a:2 a:1", "@id", true, "a:1 a:2 b:1", true)]
    [DataRow("a:1", "b:1", false, "!No such image: b:1", false)]
    [DataRow("a:1", "b:1", true, "!No such image: b:1", false)]
    public void Removal_follows_Docker(string names, string argument, bool force, string expected, bool deleted)
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        fixture.Publish(image, names.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var before = File.ReadAllText(Path.Combine(fixture.Root, "index.json"));
        argument = argument switch
        {
            "@id" => image.Id.ToString(),
            "@short" => image.Id.Short,
            _ => argument,
        };
        if (expected.StartsWith('!'))
        {
            var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Remove(argument, force));
            Assert.AreEqual(expected[1..].Replace("@short", image.Id.Short, StringComparison.Ordinal), failure.Message);
            Assert.AreEqual(before, File.ReadAllText(Path.Combine(fixture.Root, "index.json")));
            return;
        }

        var result = fixture.Store.Remove(argument, force);
        Assert.AreEqual(expected, string.Join(' ', result.Untagged));
        var chain = ChainId.Of(image.DiffIds);
        Digest[] gone = deleted ? [image.Id.Digest, chain[1].Digest, chain[0].Digest] : [];
        Assert.AreSequenceEqual(gone, result.Deleted);
        Assert.HasCount(deleted ? 0 : 4, fixture.BlobNames().ToArray());
        Assert.HasCount(deleted ? 0 : 2, Directory.GetFiles(Path.Combine(fixture.Root, ".imagetar", "layers")));
    }

    [TestMethod]
    public void Shared_layers_stay_and_are_not_told()
    {
        using var fixture = new StoreFixture();
        var small = ImageBuilder.Of(1);
        var large = ImageBuilder.Of(3);
        fixture.Publish(small, "small:1");
        fixture.Publish(large, "large:1");
        var chain = ChainId.Of(large.DiffIds);
        Digest[] expected = [large.Id.Digest, chain[2].Digest, chain[1].Digest];
        Assert.AreSequenceEqual(expected, fixture.Store.Remove("large:1", false).Deleted);
        StoreFixture.AssertConsistent(fixture.Root);
        Assert.HasCount(3, fixture.BlobNames().ToArray());
    }

    [TestMethod]
    public void The_same_image_under_another_manifest_keeps_the_image()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "plain:1");
        fixture.Publish(ImageBuilder.Of(1).Compressed(CompressionKind.Gzip), "gzip:1");
        Assert.HasCount(5, fixture.BlobNames().ToArray());
        Assert.IsEmpty(fixture.Store.Remove("plain:1", false).Deleted);
        Assert.HasCount(3, fixture.BlobNames().ToArray());
        Assert.AreEqual("gzip:1", fixture.Store.List().Single().References.Single().Familiar);
        Assert.HasCount(2, fixture.Store.Remove(ImageBuilder.Of(1).Id.ToString(), false).Deleted);
        Assert.IsEmpty(fixture.BlobNames());
    }

    [TestMethod]
    public void A_container_keeps_its_image_in_Dockers_words()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        fixture.Publish(image, "a:1");
        var container = fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", null, null, null);
        var shortId = container.Id[..12];
        Assert.AreEqual(
            $"conflict: unable to remove repository reference \"a:1\" (must force) - container "
                + $"{shortId} is using its referenced image {image.Id.Short}",
            Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Remove("a:1", false)).Message
        );
        Assert.AreEqual(
            $"conflict: unable to delete {image.Id.Short} (must be forced) - image is being used by "
                + $"stopped container {shortId}",
            Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Remove(image.Id.Short, false)).Message
        );

        // Forced, the image goes; the container's content stays as long as the container.
        Assert.AreSequenceEqual([image.Id.Digest], fixture.Store.Remove("a:1", true).Deleted);
        Assert.IsEmpty(fixture.Store.List());
        StoreFixture.AssertConsistent(fixture.Root);
        Assert.HasCount(4, fixture.BlobNames().ToArray());
        fixture.Store.RemoveContainer(container.Name);
        Assert.IsEmpty(fixture.BlobNames());
    }

    [TestMethod]
    public void A_second_tag_may_go_though_a_container_uses_the_image()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:1", "a:2");
        fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "c1", null, null);
        Assert.IsEmpty(fixture.Store.Remove("a:2", false).Deleted);
        Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Remove("a:1", false));
    }

    [TestMethod]
    public void An_index_goes_with_all_its_platforms()
    {
        using var fixture = new StoreFixture();
        fixture.PublishIndex("multi:1", [ImageBuilder.Of(1, "a"), ImageBuilder.Of(1, "b").For("linux", "s390x")]);
        Assert.HasCount(7, fixture.BlobNames().ToArray());
        fixture.Store.Remove("multi:1", false);
        Assert.IsEmpty(fixture.BlobNames());
    }

    [TestMethod]
    public void What_is_pinned_survives_removal_until_it_is_released()
    {
        using var fixture = new StoreFixture();
        var target = fixture.Publish(ImageBuilder.Of(2), "a:1");
        fixture.Publish(ImageBuilder.Of(1, "b"), "b:1");
        using (fixture.Store.Pin(target))
        {
            fixture.Open().Remove("a:1", false);
            Assert.IsEmpty(fixture.Store.List().Where(image => image.Target.Digest == target.Digest));
            foreach (var blob in fixture.Store.Reachable(target))
            {
                using var content = fixture.Store.OpenBlob(blob);
                content.CopyTo(Stream.Null);
            }
        }

        Age(fixture);
        fixture.Store.Remove("b:1", false);
        Assert.IsEmpty(fixture.BlobNames());
        Assert.AreEqual(
            "ITT3010",
            Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Pin(target)).Diagnostic.Code
        );
    }

    [TestMethod]
    public void What_a_writer_adopted_survives_removal()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(1);
        var target = fixture.Publish(image, "a:1");
        using (var writer = fixture.Store.BeginWrite())
        {
            foreach (var blob in fixture.Store.Reachable(target))
            {
                Assert.IsNotNull(writer.TryAdopt(blob.Digest));
            }

            fixture.Open().Remove("a:1", false);
            writer.Publish([new Publication(target, [ImageReference.Parse("again:1")])]);
        }

        StoreFixture.AssertConsistent(fixture.Root);
        Assert.AreEqual(image.Id, fixture.Store.Find("again:1").Id);
    }

    [TestMethod]
    public void Only_old_garbage_goes_and_what_is_not_a_blob_never()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:1");
        var old = fixture.Blob(Digest.Of("old"u8));
        File.WriteAllText(old, "old");
        Age(fixture);
        var young = fixture.Blob(Digest.Of("young"u8));
        File.WriteAllText(young, "young");
        var unknown = Path.Combine(fixture.Root, "blobs", "sha256", "notes.txt");
        File.WriteAllText(unknown, "mine");
        File.SetLastWriteTimeUtc(unknown, DateTime.UtcNow.AddDays(-1));
        fixture.Store.Remove("a:1", false);
        Assert.IsFalse(File.Exists(old));
        Assert.IsTrue(File.Exists(young));
        Assert.IsTrue(File.Exists(unknown));
    }

    [TestMethod]
    public void Nothing_is_freed_while_another_image_cannot_be_read()
    {
        using var fixture = new StoreFixture();
        var bad = fixture.Publish(ImageBuilder.Of(1, "bad"), "bad:1");
        fixture.Publish(ImageBuilder.Of(1, "good"), "good:1");
        File.WriteAllBytes(fixture.Blob(bad.Digest), []);
        var before = fixture.BlobNames().ToArray();
        fixture.Store.Remove("good:1", false);
        Assert.AreSequenceEqual(before, fixture.BlobNames().ToArray());
        Assert.Contains("ITT9302", fixture.Reporter.Warnings.Select(warning => warning.Code));
        fixture.Store.Remove("bad:1", false);
        Age(fixture);
        fixture.Publish(ImageBuilder.Of(1, "next"), "next:1");
        fixture.Store.Remove("next:1", false);
        Assert.IsEmpty(fixture.BlobNames());
    }

    /// <summary>Makes all blobs look older than the grace that other tools' blobs get.</summary>
    private static void Age(StoreFixture fixture)
    {
        foreach (var name in fixture.BlobNames())
        {
            File.SetLastWriteTimeUtc(Path.Combine(fixture.Root, "blobs", "sha256", name), DateTime.UtcNow.AddHours(-2));
        }
    }
}
