using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Core.Verification;
using ImageTarTasks.Tests.Archives;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Verification;

/// <summary>What verifying finds: all of it, by the rules of loading, and without a store.</summary>
[TestClass]
public sealed class ArchiveVerifierTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_sound_archive_has_no_findings_and_tells_its_images()
    {
        var (one, two) = (ImageBuilder.Of(2, "one"), ImageBuilder.Of(3, "two").For("linux", "arm64"));
        foreach (
            var archive in new[]
            {
                ArchiveBuilder.Docker((one, ["a:1", "a:2"]), (two, null)),
                ArchiveBuilder.Oci((one, "docker.io/library/a:1"), (two, null)),
            }
        )
        {
            var result = Verify(archive);
            Assert.IsEmpty(result.Findings);
            Assert.IsEmpty(result.Warnings);
            Assert.AreSequenceEqual([one.Id, two.Id], result.Images.Select(image => image.Image.Id));
            Assert.AreEqual("a:1", result.Images[0].Image.References[0].Familiar);
            Assert.AreEqual("linux/arm64", result.Images[1].Platforms.Single().Image.Config.Platform.ToString());
        }

        Assert.IsEmpty(Verify(ArchiveBuilder.Hybrid(one, "a:1")).Findings);
        Assert.IsFalse(Directory.Exists(_folder["store"]), "it needs no store, and makes none");
    }

    [TestMethod]
    public void One_content_under_its_sha256_and_its_sha512_is_sound()
    {
        var result = Verify(ArchiveBuilder.UnderBothDigests(ImageBuilder.Of(2), "a.io/a:1", "a.io/b:1", "a.io/c:1"));
        Assert.IsEmpty(result.Findings);
        Assert.HasCount(3, result.Images);
    }

    [TestMethod]
    public void Every_fault_of_every_image_is_found()
    {
        var (one, two, sound) = (ImageBuilder.Of(3, "one"), ImageBuilder.Of(2, "two"), ImageBuilder.Of(2, "sound"));
        var archive = ArchiveBuilder
            .Docker((one, ["a:1"]), (two, ["Bad Name:1", "b:1"]), (sound, ["c:1"]))
            .Replace(Layer(one, 0), ImageBuilder.TarOf(("evil", "")))
            .Replace(Layer(one, 2), "garbage"u8.ToArray())
            .Remove(Layer(two, 1))
            .Add("../../evil", "x")
            .Add("unused -> /etc/passwd", "")
            .Add("twice", "1")
            .Add("twice", "2");
        var result = Verify(archive);
        Assert.AreEqual(
            "ITT2229 ITT2212 ITT3023 ITT2206 ITT1001 ITT2208 ITT2209",
            string.Join(' ', result.Findings.Select(finding => finding.Code))
        );
        Assert.AreEqual("c:1", string.Join(' ', result.Images.SelectMany(image => image.Image.References)));
    }

    [TestMethod]
    public void Faults_of_an_OCI_layout_are_found_in_every_image_of_every_index()
    {
        ImageBuilder[] images =
        [
            ImageBuilder.Of(2, "amd"),
            ImageBuilder.Of(2, "arm").For("linux", "arm64"),
            ImageBuilder.Of(1, "sound").For("linux", "s390x"),
        ];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        Damage(archive, images[0].LayerBlobs[0]);
        Damage(archive, images[0].LayerBlobs[1]);
        Damage(archive, images[1].Config);
        archive.Add("blobs/sha256/" + new string('0', 64), "not what the path says");
        var result = Verify(archive);
        Assert.AreEqual(
            "ITT2210 ITT2210 ITT2210 ITT2210",
            string.Join(' ', result.Findings.Select(finding => finding.Code))
        );
        Assert.AreEqual(images[2].Id, result.Images.Single().Platforms.Single().Image.Id);
    }

    [TestMethod]
    public void Missing_platforms_are_a_finding_unless_they_are_meant()
    {
        ImageBuilder[] images = [ImageBuilder.Of(2, "amd"), ImageBuilder.Of(2, "arm").For("linux", "arm64")];
        var archive = ArchiveBuilder.OciIndex("docker.io/library/multi:1", images);
        foreach (var blob in images[1].Blobs)
        {
            archive.Remove(ArchiveBuilder.BlobPath(blob));
        }

        var finding = Verify(archive).Findings.Single();
        Assert.AreEqual("ITT2228", finding.Code);
        Assert.Contains("linux/arm64", finding.Message);
        Assert.IsEmpty(Verify(archive, new VerifyOptions { MissingPlatforms = MissingPlatforms.Sparse }).Findings);
    }

    [TestMethod]
    public void An_index_that_misstates_a_platform_is_found()
    {
        var image = ImageBuilder.Small();
        var descriptor = image.Descriptor;
        descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "s390x" };
        var finding = Verify(ArchiveBuilder.Layout([(descriptor, "docker.io/library/a:1")], image.Blobs))
            .Findings.Single();
        Assert.AreEqual("ITT2230", finding.Code);
        Assert.Contains("linux/s390x", finding.Message);
        Assert.Contains("linux/amd64", finding.Message);
    }

    [TestMethod]
    [DataRow("../../etc/cron.d/x", "ITT2401")]
    [DataRow("s/below", "ITT2404")]
    [DataRow("d/.wh.", "ITT2407")]
    public void A_layer_that_makes_up_no_file_system_is_found(string entry, string code)
    {
        var image = new ImageBuilder().Layer(("s -> s", ""), ("d/", "")).Layer((entry, "x"));
        var finding = Verify(ArchiveBuilder.Docker((image, ["a:1"]))).Findings.Single();
        Assert.AreEqual(code, finding.Code);
        Assert.Contains($"\"{entry}\"", finding.Message);
    }

    [TestMethod]
    public void What_tools_may_read_differently_is_a_warning()
    {
        var result = Verify(
            ArchiveBuilder.Docker((new ImageBuilder().Layer(("f", "a file")).Layer(("f/below", "x")), ["a:1"]))
        );
        Assert.IsEmpty(result.Findings);
        Assert.AreEqual("ITT9401", result.Warnings.Single().Code);
    }

    [TestMethod]
    public void What_is_damaged_as_a_whole_is_one_finding()
    {
        var archive = ArchiveBuilder.Docker((ImageBuilder.Of(3), ["a:1"])).ToTar();
        Assert.AreEqual("ITT2003", Verify(archive[..^4000]).Findings.Single().Code);
        Assert.AreEqual(
            "ITT2101",
            Verify(ImageBuilder.Compress(archive, CompressionKind.Gzip)[..^10]).Findings.Single().Code
        );
        Assert.AreEqual("ITT2201", Verify(ImageBuilder.TarOf(("etc/passwd", ""))).Findings.Single().Code);
        Assert.AreEqual("ITT2202", Verify([]).Findings.Single().Code);
        Assert.AreEqual(
            "ITT2107",
            Verify(
                ArchiveBuilder.Docker((ImageBuilder.Of(1), ["a:1"])).ToTar(),
                new VerifyOptions { MaxUnpacked = 512 }
            )
                .Findings.Single()
                .Code
        );
    }

    [TestMethod]
    public void A_delta_is_completed_from_a_store_that_stays_as_it_is()
    {
        var image = ImageBuilder.Of(2);
        var delta = ArchiveBuilder
            .Oci((image, "docker.io/library/a:1"))
            .Remove(ArchiveBuilder.BlobPath(image.LayerBlobs[0]))
            .Add(
                "imagetar-delta.json",
                new JsonObject
                {
                    ["schemaVersion"] = 1,
                    ["lacks"] = new JsonArray(ImageBuilder.Describe(MediaTypes.OciLayer, image.LayerBlobs[0])),
                }
            );
        var finding = Verify(delta).Findings.Single();
        Assert.AreEqual("ITT2240", finding.Code);
        Assert.Contains(Digest.Of(image.LayerBlobs[0]).Value, finding.Message);

        using var fixture = new LoadingFixture();
        fixture.Load(ArchiveBuilder.Docker((image, ["base:1"])));
        var before = Directory.GetFiles(fixture.Store.Root, "*", SearchOption.AllDirectories);
        Assert.IsEmpty(Verify(delta.ToTar(), store: fixture.Store.Root).Findings);
        Assert.AreSequenceEqual(before, Directory.GetFiles(fixture.Store.Root, "*", SearchOption.AllDirectories));
    }

    [TestMethod, RequiresShared("corpus"), TestCategory("Shared")]
    public void What_loading_refuses_has_findings_and_what_has_none_loads()
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var file in Corpus.Files)
        {
            count++;
            using var fixture = new LoadingFixture();
            string loaded;
            try
            {
                loaded = string.Join(' ', Corpus.Load(fixture, file).Select(image => image.Stored.Target.Digest));
            }
            catch (ImageTarException refused)
            {
                loaded = refused.Diagnostic.Code;
            }

            var result = Corpus.Open(
                file,
                input =>
                    ArchiveVerifier.Verify(
                        input,
                        new VerifyOptions { MissingPlatforms = MissingPlatforms.Sparse },
                        ImageStore.OpenReadOnly(fixture.Folder["none"], SilentReporter.Instance),
                        SilentReporter.Instance,
                        CancellationToken.None
                    )
            );
            var isRefused = loaded.StartsWith("ITT", StringComparison.Ordinal);
            var agrees = isRefused
                ? result.Findings.Any(finding => finding.Code == loaded)
                : loaded == string.Join(' ', result.Images.Select(image => image.Image.Target.Digest));
            if (!agrees)
            {
                failures.Add(
                    $"{file}: load {loaded}, verify {string.Join(' ', result.Findings.Select(finding => finding.Code))}"
                );
            }
        }

        Assert.IsGreaterThan(300, count);
        Assert.IsEmpty(failures, string.Join('\n', failures));
    }

    private static string Layer(ImageBuilder image, int number) => $"{image.DiffIds[number].Digest.Hex}/layer.tar";

    private static void Damage(ArchiveBuilder archive, byte[] blob)
    {
        var damaged = blob.ToArray();
        damaged[^1] ^= 1;
        archive.Replace(ArchiveBuilder.BlobPath(blob), damaged);
    }

    private VerifyResult Verify(ArchiveBuilder archive, VerifyOptions? options = null) =>
        Verify(archive.ToTar(), options);

    private VerifyResult Verify(byte[] archive, VerifyOptions? options = null, string? store = null) =>
        ArchiveVerifier.Verify(
            new ArchiveInput { DisplayName = "a.tar", Stream = new MemoryStream(archive) },
            options ?? new VerifyOptions(),
            ImageStore.OpenReadOnly(store ?? _folder["store"], SilentReporter.Instance),
            SilentReporter.Instance,
            CancellationToken.None
        );
}
