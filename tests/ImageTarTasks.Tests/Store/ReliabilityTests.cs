using System.Collections.Concurrent;
using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class ReliabilityTests
{
    [TestMethod]
    public void Names_published_at_once_by_many_are_all_kept_while_others_are_removed()
    {
        const int Writers = 8;
        const int Rounds = 6;
        using var fixture = new StoreFixture();
        Parallel.For(
            0,
            Writers,
            new ParallelOptions { MaxDegreeOfParallelism = Writers },
            writerNumber =>
            {
                // A store object of its own: what excludes here is the lock of the file, as between processes.
                var store = fixture.Open();
                for (var round = 0; round < Rounds; round++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"w{writerNumber}:{round}");
                    using (var writer = store.BeginWrite())
                    {
                        var target = StoreFixture.Stage(writer, ImageBuilder.Of(2, name));
                        writer.Publish([new Publication(target, [ImageReference.Parse(name)])]);
                    }

                    if (round > 0 && round % 2 == 0)
                    {
                        store.Remove(
                            string.Create(CultureInfo.InvariantCulture, $"w{writerNumber}:{round - 1}"),
                            force: false
                        );
                    }
                }
            }
        );
        var expected = Enumerable
            .Range(0, Writers)
            .SelectMany(w => new[] { 0, 2, 4, 5 }.Select(r => string.Create(CultureInfo.InvariantCulture, $"w{w}:{r}")))
            .Order(StringComparer.Ordinal);
        Assert.AreEqual(
            string.Join(' ', expected),
            string.Join(
                ' ',
                fixture
                    .Store.List()
                    .SelectMany(image => image.References)
                    .Select(name => name.Familiar)
                    .Order(StringComparer.Ordinal)
            )
        );
        StoreFixture.AssertConsistent(fixture.Root);
        Assert.HasCount(Writers * 4 * 4, fixture.BlobNames().ToArray());
    }

    [TestMethod]
    public void One_name_taken_by_many_at_once_ends_with_one_owner_and_no_image_lost()
    {
        using var fixture = new StoreFixture();
        var taken = new ConcurrentBag<ImageId>();
        Parallel.For(
            0,
            8,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            number =>
            {
                using var writer = fixture.Open().BeginWrite();
                var target = StoreFixture.Stage(
                    writer,
                    ImageBuilder.Of(1, number.ToString(CultureInfo.InvariantCulture))
                );
                foreach (var loser in writer.Publish([new Publication(target, [ImageReference.Parse("a:1")])]).Taken)
                {
                    taken.Add(loser.Previous.Id);
                }
            }
        );
        Assert.HasCount(8, fixture.Store.List());
        Assert.HasCount(7, taken.Distinct().ToArray());
        Assert.DoesNotContain(fixture.Store.Find("a:1").Id, taken);
    }

    /// <summary>
    /// The folder is copied before every single change the store makes to a file: each copy is what the next process
    /// finds when this one dies there.
    /// </summary>
    [TestMethod]
    [DataRow("publish")]
    [DataRow("take")]
    [DataRow("tag")]
    [DataRow("remove")]
    [DataRow("create")]
    [DataRow("rm")]
    public void Death_at_any_step_leaves_a_consistent_store(string action)
    {
        using var fixture = new StoreFixture();
        using var copies = new TestFolder();
        var kept = ImageBuilder.Of(2, "kept");
        fixture.Publish(kept, "kept:1", "kept:2");
        fixture.Publish(ImageBuilder.Of(3, "gone"), "gone:1");
        fixture.Store.CreateContainer(fixture.Store.Find("kept:1"), "kept:1", "old", null, null);
        var steps = new List<string>();
        var store = fixture.Store;
        store.Context.Files.BeforeChange = step =>
        {
            StoreFixture.Copy(fixture.Root, copies[$"{steps.Count}"]);
            steps.Add(step);
        };
        switch (action)
        {
            case "publish":
                using (var writer = store.BeginWrite())
                {
                    writer.Publish([
                        new Publication(
                            StoreFixture.Stage(writer, ImageBuilder.Of(2, "new")),
                            [ImageReference.Parse("new:1")]
                        ),
                    ]);
                }

                break;
            case "take":
                using (var writer = store.BeginWrite())
                {
                    writer.Publish([
                        new Publication(
                            StoreFixture.Stage(writer, ImageBuilder.Of(2, "new").Compressed(CompressionKind.Gzip)),
                            [ImageReference.Parse("gone:1")]
                        ),
                    ]);
                }

                break;
            case "tag":
                store.Tag(store.Find("kept:1"), ImageReference.Parse("gone:1"));
                break;
            case "remove":
                store.Remove("gone:1", false);
                break;
            case "create":
                store.CreateContainer(store.Find("gone:1"), "gone:1", "second", null, null);
                break;
            default:
                store.Remove("kept:1", false);
                store.Remove("kept:2", true);
                store.RemoveContainer("old");
                break;
        }

        store.Context.Files.BeforeChange = null;
        Assert.IsGreaterThan(1, steps.Count);
        AssertGoesOnFromEach(copies, steps);
    }

    [TestMethod]
    public void Death_at_any_step_of_making_a_store_leaves_a_folder_that_becomes_one()
    {
        using var folder = new TestFolder();
        using var copies = new TestFolder();
        var steps = new List<string>();
        ImageStore.Open(
            folder["store"],
            new RecordingReporter(),
            step =>
            {
                StoreFixture.Copy(folder["store"], copies[$"{steps.Count}"]);
                steps.Add(step);
            }
        );
        Assert.IsGreaterThan(5, steps.Count);
        AssertGoesOnFromEach(copies, steps);
    }

    private static void AssertGoesOnFromEach(TestFolder copies, List<string> steps)
    {
        for (var step = 0; step < steps.Count; step++)
        {
            var root = copies[$"{step}"];
            StoreFixture.AssertConsistent(root);

            // And it goes on working: what was broken off can be done again.
            var next = ImageStore.Open(root, new RecordingReporter());
            using (var writer = next.BeginWrite())
            {
                writer.Publish([
                    new Publication(
                        StoreFixture.Stage(writer, ImageBuilder.Of(2, "new")),
                        [ImageReference.Parse("new:1")]
                    ),
                ]);
            }

            foreach (var image in next.List().DistinctBy(image => image.Id))
            {
                next.Remove(image.Id.ToString(), force: true);
            }

            StoreFixture.AssertConsistent(root);
            Assert.IsEmpty(next.List(), steps[step]);
        }
    }

    [TestMethod]
    public void What_a_dead_process_staged_is_swept_and_what_a_living_one_staged_is_not()
    {
        using var fixture = new StoreFixture();
        using var living = fixture.Store.BeginWrite();
        var staged = living.Stage("staged"u8.ToArray());
        var sessions = Path.Combine(fixture.Root, ".imagetar", "sessions");
        var dead = Directory.CreateDirectory(Path.Combine(sessions, Guid.NewGuid().ToString("n"))).FullName;
        File.WriteAllText(Path.Combine(dead, "lock"), "");
        File.WriteAllText(Path.Combine(dead, "0"), "leftover");
        var halfMade = Directory.CreateDirectory(Path.Combine(sessions, Guid.NewGuid().ToString("n"))).FullName;
        var unknown = Directory.CreateDirectory(Path.Combine(sessions, "not ours")).FullName;
        fixture.Open();
        Assert.IsFalse(Directory.Exists(dead));
        Assert.IsFalse(Directory.Exists(halfMade));
        Assert.IsTrue(Directory.Exists(unknown));
        Assert.AreEqual("staged", System.Text.Encoding.ASCII.GetString(living.Read(staged).Span));
    }

    [TestMethod]
    public void The_lock_excludes_and_tells_nothing_when_it_is_free_again()
    {
        using var fixture = new StoreFixture();
        var other = fixture.Open();
        using (fixture.Store.Context.Lock.Acquire())
        {
            Assert.IsNull(other.Context.Lock.TryAcquire());
            Assert.IsNull(fixture.Store.Context.Lock.TryAcquire());

            // Reading needs no lock.
            Assert.IsEmpty(other.List());
            Assert.IsEmpty(fixture.Open().Containers());
        }

        using var free = other.Context.Lock.TryAcquire();
        Assert.IsNotNull(free);
        Assert.IsEmpty(fixture.Reporter.Details);
    }

    [TestMethod]
    public void Waiting_for_the_lock_ends_when_it_is_cancelled()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        using var held = fixture.Store.Context.Lock.Acquire();
        using var cancellation = new CancellationTokenSource();
        var store = ImageStore.Open(fixture.Root, fixture.Reporter, cancellation.Token);
        Task[] waiting =
        [
            Task.Run(() => store.BeginWrite()),
            Task.Run(() => store.Remove("a:1", force: false)),
            Task.Run(() => store.Pin(store.Find("a:1").Target)),
        ];
        Assert.IsFalse(Task.WaitAll(waiting, TimeSpan.FromMilliseconds(100)));
        cancellation.Cancel();
        foreach (var task in waiting)
        {
            Assert.ThrowsExactly<OperationCanceledException>(() =>
                task.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult()
            );
        }

        Assert.IsNotNull(fixture.Store.TryFind("a:1"));
    }

    [TestMethod]
    public void A_removal_that_another_change_overtakes_is_planned_again()
    {
        using var fixture = new StoreFixture();
        var image = ImageBuilder.Of(2);
        var target = fixture.Publish(image, "a:1");
        var other = fixture.Open();
        var plans = 0;
        var result = fixture.Store.Context.Change(
            index =>
            {
                // Between the plan and the lock, another process gives the image a second name.
                if (plans++ == 0)
                {
                    other.Tag(other.Find("a:1"), ImageReference.Parse("b:1"));
                }

                return index.NamesOf(target.Digest).Count;
            },
            names => names
        );
        Assert.AreEqual(2, plans);
        Assert.AreEqual(2, result);
    }

    [TestMethod]
    public void A_change_that_is_always_overtaken_is_planned_under_the_lock()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var other = fixture.Open();
        var plans = 0;
        fixture.Store.Context.Change(
            index =>
            {
                using var free = other.Context.Lock.TryAcquire();
                plans++;
                if (free is null)
                {
                    return index;
                }

                free.Dispose();
                other.Tag(other.Find("a:1"), ImageReference.Parse($"b:{plans}"));
                return index;
            },
            index => index
        );
        Assert.AreEqual(4, plans);
        Assert.IsNotNull(other.TryFind("b:3"));
        Assert.IsNull(other.TryFind("b:4"));
    }

    [TestMethod]
    public void A_writer_that_waits_for_the_lock_goes_on_when_it_is_free()
    {
        using var fixture = new StoreFixture();
        var held = fixture.Store.Context.Lock.Acquire();
        var waiting = Task.Run(() => fixture.Open().BeginWrite());
        Assert.IsFalse(waiting.Wait(TimeSpan.FromMilliseconds(100)));
        held.Dispose();
        waiting.GetAwaiter().GetResult().Dispose();
    }

    [TestMethod]
    [DataRow("{\"schemaVersion\":2,\"manifests\":[", "ITT2304")]
    [DataRow("", "ITT2304")]
    [DataRow("\0\0\0\0", "ITT2304")]
    [DataRow("[]", "ITT2306")]
    public void A_damaged_index_is_told_with_its_name_and_not_overwritten(string content, string code)
    {
        using var fixture = new StoreFixture();
        var path = Path.Combine(fixture.Root, "index.json");
        File.WriteAllText(path, content);
        foreach (
            var action in new Action[]
            {
                () => fixture.Open().List(),
                () => fixture.Publish(ImageBuilder.Small(), "a:1"),
                () => fixture.Store.Remove("a:1", true),
            }
        )
        {
            var failure = Assert.ThrowsExactly<ImageTarException>(action);
            Assert.AreEqual(code, failure.Diagnostic.Code);
            Assert.Contains("index.json", failure.Message);
        }

        Assert.AreEqual(content, File.ReadAllText(path));
    }

    [TestMethod]
    public void A_folder_that_is_something_else_is_refused_and_left_alone()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["home/notes.txt"], "mine");
        Assert.AreEqual(
            "ITT3001",
            Assert
                .ThrowsExactly<ImageTarException>(() => ImageStore.Open(folder["home"], new RecordingReporter()))
                .Diagnostic.Code
        );
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder["home"]));
        Assert.AreEqual(
            "ITT3001",
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    ImageStore.Open(folder["home/notes.txt"], new RecordingReporter())
                )
                .Diagnostic.Code
        );
        File.WriteAllText(folder["other/oci-layout"], "{\"imageLayoutVersion\":\"9.0.0\"}");
        File.WriteAllText(folder["other/index.json"], "{}");
        Assert.Contains(
            "9.0.0",
            Assert
                .ThrowsExactly<ImageTarException>(() => ImageStore.Open(folder["other"], new RecordingReporter()))
                .Message
        );
    }

    [TestMethod]
    public void The_system_refusing_a_file_is_told_with_its_path()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var before = File.ReadAllText(Path.Combine(fixture.Root, "index.json"));

        // A folder in the way of the next index.json fails for root, too.
        File.Delete(Path.Combine(fixture.Root, ".imagetar", "new"));
        Directory.CreateDirectory(Path.Combine(fixture.Root, ".imagetar", "new", "x"));
        var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Publish(ImageBuilder.Of(1, "b"), "b:1"));
        Assert.AreEqual("ITT3006", failure.Diagnostic.Code);
        Assert.Contains("index.json", failure.Message);
        Assert.AreEqual(before, File.ReadAllText(Path.Combine(fixture.Root, "index.json")));
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void More_names_than_an_index_may_hold_are_refused_before_anything_changes()
    {
        using var fixture = new StoreFixture();
        using var writer = fixture.Store.BeginWrite();
        var target = StoreFixture.Stage(writer, ImageBuilder.Small());
        var names = Enumerable
            .Range(0, Limits.IndexChildren + 1)
            .Select(i => ImageReference.Parse(string.Create(CultureInfo.InvariantCulture, $"a:{i}")))
            .ToArray();
        Assert.AreEqual(
            "ITT3007",
            Assert
                .ThrowsExactly<ImageTarException>(() => writer.Publish([new Publication(target, names)]))
                .Diagnostic.Code
        );
        Assert.IsEmpty(fixture.Store.List());
        writer.Publish([new Publication(target, names[..^1])]);
        Assert.HasCount(Limits.IndexChildren, fixture.Store.Find("a:7").References);
    }
}
