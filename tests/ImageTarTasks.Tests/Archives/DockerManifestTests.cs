using System.Text;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Tests.Archives;

[TestClass]
public sealed class DockerManifestTests
{
    private static readonly ContentLocation Here = new("a.tar");

    [TestMethod]
    public void Configuration_names_and_layers_are_read()
    {
        var image = Parse(
            """[{"Config":"c.json","RepoTags":["a:1","b:2","a:1"],"Layers":["./x/layer.tar","y"],"Parent":"sha256:0","LayerSources":{}}]"""
        )[0];
        Assert.AreEqual("c.json", image.Config.ToText());
        CollectionAssert.AreEqual(new[] { "a:1", "b:2" }, image.RepoTags.ToArray());
        CollectionAssert.AreEqual(new[] { "x/layer.tar", "y" }, image.Layers.Select(layer => layer.ToText()).ToArray());
    }

    [TestMethod]
    public void Keys_are_found_in_any_case_as_Jib_writes_them()
    {
        var image = Parse("""[{"config":"c","repoTags":["a"],"layers":["l"]}]""")[0];
        Assert.AreEqual("c", image.Config.ToText());
        Assert.HasCount(1, image.RepoTags);
        Assert.HasCount(1, image.Layers);
    }

    [TestMethod]
    [DataRow("""[{"Config":"c","RepoTags":null,"Layers":[]}]""")]
    [DataRow("""[{"Config":"c","Layers":[]}]""")]
    public void An_image_may_have_no_name_and_no_layer(string json)
    {
        Assert.IsEmpty(Parse(json)[0].RepoTags);
        Assert.IsEmpty(Parse(json)[0].Layers);
    }

    [TestMethod]
    [DataRow("", "manifest.json")]
    [DataRow("null", "manifest.json")]
    [DataRow("x", "manifest.json")]
    [DataRow("{}", "manifest.json")]
    [DataRow("[null]", "manifest.json")]
    [DataRow("[] []", "manifest.json")]
    [DataRow("[]x", "manifest.json")]
    [DataRow("[,]", "manifest.json")]
    [DataRow("[/**/]", "manifest.json")]
    [DataRow("\uFEFF[]", "manifest.json")]
    [DataRow("""[{"Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":1,"Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":"","Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":"/c","Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":"a/../../c","Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":"c","Config":"c","Layers":[]}]""", "Config")]
    [DataRow("""[{"Config":"c","config":"c","Layers":[]}]""", "config")]
    [DataRow("""[{"Config":"c"}]""", "Layers")]
    [DataRow("""[{"Config":"c","Layers":"l"}]""", "Layers")]
    [DataRow("""[{"Config":"c","Layers":["../l"]}]""", "Layers[0]")]
    [DataRow("""[{"Config":"c","Layers":[],"RepoTags":"a:1"}]""", "RepoTags")]
    [DataRow("""[{"Config":"c","Layers":[],"RepoTags":[null]}]""", "RepoTags")]
    [DataRow("""[{"Config":"\ud800","Layers":[]}]""", "manifest.json")]
    public void What_readers_could_understand_differently_is_refused_by_name(string json, string named)
    {
        var error = Assert.ThrowsExactly<ImageTarException>(() => Parse(json));
        Assert.Contains(named, error.Message);
        Assert.Contains("manifest.json", error.Message);
    }

    [TestMethod]
    public void Deep_nesting_ends_in_an_error_not_in_a_crash() =>
        Assert.ThrowsExactly<ImageTarException>(() => Parse(new string('[', 200_000)));

    private static IReadOnlyList<DockerManifestEntry> Parse(string json) =>
        DockerManifest.Parse(Encoding.UTF8.GetBytes(json), Here);
}
