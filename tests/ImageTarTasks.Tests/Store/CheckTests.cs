using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store.Checking;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class CheckTests
{
    [TestMethod]
    public void A_sound_store_has_no_findings_and_is_counted()
    {
        using var fixture = Filled();
        var result = Check(fixture);
        Assert.IsEmpty(result.Findings);
        Assert.AreEqual(2, result.Images);
        Assert.AreEqual(1, result.Containers);
        Assert.AreEqual(fixture.BlobNames().Count(), result.Blobs);
        Assert.AreEqual(0, result.Unreferenced);
    }

    [TestMethod]
    [DataRow("layer", "delete", "ITT3060", true)]
    [DataRow("layer", "truncate", "ITT3061", true)]
    [DataRow("layer", "alter", "ITT3061", false)]
    [DataRow("config", "delete", "ITT3060", true)]
    [DataRow("config", "alter", "ITT3061", true)]
    [DataRow("manifest", "delete", "ITT3060", true)]
    [DataRow("manifest", "truncate", "ITT3061", true)]
    [DataRow("manifest", "alter", "ITT3061", true)]
    public void Lost_content_is_found_and_a_repair_drops_what_needs_it(
        string which,
        string damage,
        string code,
        bool isQuickEnough
    )
    {
        using var fixture = Filled();
        var image = fixture.Store.OpenImage(fixture.Store.Find("broken:1").Target);
        var digest = which switch
        {
            "layer" => image.Layers[^1].Descriptor.Digest,
            "config" => image.Id.Digest,
            _ => image.Manifest.Descriptor.Digest,
        };
        Damage(fixture.Blob(digest), damage);
        var found = Check(fixture).Findings.Single(finding => finding.Problem.Code == code).Problem;
        Assert.AreEqual(fixture.Blob(digest), found.File);
        Assert.Contains("broken:1", found.Message);
        Assert.AreEqual(isQuickEnough, !Check(fixture, quick: true).IsSound);
        Assert.IsTrue(Directory.Exists(Path.Combine(fixture.Root, "blobs")));

        var repaired = Check(fixture, repair: true);
        Assert.IsTrue(repaired.IsSound, string.Join('\n', repaired.Findings));
        Assert.AreEqual("kept:1", Names(fixture));
        StoreFixture.AssertConsistent(fixture.Root);

        // The same image can be stored again, and is whole then.
        fixture.Publish(ImageBuilder.Of(3, "broken"), "broken:1");
        Assert.AreEqual("broken:1 kept:1", Names(fixture));
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void Without_a_repair_nothing_is_changed()
    {
        using var fixture = Filled();
        Damage(fixture.Blob(fixture.Store.Find("broken:1").Target.Digest), "alter");
        File.WriteAllText(Path.Combine(fixture.Root, "note.txt"), "foreign");
        var before = Snapshot(fixture.Root);
        Assert.IsFalse(Check(fixture).IsSound);
        Assert.AreEqual(before, Snapshot(fixture.Root));
    }

    [TestMethod]
    public void A_broken_index_is_replaced_by_the_names_from_before_its_last_change()
    {
        using var fixture = Filled();
        fixture.Store.Tag(fixture.Store.Find("kept:1"), ImageReference.Parse("late:1"));
        File.WriteAllText(Path.Combine(fixture.Root, "index.json"), "{ \"schemaVersion\": 2, ");
        var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Open().List());
        Assert.Contains("fsck --repair", failure.Message);
        Assert.IsFalse(Check(fixture).IsSound);
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.AreEqual("broken:1 kept:1", Names(fixture));
        Assert.HasCount(1, fixture.Store.Containers());
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void An_image_that_was_stored_last_comes_back_without_its_name()
    {
        using var fixture = Filled();
        var image = ImageBuilder.Of(2, "last");
        fixture.Publish(image, "last:1");
        File.Delete(Path.Combine(fixture.Root, "index.json"));
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.AreEqual("broken:1 kept:1", Names(fixture));
        Assert.IsEmpty(fixture.Store.Find(image.Id.ToString()).References);
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void Without_any_index_all_images_come_back_without_names()
    {
        using var fixture = Filled();
        fixture.PublishIndex("multi:1", [ImageBuilder.Of(1), ImageBuilder.Of(2, "arm64")]);
        var targets = fixture.Store.List().Select(image => image.Target.Digest).Order().ToArray();
        File.Delete(Path.Combine(fixture.Root, "index.json"));
        File.Delete(Path.Combine(fixture.Root, ".imagetar", "previous"));
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.AreSequenceEqual(targets, fixture.Store.List().Select(image => image.Target.Digest).Order());
        Assert.AreEqual("", Names(fixture));
    }

    [TestMethod]
    public void A_missing_layout_file_is_written_again()
    {
        using var fixture = Filled();
        File.Delete(Path.Combine(fixture.Root, "oci-layout"));
        Assert.IsFalse(Check(fixture).IsSound);
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.AreEqual(2, fixture.Open().List().Count);
    }

    [TestMethod]
    public void An_image_that_makes_no_sense_is_found_and_dropped()
    {
        using var fixture = Filled();
        var target = PublishNonsense(fixture, "odd:1");
        var found = Check(fixture).Findings.Single().Problem;
        Assert.AreEqual("ITT3062", found.Code);
        Assert.Contains(target.Digest.Value, found.Message);
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.AreEqual("broken:1 kept:1", Names(fixture));
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void An_index_with_one_platform_that_makes_no_sense_stays_and_so_does_the_finding()
    {
        using var fixture = Filled();
        var odd = PublishNonsense(fixture, "odd:1");
        fixture.PublishIndex("multi:1", [ImageBuilder.Of(1)], odd);
        fixture.Store.Remove("odd:1", force: false);
        var repaired = Check(fixture, repair: true);
        Assert.AreEqual("ITT3062", repaired.Findings.Single().Problem.Code);
        Assert.IsFalse(repaired.IsSound);
        Assert.AreEqual("broken:1 kept:1 multi:1", Names(fixture));
    }

    [TestMethod]
    public void Checks_beside_others_that_store_and_prune_find_nothing()
    {
        using var fixture = Filled();
        var busy = Task.Run(() =>
        {
            var other = fixture.Open();
            for (var number = 0; number < 100; number++)
            {
                fixture.Publish(ImageBuilder.Of(3, $"{number}"), "passing:1");
                foreach (var layer in other.OpenImage(other.Find("passing:1").Target).Layers)
                {
                    other.RecompressedLayers.GetOrCreate(
                        layer,
                        10_000,
                        new(CompressionKind.Gzip, null),
                        null,
                        _ => { },
                        default
                    );
                }

                other.PruneImages(new ImagePruneOptions { All = true });
            }
        });
        var checks = 0;
        while (!busy.IsCompleted)
        {
            var findings = Check(fixture, quick: checks++ % 2 == 0).Findings;
            Assert.IsEmpty(findings, string.Join('\n', findings));
        }

        busy.GetAwaiter().GetResult();
        Assert.IsGreaterThan(3, checks);
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void A_store_that_does_not_exist_is_refused()
    {
        using var folder = new TestFolder();
        var store = Core.Store.ImageStore.OpenReadOnly(folder["none"], new RecordingReporter());
        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
            store.Check(new StoreCheckOptions(Repair: true), CancellationToken.None)
        );
        Assert.AreEqual("ITT3001", failure.Diagnostic.Code);
        Assert.Contains("does not exist", failure.Message);
        Assert.Contains("there is no image store", Assert.ThrowsExactly<ImageTarException>(() => store.List()).Message);
        Assert.IsFalse(Directory.Exists(folder["none"]));
    }

    [TestMethod]
    public void A_folder_that_is_no_store_is_refused()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["index.html"], "a site");
        var store = Core.Store.ImageStore.OpenReadOnly(folder.Root, new RecordingReporter());
        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
            store.Check(new StoreCheckOptions(Repair: true), CancellationToken.None)
        );
        Assert.AreEqual("ITT3001", failure.Diagnostic.Code);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    [TestMethod]
    public void A_broken_container_is_found_and_removed()
    {
        using var fixture = Filled();
        var file = Directory.GetFiles(Path.Combine(fixture.Root, ".imagetar", "containers")).Single();
        File.WriteAllText(file, "{");
        Assert.AreEqual(file, Check(fixture).Findings.Single().Problem.File);
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.IsEmpty(fixture.Store.Containers());
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    public void A_container_whose_image_is_lost_goes_with_it()
    {
        using var fixture = Filled();
        var image = fixture.Store.OpenImage(fixture.Store.Find("kept:1").Target);
        File.Delete(fixture.Blob(image.Layers[0].Descriptor.Digest));
        var repaired = Check(fixture, repair: true);
        Assert.Contains(
            "container web",
            string.Join('\n', repaired.Findings.Select(finding => finding.Problem.Message))
        );
        Assert.IsEmpty(fixture.Store.Containers());
        Assert.AreEqual("broken:1", Names(fixture));
    }

    [TestMethod]
    public void Damaged_and_stale_layer_indexes_are_deleted_and_made_again_when_needed()
    {
        using var fixture = Filled();
        var layers = Path.Combine(fixture.Root, ".imagetar", "layers");
        var damaged = Directory.GetFiles(layers).Order(StringComparer.Ordinal).First();
        Damage(damaged, "alter");
        var stale = Path.Combine(layers, new string('0', 64) + ".idx");
        File.Copy(damaged, stale);
        var codes = Check(fixture).Findings.Select(finding => finding.Problem.Code);
        Assert.AreSequenceEqual(["ITT3064", "ITT3063"], codes);
        Assert.IsTrue(Check(fixture, repair: true).IsSound);
        Assert.IsFalse(File.Exists(stale));
        foreach (var image in fixture.Store.List())
        {
            foreach (var layer in image.Image!.Layers)
            {
                Assert.IsGreaterThan(0, fixture.Store.SummarizeLayer(layer, CancellationToken.None).Entries);
            }
        }

        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    [DataRow("note.txt")]
    [DataRow("blobs/sha256/oci-put-blob123")]
    [DataRow("blobs/md5")]
    [DataRow(".imagetar/other")]
    [DataRow(".imagetar/layers/other")]
    public void An_unknown_file_is_found_and_stays(string name)
    {
        using var fixture = Filled();
        var path = Path.Combine(fixture.Root, name);
        File.WriteAllText(path, "foreign");
        foreach (var repair in new[] { false, true })
        {
            var finding = Check(fixture, repair: repair).Findings.Single();
            Assert.AreEqual(("ITT3065", path), (finding.Problem.Code, finding.Problem.File));
            Assert.IsNull(finding.Repair);
        }

        Assert.IsTrue(File.Exists(path));
    }

    [TestMethod]
    public void Content_that_nothing_refers_to_is_counted_and_is_no_fault()
    {
        using var fixture = Filled();
        File.WriteAllText(fixture.Blob(Digest.Of("loose"u8)), "loose");
        var result = Check(fixture);
        Assert.IsTrue(result.IsSound);
        Assert.AreEqual((1, 5L), (result.Unreferenced, result.UnreferencedBytes));
    }

    [TestMethod]
    public void A_platform_that_an_image_never_had_is_no_fault()
    {
        using var fixture = new StoreFixture();
        var absent = new Descriptor(MediaTypes.OciManifest, Digest.Of("elsewhere"u8), 500);
        fixture.PublishIndex("sparse:1", [ImageBuilder.Of(1)], absent);
        Assert.IsEmpty(Check(fixture).Findings);
        Check(fixture, repair: true);
        Assert.AreEqual("sparse:1", Names(fixture));
    }

    [TestMethod]
    public void An_image_removed_during_the_check_is_not_missed()
    {
        using var fixture = Filled();
        var other = fixture.Open();
        var reporter = new RemovingReporter(() => other.Remove("broken:1", force: true));
        var store = Core.Store.ImageStore.OpenReadOnly(fixture.Root, reporter);
        var result = store.Check(new StoreCheckOptions(), CancellationToken.None);
        Assert.IsTrue(reporter.Called);
        Assert.IsEmpty(result.Findings, string.Join('\n', result.Findings));
    }

    /// <summary>Two images, one of them with a container.</summary>
    private static StoreFixture Filled()
    {
        var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(2, "kept"), "kept:1");
        fixture.Publish(ImageBuilder.Of(3, "broken"), "broken:1");
        fixture.Store.CreateContainer(fixture.Store.Find("kept:1"), "kept:1", "web", null, null);
        return fixture;
    }

    /// <summary>A manifest whose configuration is not JSON, as another tool can write one.</summary>
    private static Descriptor PublishNonsense(StoreFixture fixture, string name)
    {
        using var writer = fixture.Store.BeginWrite();
        var config = writer.Stage("no configuration"u8.ToArray());
        var manifest = writer.Stage(
            System.Text.Encoding.UTF8.GetBytes(
                $$"""
                {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}",
                 "digest":"{{config.Digest}}","size":{{config.Size}}},"layers":[]}
                """
            )
        );
        var target = new Descriptor(MediaTypes.OciManifest, manifest.Digest, manifest.Size);
        writer.Publish([new Core.Store.Publication(target, [ImageReference.Parse(name)])]);
        return target;
    }

    private static StoreCheckResult Check(StoreFixture fixture, bool quick = false, bool repair = false) =>
        Core
            .Store.ImageStore.OpenReadOnly(fixture.Root, fixture.Reporter)
            .Check(new StoreCheckOptions(quick, repair), CancellationToken.None);

    private static void Damage(string path, string how)
    {
        switch (how)
        {
            case "delete":
                File.Delete(path);
                break;
            case "truncate":
                using (var file = File.OpenWrite(path))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            default:
                var content = File.ReadAllBytes(path);
                content[content.Length / 2] ^= 1;
                File.WriteAllBytes(path, content);
                break;
        }
    }

    private static string Names(StoreFixture fixture) =>
        string.Join(
            ' ',
            fixture.Open().List().SelectMany(image => image.References).Order().Select(name => name.Familiar)
        );

    private static string Snapshot(string root) =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {Digest.Of(File.ReadAllBytes(file))} {File.GetLastWriteTimeUtc(file):O}")
        );

    /// <summary>Does something at the first sign of progress, which the check of the first blob gives.</summary>
    private sealed class RemovingReporter(Action action) : IReporter
    {
        private int _calls;

        public bool Called => _calls > 0;

        public void Result(string line) { }

        public void Detail(string line) { }

        public void Warn(Diagnostic diagnostic) { }

        public void Progress(string step, string action1, long current, long? total)
        {
            if (Interlocked.Increment(ref _calls) == 1)
            {
                action();
            }
        }
    }
}
