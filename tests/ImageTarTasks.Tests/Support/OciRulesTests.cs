using System.Text;

namespace ImageTarTasks.Tests.Support;

/// <summary>The checker of layouts complains: else what it approves of would mean nothing.</summary>
[TestClass]
public sealed class OciRulesTests
{
    [TestMethod]
    public void A_right_layout_passes() => Assert.IsEmpty(OciRules.Violations(Files(ImageBuilder.Of(2))));

    [TestMethod]
    [DataRow("index.json", "\"schemaVersion\":2", "\"schemaVersion\":\"2\"", "schemaVersion is not 2")]
    [DataRow("index.json", "\"size\":", "\"size\":1", "bytes, not")]
    [DataRow(
        "index.json",
        "\"mediaType\":\"application/vnd.oci.image.manifest",
        "\"mediaType\":\"nonsense",
        "RFC 6838"
    )]
    [DataRow("index.json", "\"architecture\":\"amd64\",", "", "architecture is missing")]
    [DataRow(
        "index.json",
        "\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/a:1\"}",
        "\"annotations\":{\"a\":1}",
        "map of strings"
    )]
    [DataRow("oci-layout", "1.0.0", "2.0.0", "imageLayoutVersion is not 1.0.0")]
    public void A_wrong_document_does_not(string name, string old, string replacement, string complaint)
    {
        var files = Files(ImageBuilder.Of(2));
        var text = Encoding.UTF8.GetString(files[name]);
        Assert.Contains(old, text);
        files[name] = Encoding.UTF8.GetBytes(text.Replace(old, replacement, StringComparison.Ordinal));
        Assert.Contains(
            violation => violation.Contains(complaint, StringComparison.Ordinal),
            OciRules.Violations(files)
        );
    }

    [TestMethod]
    public void Missing_foreign_and_damaged_blobs_are_found()
    {
        var image = ImageBuilder.Of(2);
        var files = Files(image);
        files.Remove(ArchiveBuilder.BlobPath(image.LayerBlobs[0]), out var removed);
        Assert.Contains("is not in the layout", OciRules.Violations(files).Single());
        Assert.IsEmpty(OciRules.Violations(files, [Core.Values.Digest.Of(removed!).Value]));
        files[ArchiveBuilder.BlobPath(image.LayerBlobs[0])] = [1];
        Assert.IsNotEmpty(OciRules.Violations(files));

        files = Files(image);
        files[ArchiveBuilder.BlobPath([1])] = [1];
        Assert.Contains("nothing refers to it", OciRules.Violations(files).Single());
    }

    private static Dictionary<string, byte[]> Files(ImageBuilder image) =>
        ArchiveBuilder
            .Oci((image, "docker.io/library/a:1"))
            .Members.ToDictionary(member => member.Name, member => member.Content, StringComparer.Ordinal);
}
