using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Oci;

[TestClass]
public sealed class DocumentsTests
{
    private const string A = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string ConfigDescriptor =
        $$"""{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{A}}","size":12}""";
    private const string LayerDescriptor =
        $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{B}}","size":2048}""";
    private const string Manifest =
        $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{{ConfigDescriptor}}},"layers":[{{{LayerDescriptor}}}]}""";
    private const string Index =
        $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{A}}}","size":7,"annotations":{"b":"1","a":"2"},"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{B}}}","size":8,"platform":{}}]}""";
    private const string Config =
        $$$"""{"architecture":"amd64","os":"linux","created":"2023-11-14T22:13:20Z","config":{"Env":["PATH=/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["{{{A}}}","{{{B}}}"]},"history":[{"created_by":"x","empty_layer":true},{"created":null,"comment":"c"}]}""";

    private static readonly ContentLocation Here = new("here");

    [TestMethod]
    public void A_manifest_is_read_and_keeps_its_bytes()
    {
        var manifest = ImageManifest.Parse(Bytes(Manifest), null, Here);
        Assert.AreEqual(MediaTypes.OciManifest, manifest.MediaType);
        Assert.AreEqual(A, manifest.Config.Digest.Value);
        Assert.AreEqual(2048, manifest.Layers.Single().Size);
        Assert.AreEqual(Digest.Of(Bytes(Manifest)), manifest.Descriptor.Digest);
        Assert.IsTrue(manifest.IsImage);
    }

    [TestMethod]
    public void A_composed_manifest_has_the_bytes_Docker_writes()
    {
        var parsed = ImageManifest.Parse(Bytes(Manifest), null, Here);
        Assert.AreEqual(
            Manifest,
            Encoding.UTF8.GetString(ImageManifest.Compose(parsed.Config, parsed.Layers).Raw.Span)
        );
    }

    [TestMethod]
    public void An_index_is_read_and_an_empty_platform_is_none()
    {
        var index = ImageIndex.Parse(Bytes(Index), MediaTypes.OciIndex, Here);
        Assert.AreEqual("linux/arm64/v8", index.Manifests[0].Platform?.ToString());
        Assert.IsNull(index.Manifests[1].Platform);
        Assert.AreEqual("2", index.Manifests[0].Annotation("a"));
    }

    [TestMethod]
    public void A_composed_index_sorts_annotations_and_is_read_again()
    {
        var composed = ImageIndex.Compose(ImageIndex.Parse(Bytes(Index), null, Here).Manifests);
        var expected = Index
            .Replace("""{"b":"1","a":"2"}""", """{"a":"2","b":"1"}""", StringComparison.Ordinal)
            .Replace(""","platform":{}""", "", StringComparison.Ordinal);
        Assert.AreEqual(expected, Encoding.UTF8.GetString(composed.Raw.Span));
    }

    [TestMethod]
    [DataRow("application/vnd.cncf.helm.config.v1+json", "application/vnd.oci.image.layer.v1.tar")]
    [DataRow("application/vnd.oci.image.config.v1+json", "application/vnd.in-toto+json")]
    public void A_manifest_of_something_else_is_no_image(string config, string layer)
    {
        var text = Manifest
            .Replace(MediaTypes.OciConfig, config, StringComparison.Ordinal)
            .Replace(MediaTypes.OciLayer, layer, StringComparison.Ordinal);
        Assert.IsFalse(ImageManifest.Parse(Bytes(text), null, Here).IsImage);
    }

    [TestMethod]
    public void Media_types_may_be_missing_and_may_be_Dockers()
    {
        var without = Manifest.Replace($"\"mediaType\":\"{MediaTypes.OciManifest}\",", "", StringComparison.Ordinal);
        Assert.AreEqual(MediaTypes.OciManifest, ImageManifest.Parse(Bytes(without), null, Here).MediaType);
        Assert.AreEqual(
            MediaTypes.DockerManifest,
            ImageManifest.Parse(Bytes(without), MediaTypes.DockerManifest, Here).MediaType
        );
        var docker = Manifest.Replace(MediaTypes.OciManifest, MediaTypes.DockerManifest, StringComparison.Ordinal);
        Assert.AreEqual(
            MediaTypes.DockerManifest,
            ImageManifest.Parse(Bytes(docker), MediaTypes.DockerManifest, Here).MediaType
        );
        Assert.AreEqual("ITT2310", Fails(() => ImageManifest.Parse(Bytes(docker), MediaTypes.OciManifest, Here)).Code);
        Assert.AreEqual("ITT2310", Fails(() => ImageManifest.Parse(Bytes(without), MediaTypes.OciIndex, Here)).Code);
    }

    [TestMethod]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[],"layers":[@l]}""", "ITT2304", "layers")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"Layers":[]}""", "ITT2307", "Layers")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"layerſ":[]}""", "ITT2307", "layer")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"manifests":[]}""", "ITT2308", "manifests")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"Manifests":null}""", "ITT2308", "manifests")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l]} x""", "ITT2304", "manifest")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l]}{}""", "ITT2304", "manifest")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],}""", "ITT2304", "manifest")]
    [DataRow("""{"schemaVersion":2,/*c*/"config":@c,"layers":[@l]}""", "ITT2304", "manifest")]
    [DataRow("\ufeff{\"schemaVersion\":2,\"config\":@c,\"layers\":[@l]}", "ITT2304", "byte order mark")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"annotations":{"x":"\ud800"}}""", "ITT2304", "surrogate")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":[@l],"x\udc00":1}""", "ITT2304", "surrogate")]
    [DataRow("", "ITT2304", "manifest")]
    [DataRow("null", "ITT2306", "manifest")]
    [DataRow("[]", "ITT2306", "manifest")]
    [DataRow("""{"schemaVersion":1,"fsLayers":[]}""", "ITT2309", "schema 1")]
    [DataRow("""{"schemaVersion":3,"config":@c,"layers":[]}""", "ITT2306", "schemaVersion")]
    [DataRow("""{"config":@c,"layers":[]}""", "ITT2305", "schemaVersion")]
    [DataRow("""{"schemaVersion":2,"layers":[]}""", "ITT2305", "config")]
    [DataRow("""{"schemaVersion":2,"config":@c}""", "ITT2305", "layers")]
    [DataRow("""{"schemaVersion":2,"config":@c,"layers":{}}""", "ITT2306", "layers")]
    [DataRow("""{"schemaVersion":2,"config":[],"layers":[]}""", "ITT2306", "config")]
    [DataRow(
        """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":@c,"layers":[]}""",
        "ITT2310",
        "mediaType"
    )]
    public void Malformed_and_ambiguous_manifests_are_refused(string text, string code, string names)
    {
        var failure = Fails(() =>
            ImageManifest.Parse(
                Bytes(
                    text.Replace("@c", ConfigDescriptor, StringComparison.Ordinal)
                        .Replace("@l", LayerDescriptor, StringComparison.Ordinal)
                ),
                null,
                Here
            )
        );
        Assert.AreEqual(code, failure.Code, failure.Message);
        Assert.Contains(names, failure.Message);
    }

    [TestMethod]
    [DataRow("digest", "7")]
    [DataRow("digest", "null")]
    [DataRow("digest", "\"sha256:../../../../etc/passwd\"")]
    [DataRow("digest", "\"SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    [DataRow("digest", "\"sha256:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    [DataRow("digest", "\"md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    [DataRow("digest", "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n\"")]
    [DataRow("size", "1.5")]
    [DataRow("size", "-1")]
    [DataRow("size", "1e3")]
    [DataRow("size", "\"12\"")]
    [DataRow("size", "null")]
    [DataRow("size", "99999999999999999999")]
    [DataRow("mediaType", "null")]
    [DataRow("mediaType", "\"\"")]
    [DataRow("mediaType", "{}")]
    [DataRow("annotations", "[]")]
    [DataRow("annotations", "{\"a\":1}")]
    [DataRow("platform", "\"linux\"")]
    [DataRow("data", "\"!\"")]
    [DataRow("data", "\"eyJldmlsIjp0cnVlfQ==\"")]
    [DataRow("data", "\"YWFhYWFhYWFhYWFh\"")]
    public void Bad_descriptors_are_refused_naming_the_field(string field, string value)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mediaType"] = "\"x/y\"",
            ["digest"] = $"\"{B}\"",
            ["size"] = "12",
        };
        fields[field] = value;
        var layer = "{" + string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}")) + "}";
        var failure = Fails(() =>
            ImageManifest.Parse(
                Bytes($$"""{"schemaVersion":2,"config":{{ConfigDescriptor}},"layers":[{{layer}}]}"""),
                null,
                Here
            )
        );
        Assert.Contains(field, failure.Message);
        Assert.IsTrue(failure.Message.All(c => c >= ' '), "control characters are escaped");
    }

    [TestMethod]
    public void Embedded_data_that_matches_is_accepted()
    {
        var content = "hello"u8.ToArray();
        var layer =
            $$"""{"mediaType":"x/y","digest":"{{Digest.Of(content)}}","size":5,"data":"{{Convert.ToBase64String(content)}}","urls":["http://169.254.169.254/x"]}""";
        Assert.HasCount(
            1,
            ImageManifest
                .Parse(
                    Bytes($$"""{"schemaVersion":2,"config":{{ConfigDescriptor}},"layers":[{{layer}}]}"""),
                    null,
                    Here
                )
                .Layers
        );
    }

    [TestMethod]
    public void Deep_and_large_documents_end_in_an_error()
    {
        Assert.AreEqual("ITT2304", Fails(() => ImageIndex.Parse(Bytes(new string('[', 200_000)), null, Here)).Code);
        Assert.AreEqual("ITT2301", Fails(() => ImageIndex.Parse(new byte[Limits.JsonBytes + 1], null, Here)).Code);
        Assert.AreEqual("ITT2304", Fails(() => ImageIndex.Parse(new byte[855], null, Here)).Code);
        var many = string.Join(',', Enumerable.Repeat(LayerDescriptor, Limits.Layers + 1));
        Assert.AreEqual(
            "ITT2311",
            Fails(() =>
                ImageManifest.Parse(
                    Bytes($$"""{"schemaVersion":2,"config":{{ConfigDescriptor}},"layers":[{{many}}]}"""),
                    null,
                    Here
                )
            ).Code
        );
    }

    [TestMethod]
    [DataRow("layers")]
    [DataRow("config")]
    [DataRow("Config")]
    public void An_index_that_is_also_a_manifest_is_refused(string field)
    {
        var text = Index[..^1] + $",\"{field}\":[]}}";
        Assert.AreEqual("ITT2308", Fails(() => ImageIndex.Parse(Bytes(text), null, Here)).Code);
    }

    [TestMethod]
    public void A_configuration_is_read()
    {
        var config = ImageConfig.Parse(Bytes(Config), Here);
        Assert.AreEqual(Digest.Of(Bytes(Config)), config.Id.Digest);
        Assert.AreEqual("linux/amd64", config.Platform.ToString());
        Assert.AreEqual(new DateTimeOffset(2023, 11, 14, 22, 13, 20, TimeSpan.Zero), config.Created);
        Assert.AreEqual("2023-11-14T22:13:20Z", config.CreatedText);
        Assert.AreEqual($"{A} {B}", string.Join(' ', config.DiffIds));
        Assert.IsTrue(config.History[0].EmptyLayer);
        Assert.IsNull(config.History[1].Created);
        Assert.AreEqual("/bin/sh", string.Join(' ', config.Settings.Cmd!));
        Assert.IsNull(config.Settings.Entrypoint);
    }

    [TestMethod]
    public void Settings_take_what_Docker_takes()
    {
        var settings = ImageConfig
            .Parse(
                Bytes(
                    """
                    {"rootfs":{"type":"layers"},"config":{"User":null,"Env":null,"Cmd":"run","Entrypoint":["a",null],"ExposedPorts":{"80/tcp":{},"443/tcp":null},
                    "Volumes":{"/b":{},"/a":{"x":1}},"Labels":{"k":"v","K":"w","n":null},"OnBuild":[],"Healthcheck":{"Test":["CMD","x"],"Interval":1500000000,"Retries":3},"Unknown":{"y":[1]}}}
                    """
                ),
                Here
            )
            .Settings;
        Assert.AreEqual("run", string.Join(' ', settings.Cmd!));
        Assert.AreEqual("a ", string.Join(' ', settings.Entrypoint!));
        Assert.AreEqual("443/tcp 80/tcp", string.Join(' ', settings.ExposedPorts));
        Assert.AreEqual("/a /b", string.Join(' ', settings.Volumes));
        Assert.AreEqual("K k n", string.Join(' ', settings.Labels.Keys));
        Assert.AreEqual(1_500_000_000, settings.Healthcheck!.Interval);
        Assert.AreEqual(3, settings.Healthcheck.Retries);
    }

    [TestMethod]
    [DataRow("""{"os":"linux"}""", "rootfs")]
    [DataRow("""{"rootfs":null}""", "rootfs")]
    [DataRow("""{"rootfs":{"type":"evil","diff_ids":[]}}""", "rootfs")]
    [DataRow("""{"rootfs":{"diff_ids":[]}}""", "rootfs.type")]
    [DataRow("""{"rootfs":{"type":"layers","diff_ids":[""]}}""", "diff_ids")]
    [DataRow("""{"rootfs":{"type":"layers","diff_ids":[7]}}""", "diff_ids")]
    [DataRow("""{"rootfs":{"type":"layers","diff_ids":"x"}}""", "diff_ids")]
    [DataRow("""{"rootfs":{"type":"layers"},"created":"yesterday"}""", "created")]
    [DataRow("""{"rootfs":{"type":"layers"},"os":1}""", "os")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":[]}""", "config")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Env":"a"}}""", "config.Env")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Env":[1]}}""", "config.Env[0]")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Labels":{"a":1}}}""", "config.Labels.a")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Volumes":["/a"]}}""", "config.Volumes")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Volumes":{"/a":1}}}""", "config.Volumes./a")]
    [DataRow("""{"rootfs":{"type":"layers"},"config":{"Healthcheck":{"Retries":9999999999}}}""", "Retries")]
    [DataRow("""{"rootfs":{"type":"layers"},"history":[{}]}""", "History")]
    [DataRow("""{"rootfs":{"type":"layers"},"history":[7]}""", "history[0]")]
    [DataRow("""{"rootfs":{"type":"layers"},"history":[{"empty_layer":1}]}""", "empty_layer")]
    [DataRow("""{"rootfs":{"type":"layers"},"os":NaN}""", "config")]
    [DataRow("not json", "config")]
    [DataRow("[]", "config")]
    public void Bad_configurations_are_refused_naming_the_field(string text, string names) =>
        Assert.Contains(names, Fails(() => ImageConfig.Parse(Bytes(text), Here)).Message);

    [TestMethod]
    public void An_empty_os_is_linux_and_a_missing_architecture_stays_empty() =>
        Assert.AreEqual(
            "linux/",
            ImageConfig.Parse(Bytes("""{"rootfs":{"type":"layers"}}"""), Here).Platform.ToString()
        );

    [TestMethod]
    public void Manifest_and_configuration_must_have_as_many_layers() =>
        Assert.AreEqual(
            "ITT2314",
            Fails(() => Image.Parse(ImageManifest.Parse(Bytes(Manifest), null, Here), Bytes(Config), Here)).Code
        );

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Diagnostic Fails(Action action) => Assert.ThrowsExactly<ImageTarException>(action).Diagnostic;
}
