using System.Text;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

[TestClass]
public sealed class ArchiveDocumentsTests
{
    private static readonly ImageBuilder Built = ImageBuilder.Of(2);

    private static string Config => ArchiveBuilder.BlobPath(Built.Config);

    [TestMethod]
    public void Index_has_an_entry_for_each_name_in_ordinal_order()
    {
        var index = Text(ArchiveDocuments.Index([Entry("b:2", "a:1")]));
        var entry =
            $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Of(Built.Manifest)}}","size":{{Built.Manifest.Length}},"annotations":""";
        Assert.AreEqual(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":["""
                + entry
                + """{"io.containerd.image.name":"docker.io/library/a:1","org.opencontainers.image.ref.name":"1"}},"""
                + entry
                + """{"io.containerd.image.name":"docker.io/library/b:2","org.opencontainers.image.ref.name":"2"}}]}""",
            index
        );
    }

    [TestMethod]
    public void An_image_without_a_name_has_an_entry_without_annotations() =>
        Assert.DoesNotContain("annotations", Text(ArchiveDocuments.Index([Entry()])));

    [TestMethod]
    public void Manifest_is_what_Docker_writes()
    {
        var layers = string.Join(',', Built.LayerBlobs.Select(blob => $"\"{ArchiveBuilder.BlobPath(blob)}\""));
        Assert.AreEqual(
            $$"""[{"Config":"{{Config}}","RepoTags":["a:1","example.com/x:2"],"Layers":[{{layers}}]}]""" + "\n",
            Text(ArchiveDocuments.Manifest([Entry("example.com/x:2", "a:1")])!.Value)
        );
        Assert.Contains("\"RepoTags\":null", Text(ArchiveDocuments.Manifest([Entry()])!.Value));
    }

    [TestMethod]
    public void Repositories_maps_names_to_the_top_layer()
    {
        var top = Built.DiffIds[^1].Digest.Hex;
        Assert.AreEqual(
            $$$"""{"a":{"1":"{{{top}}}","2":"{{{top}}}"},"example.com/x":{"2":"{{{top}}}"}}""" + "\n",
            Text(ArchiveDocuments.Repositories([Entry("example.com/x:2", "a:2", "a:1")])!.Value)
        );
        Assert.IsNull(ArchiveDocuments.Repositories([Entry()]));
    }

    private static SaveEntry Entry(params string[] names)
    {
        var location = new ContentLocation("test");
        var image = new Image(
            ImageManifest.Parse(Built.Manifest, null, location),
            ImageConfig.Parse(Built.Config, location)
        );
        return new SaveEntry(
            image.Manifest.Descriptor,
            image,
            [],
            names.Select(name => ImageReference.Parse(name)).Order().ToArray()
        );
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
