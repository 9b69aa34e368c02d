using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class PruneTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [TestMethod]
    public void Only_untagged_images_go_by_default()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "named:1");
        var untagged = ImageBuilder.Of(2);
        fixture.Publish(untagged);
        var result = fixture.Store.PruneImages(new ImagePruneOptions());
        Assert.AreEqual("named:1", Names(fixture));
        var removed = result.Images.Single();
        Assert.IsEmpty(removed.Untagged);

        // The lower of the two layers is in the other image, too.
        Digest[] expected = [untagged.Id.Digest, ChainId.Of(untagged.DiffIds)[1].Digest];
        Assert.AreSequenceEqual(expected, removed.Deleted);
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void All_takes_every_image_but_those_of_containers()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "free:1");
        fixture.Publish(ImageBuilder.Of(2), "used:1");
        fixture.Store.CreateContainer(fixture.Store.Find("used:1"), "used:1", null, null, null);
        fixture.Store.PruneImages(new ImagePruneOptions { All = true });
        Assert.AreEqual("used:1", Names(fixture));
        fixture.Store.PruneContainers(_ => true, isDryRun: false);
        Assert.IsEmpty(fixture.Store.Containers());
        fixture.Store.PruneImages(new ImagePruneOptions { All = true });
        Assert.AreEqual("", Names(fixture));
        Assert.IsEmpty(fixture.BlobNames());
    }

    [TestMethod]
    public void The_freed_bytes_are_those_of_the_files_and_a_dry_run_says_the_same()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:1");
        fixture.Publish(ImageBuilder.Of(3));
        var before = Size(fixture.Root);
        var names = fixture.BlobNames().ToArray();
        var planned = fixture.Store.PruneImages(new ImagePruneOptions { DryRun = true });
        Assert.AreSequenceEqual(names, fixture.BlobNames());
        var done = fixture.Store.PruneImages(new ImagePruneOptions());
        Assert.IsGreaterThan(0, done.Bytes);
        Assert.AreEqual(done.Bytes, planned.Bytes);
        Assert.AreSequenceEqual(done.Images.Single().Deleted, planned.Images.Single().Deleted);
        Assert.AreEqual(before - Size(fixture.Root), done.Bytes);
    }

    [TestMethod]
    public void The_images_used_last_of_each_repository_are_kept()
    {
        using var fixture = new StoreFixture();
        foreach (var (name, layers, minute) in new[] { ("a:1", 1, 5), ("a:2", 2, 1), ("a:3", 3, 3), ("b:1", 4, 0) })
        {
            SetUse(fixture, fixture.Publish(ImageBuilder.Of(layers), name), minute);
        }

        fixture.Store.PruneImages(new ImagePruneOptions { KeepLast = 2 });
        Assert.AreEqual("a:1 a:3 b:1", Names(fixture));
        fixture.Store.PruneImages(new ImagePruneOptions { KeepLast = 1 });
        Assert.AreEqual("a:1 b:1", Names(fixture));
        fixture.Store.PruneImages(new ImagePruneOptions { KeepLast = 0 });
        Assert.AreEqual("", Names(fixture));
    }

    [TestMethod]
    public void An_image_of_two_repositories_stays_while_one_of_them_keeps_it()
    {
        using var fixture = new StoreFixture();
        SetUse(fixture, fixture.Publish(ImageBuilder.Of(1), "a:old", "b:only"), 1);
        SetUse(fixture, fixture.Publish(ImageBuilder.Of(2), "a:new"), 2);
        fixture.Store.PruneImages(new ImagePruneOptions { KeepLast = 1 });
        Assert.AreEqual("a:new a:old b:only", Names(fixture));
    }

    [TestMethod]
    public void A_bound_removes_what_was_not_used_for_the_longest_time_and_no_more_than_needed()
    {
        using var fixture = new StoreFixture();
        var images = new[] { "first:1", "second:1", "third:1" };
        for (var i = 0; i < images.Length; i++)
        {
            var image = Large(i);
            SetUse(fixture, fixture.Publish(image, images[i]), minute: i);
        }

        var all = Size(fixture.Root);
        var result = fixture.Store.PruneImages(new ImagePruneOptions { MaxSize = all - 50_000 });
        Assert.AreEqual("second:1 third:1", Names(fixture));
        Assert.IsLessThanOrEqualTo(all - 50_000, result.Remaining!.Value);
        Assert.IsEmpty(fixture.Store.PruneImages(new ImagePruneOptions { MaxSize = all }).Images);

        // What was used since is not the oldest any more.
        using (fixture.Store.Pin(fixture.Store.Find("second:1").Target)) { }
        fixture.Store.PruneImages(new ImagePruneOptions { MaxSize = 150_000 });
        Assert.AreEqual("second:1", Names(fixture));
    }

    [TestMethod]
    public void What_must_stay_can_exceed_the_bound()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(Large(0), "used:1");
        fixture.Store.CreateContainer(fixture.Store.Find("used:1"), "used:1", null, null, null);
        var result = fixture.Store.PruneImages(new ImagePruneOptions { MaxSize = 10 });
        Assert.AreEqual("used:1", Names(fixture));
        Assert.IsGreaterThan(100_000, result.Remaining!.Value);
    }

    [TestMethod]
    public void An_image_that_a_running_verb_uses_stays()
    {
        using var fixture = new StoreFixture();
        var target = fixture.Publish(ImageBuilder.Of(2), "used:1");
        var other = fixture.Open();
        using (fixture.Store.Pin(target))
        {
            Assert.IsEmpty(other.PruneImages(new ImagePruneOptions { All = true }).Images);
            Assert.AreEqual("used:1", Names(fixture));
        }

        Assert.HasCount(1, other.PruneImages(new ImagePruneOptions { All = true }).Images);
        Assert.IsEmpty(fixture.BlobNames());
    }

    [TestMethod]
    public void A_platform_of_an_index_that_a_running_verb_uses_keeps_the_index()
    {
        using var fixture = new StoreFixture();
        fixture.PublishIndex("multi:1", [ImageBuilder.Of(1), ImageBuilder.Of(2, "arm64")]);
        var manifest = fixture.Store.Manifests(fixture.Store.Find("multi:1").Target)[1];
        using (fixture.Store.Pin(manifest))
        {
            fixture.Open().PruneImages(new ImagePruneOptions { All = true });
            Assert.AreEqual("multi:1", Names(fixture));
        }
    }

    [TestMethod]
    public void An_image_that_begins_to_be_used_while_the_prune_plans_stays()
    {
        using var fixture = new StoreFixture();
        var target = fixture.Publish(ImageBuilder.Of(2), "used:1");
        fixture.Publish(ImageBuilder.Of(1), "free:1");
        IDisposable? pin = null;
        var other = fixture.Open();
        try
        {
            var result = fixture.Store.PruneImages(
                new ImagePruneOptions
                {
                    All = true,
                    Fits = _ =>
                    {
                        pin ??= other.Pin(target);
                        return true;
                    },
                }
            );
            Assert.AreEqual("free:1", result.Images.Single().Untagged.Single().Familiar);
        }
        finally
        {
            pin?.Dispose();
        }
    }

    [TestMethod]
    public void An_image_that_a_build_used_stays_until_the_build_ends()
    {
        using var fixture = new StoreFixture();
        using (var lease = new BuildLease())
        {
            fixture.Store.Lease = lease;
            fixture.Publish(ImageBuilder.Of(1), "loaded:1");
            fixture.Store.Lease = null;
            fixture.Publish(ImageBuilder.Of(2), "other:1");
            fixture.Open().PruneImages(new ImagePruneOptions { All = true });
            Assert.AreEqual("loaded:1", Names(fixture));
        }

        fixture.Open().PruneImages(new ImagePruneOptions { All = true });
        Assert.AreEqual("", Names(fixture));
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void An_image_that_cannot_be_read_stays()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "free:1");
        var damaged = ImageBuilder.Of(2, "damaged");
        fixture.Publish(damaged, "damaged:1");
        File.WriteAllText(fixture.Blob(damaged.Id.Digest), "altered");
        fixture.Open().PruneImages(new ImagePruneOptions { All = true });
        Assert.AreEqual("damaged:1", Names(fixture));
        Assert.AreSequenceEqual(
            damaged.Blobs.Select(blob => Digest.Of(blob).Hex).Order(StringComparer.Ordinal),
            fixture.BlobNames()
        );
    }

    [TestMethod]
    public void A_lease_that_cannot_be_written_fails_before_anything_has_a_name()
    {
        using var fixture = new StoreFixture();
        var target = fixture.Publish(ImageBuilder.Of(1), "first:1");
        var before = File.ReadAllText(Path.Combine(fixture.Root, "index.json"));
        using var lease = new BuildLease();
        var store = ImageStore.Open(
            fixture.Root,
            fixture.Reporter,
            change =>
            {
                if (change.EndsWith("/pins", StringComparison.Ordinal))
                {
                    throw new IOException("no space");
                }
            }
        );
        store.Lease = lease;
        Assert.ThrowsExactly<IOException>(() => store.Tag(store.Find("first:1"), ImageReference.Parse("second:1")));
        Assert.AreEqual(before, File.ReadAllText(Path.Combine(fixture.Root, "index.json")));
        Assert.AreEqual(target.Digest, fixture.Store.Find("first:1").Target.Digest);
    }

    [TestMethod]
    public void A_prune_that_dies_at_any_step_leaves_a_sound_store()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "kept:1");
        fixture.Publish(ImageBuilder.Of(3));
        fixture.Publish(ImageBuilder.Of(2, "arm64"));
        using var states = new TestFolder();
        var count = 0;
        var copied = ImageStore.Open(
            fixture.Root,
            fixture.Reporter,
            _ => StoreFixture.Copy(fixture.Root, states[$"{count++}"])
        );
        copied.PruneImages(new ImagePruneOptions());
        Assert.IsGreaterThan(5, count);
        for (var i = 0; i < count; i++)
        {
            StoreFixture.AssertConsistent(states[$"{i}"]);
            var again = ImageStore.Open(states[$"{i}"], fixture.Reporter);
            again.PruneImages(new ImagePruneOptions());
            Assert.AreEqual("kept:1", string.Join(' ', again.List().SelectMany(image => image.References)));
        }
    }

    [TestMethod]
    public void The_usage_says_what_is_shared_and_what_a_prune_frees()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "small:1");
        fixture.Publish(ImageBuilder.Of(2), "large:1");
        fixture.Store.CreateContainer(fixture.Store.Find("small:1"), "small:1", "web", null, null);
        var usage = fixture.Store.MeasureUsage();
        Assert.AreEqual(Size(fixture.Root), usage.ImageBytes);
        Assert.AreEqual(0, usage.UnreferencedBytes);
        var small = usage.Images.Single(image => image.Image.References[0].Familiar == "small:1");
        var large = usage.Images.Single(image => image.Image.References[0].Familiar == "large:1");
        Assert.AreEqual(1, small.Containers);
        Assert.AreEqual(0, large.Containers);
        Assert.IsGreaterThan(0, small.Shared);
        Assert.AreEqual(small.Shared, large.Shared);
        Assert.AreEqual(large.Size - large.Shared, usage.ReclaimableImageBytes);
        var freed = fixture.Store.PruneImages(new ImagePruneOptions { All = true });
        Assert.AreEqual(usage.ReclaimableImageBytes, freed.Bytes);
    }

    /// <summary>An image of 100 kB that shares nothing with one of another number.</summary>
    private static ImageBuilder Large(int number)
    {
        var content = new byte[100_000];
        new Random(number).NextBytes(content);
        return new ImageBuilder().Layer(ImageBuilder.TarOf([("file", content)]));
    }

    private static void SetUse(StoreFixture fixture, Descriptor target, int minute) =>
        File.SetLastWriteTimeUtc(fixture.Blob(target.Digest), Noon.AddMinutes(minute));

    private static string Names(StoreFixture fixture) =>
        string.Join(' ', fixture.Store.List().SelectMany(image => image.References).Order().Select(n => n.Familiar));

    /// <summary>The bytes of all blobs and of what is made from them.</summary>
    private static long Size(string root) =>
        new[] { "blobs", ".imagetar/layers", ".imagetar/recompressed" }
            .Select(folder => new DirectoryInfo(Path.Combine(root, folder)))
            .Where(folder => folder.Exists)
            .Sum(folder => folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
}
