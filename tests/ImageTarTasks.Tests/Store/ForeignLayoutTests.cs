using System.Diagnostics;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class ForeignLayoutTests
{
    [TestMethod]
    [RequiresProgram("skopeo")]
    public void Skopeo_reads_the_store_as_an_OCI_layout()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(2).Compressed(CompressionKind.Gzip), "a:v1");
        var target = fixture.Store.Find("a:v1").Target;
        Assert.Contains(target.Digest.Value, Run("skopeo", "inspect", $"oci:{fixture.Root}:v1"));
        using var copy = new TestFolder();
        Run("skopeo", "copy", "--insecure-policy", $"oci:{fixture.Root}:v1", $"oci:{copy["copy"]}:v1");
    }

    [TestMethod]
    [RequiresProgram("umoci")]
    public void Umoci_reads_the_store_and_its_changes_are_seen()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1), "a:v1");
        Assert.AreEqual("v1", Run("umoci", "ls", "--layout", fixture.Root).Trim());
        Run("umoci", "tag", "--image", fixture.Root + ":v1", "v2");
        Assert.AreEqual("a:v1", fixture.Open().Find("a:v1").References[0].Familiar);
    }

    [TestMethod]
    [RequiresProgram("skopeo")]
    public void A_layout_of_skopeo_is_a_store_that_is_not_touched_by_reading()
    {
        using var fixture = new StoreFixture();
        using var other = new TestFolder();
        var image = ImageBuilder.Of(2).Compressed(CompressionKind.Gzip);
        fixture.Publish(image, "a:v1");
        var root = other["layout"];
        Run("skopeo", "copy", "--insecure-policy", $"oci:{fixture.Root}:v1", $"oci:{root}:v9");
        Run("skopeo", "copy", "--insecure-policy", $"oci:{fixture.Root}:v1", $"oci:{root}:example.com/team/app:2");
        var before = Directory
            .GetFileSystemEntries(root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var store = ImageStore.Open(root, new RecordingReporter());
        Assert.AreEqual(image.Id, store.Find("v9").Id);
        Assert.AreEqual("v9:latest example.com/team/app:2", string.Join(' ', store.List().Single().References));
        Assert.AreEqual(
            "example.com/team/app:2",
            store.Select("example.com/team/app").Single().References.Single().Familiar
        );
        Assert.AreSequenceEqual(
            before,
            Directory
                .GetFileSystemEntries(root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .ToArray()
        );

        // Writing keeps the names by which skopeo knows its images.
        store.Tag(store.Find("v9"), ImageReference.Parse("mine:1"));
        Assert.Contains(
            image.DiffIds.Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Run("skopeo", "inspect", $"oci:{root}:v9")
        );
        Run("skopeo", "inspect", $"oci:{root}:1");
        StoreFixture.AssertConsistent(root);
    }

    [TestMethod]
    public void One_name_of_two_images_is_refused_and_names_that_are_none_are_kept()
    {
        using var fixture = new StoreFixture();
        var one = fixture.Publish(ImageBuilder.Of(1, "1"));
        var two = fixture.Publish(ImageBuilder.Of(1, "2"));
        var path = Path.Combine(fixture.Root, "index.json");
        File.WriteAllText(path, Index((one, "t"), (two, "t")));
        Assert.AreEqual("ITT3003", Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.List()).Diagnostic.Code);
        File.WriteAllText(path, Index((one, "UPPER"), (two, "t")));
        fixture.Store.Tag(fixture.Store.Find("t"), ImageReference.Parse("x:1"));
        Assert.Contains("\"org.opencontainers.image.ref.name\":\"UPPER\"", File.ReadAllText(path));
        Assert.Contains("\"org.opencontainers.image.ref.name\":\"t\"", File.ReadAllText(path));
    }

    private static string Index(params (Descriptor Target, string Name)[] entries) =>
        $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', entries.Select(e =>
            $$$"""{"mediaType":"{{{e.Target.MediaType}}}","digest":"{{{e.Target.Digest}}}","size":{{{e.Target.Size}}},"annotations":{"org.opencontainers.image.ref.name":"{{{e.Name}}}"}}"""))}}]}""";

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return output;
    }
}
