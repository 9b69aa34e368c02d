using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>What is refused, with which code and which words; each time the store is as it was.</summary>
[TestClass]
public sealed class RefusedArchiveTests : IDisposable
{
    private readonly LoadingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [TestMethod]
    public void A_root_filesystem_is_for_import() =>
        Refused(
            ImageBuilder.TarOf(("etc/", ""), ("etc/passwd", "root"), ("bin/sh -> busybox", "")),
            "ITT2201",
            "root filesystem tar",
            "manifest.json",
            "use import"
        );

    [TestMethod]
    public void A_large_root_filesystem_is_refused_before_it_is_read_to_its_end()
    {
        var many = Enumerable.Range(0, 1000).Select(number => ($"usr/share/{number}", ""));
        byte[] damaged = [.. ImageBuilder.TarOf([.. many])[..^1024], .. new byte[512].Select(_ => (byte)'x')];
        Refused(damaged, "ITT2201", "root filesystem tar", "use import");

        var few = ImageBuilder.TarOf([.. many.Take(999)])[..^1024];
        var error = _fixture.Refuse([.. few, .. new byte[512].Select(_ => (byte)'x')]);
        Assert.AreNotEqual("ITT2201", error.Diagnostic.Code, "so few files do not make a root filesystem");
    }

    [TestMethod]
    public void An_image_archive_may_have_any_number_of_other_files()
    {
        var image = ImageBuilder.Small();
        var archive = ArchiveBuilder.Oci((image, "docker.io/library/a:1"));
        for (var number = 0; number < 1500; number++)
        {
            archive.Add($"usr/share/{number}", "");
        }

        Assert.AreEqual(image.Id, Assert.ContainsSingle(_fixture.Load(archive)).Stored.Image!.Id);
    }

    [TestMethod]
    public void A_folder_that_is_a_root_filesystem_is_for_import()
    {
        Directory.CreateDirectory(_fixture.Folder["rootfs/etc"]);
        var error = _fixture.Refuse(new ArchiveInput { DisplayName = "rootfs", Folder = _fixture.Folder["rootfs"] });
        Assert.AreEqual("ITT2201", error.Diagnostic.Code);
        Assert.Contains("root filesystem folder", error.Message);
        Assert.Contains("use import", error.Message);
    }

    [TestMethod]
    public void Nothing_is_not_an_archive()
    {
        Refused([], "ITT2202", "the input is empty");
        Refused(new byte[10240], "ITT2202", "no member");
        Directory.CreateDirectory(_fixture.Folder["empty"]);
        Assert.AreEqual(
            "ITT2202",
            _fixture
                .Refuse(new ArchiveInput { DisplayName = "empty", Folder = _fixture.Folder["empty"] })
                .Diagnostic.Code
        );
    }

    [TestMethod]
    [DataRow("PK\u0003\u0004 and so on", "zip")]
    [DataRow("<!DOCTYPE html><html>", "HTML")]
    [DataRow("version https://git-lfs.github.com/spec/v1", "git-lfs")]
    [DataRow("{\"schemaVersion\":2}", "JSON")]
    [DataRow("hello", "text")]
    public void A_file_that_is_no_tar_is_called_what_it_is(string content, string what) =>
        Refused(Encoding.UTF8.GetBytes(content), "ITT2203", what);

    [TestMethod]
    public void An_archive_that_was_changed_as_text_is_told_from_others()
    {
        // Two layers: the header of the second stands where the content of the first ends.
        var image = new ImageBuilder().Layer(("a", "one\nline\n")).Layer(("b", "and\nanother\n"));
        var archive = ArchiveBuilder.Docker((image, ["a:1"])).ToTar();
        var text = Encoding.Latin1.GetString(archive);
        string[] redirected = ["ITT2203", "-o FILE"];
        Refused([0xff, 0xfe, .. Encoding.Unicode.GetBytes(text)], [.. redirected, "UTF-16"]);
        Refused([0xfe, 0xff, .. Encoding.BigEndianUnicode.GetBytes(text)], [.. redirected, "UTF-16"]);
        Refused([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(text)], [.. redirected, "byte order mark"]);
        foreach (var kind in new[] { CompressionKind.Gzip, CompressionKind.Zstd })
        {
            var packed = ImageBuilder.Compress(archive, kind);
            var name = kind.ToString().ToLowerInvariant();
            // What .NET makes of bytes it takes for Latin-1, and for UTF-8.
            Refused(Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(packed)), [.. redirected, name, "UTF-8"]);
            Refused(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(packed)), [.. redirected, name, "UTF-8"]);
        }

        Refused(Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n")), ["ITT2002", "too late", "CR LF", "binary"]);
        Refused(Encoding.Latin1.GetBytes(text.Replace("\n", "")), ["ITT2002", "too early", "--data-binary"]);

        void Refused(byte[] changed, string[] words)
        {
            var error = _fixture.Refuse(changed);
            Assert.AreEqual(words[0], error.Diagnostic.Code, error.Message);
            foreach (var word in words[1..])
            {
                StringAssert.Contains(error.Message, word);
            }
        }
    }

    [TestMethod]
    public void A_compression_inside_a_compression_is_refused()
    {
        var once = ImageBuilder.Compress(
            ArchiveBuilder.Docker((ImageBuilder.Small(), ["a:1"])).ToTar(),
            CompressionKind.Gzip
        );
        Refused(ImageBuilder.Compress(once, CompressionKind.Gzip), "ITT2108");
    }

    [TestMethod]
    public void A_layout_needs_its_index() =>
        Refused(ArchiveBuilder.Oci((ImageBuilder.Small(), null)).Remove("index.json"), "ITT2204", "index.json");

    [TestMethod]
    public void A_layout_of_another_version_is_refused() =>
        Refused(
            ArchiveBuilder.Oci((ImageBuilder.Small(), null)).Edit("oci-layout", "1.0.0", "2.0.0"),
            "ITT2220",
            "oci-layout",
            "2.0.0"
        );

    [TestMethod]
    public void An_empty_list_is_an_error_not_a_silent_success()
    {
        Refused(new ArchiveBuilder().Add("manifest.json", "[]"), "ITT2205", "manifest.json");
        Refused(ArchiveBuilder.Layout([], []), "ITT2205", "index.json");
    }

    [TestMethod]
    public void What_a_document_names_must_be_there()
    {
        var image = ImageBuilder.Of(2);
        Refused(Docker(image).Remove($"{image.DiffIds[1].Digest.Hex}/layer.tar"), "ITT2206", "Layers[1]", "layer.tar");
        Refused(Docker(image).Remove($"{image.Id.Digest.Hex}.json"), "ITT2206", "Config");
        Refused(
            ArchiveBuilder.Oci((image, null)).Remove(ArchiveBuilder.BlobPath(image.Manifest)),
            "ITT2206",
            "index.json"
        );
        Refused(ArchiveBuilder.Oci((image, null)).Remove(ArchiveBuilder.BlobPath(image.Config)), "ITT2206", "config");
        Refused(
            ArchiveBuilder.Oci((image, null)).Remove(ArchiveBuilder.BlobPath(image.LayerBlobs[0])),
            "ITT2206",
            "layers[0]"
        );
    }

    [TestMethod]
    public void A_path_out_of_the_archive_is_refused() =>
        Refused(
            Docker(ImageBuilder.Small()).Edit("manifest.json", "\"Config\":\"", "\"Config\":\"../"),
            "ITT2207",
            "Config",
            "../"
        );

    [TestMethod]
    [DataRow("manifest.json -> /etc/passwd", "manifest.json")]
    [DataRow("manifest.json -> manifest.json", "circle")]
    [DataRow("manifest.json -> a", "not in the archive")]
    [DataRow("manifest.json/", "directory")]
    public void Metadata_must_be_a_file_of_the_archive(string member, string words) =>
        Refused(
            Docker(ImageBuilder.Small()).Remove("manifest.json").Add(member, ""),
            "ITT2208",
            words,
            "manifest.json"
        );

    [TestMethod]
    public void Two_members_of_one_name_must_be_equal()
    {
        var image = ImageBuilder.Small();
        Refused(Docker(image).Add("./manifest.json", "[]"), "ITT2209", "manifest.json");
        Refused(
            Docker(image).Add($"{image.DiffIds[0].Digest.Hex}/layer.tar", ImageBuilder.TarOf(("other", ""))),
            "ITT2209",
            "layer.tar"
        );
        Assert.HasCount(1, _fixture.Load(Docker(image).Add($"{image.DiffIds[0].Digest.Hex}/layer.tar", image.Tars[0])));
    }

    [TestMethod]
    public void Digests_and_sizes_are_checked()
    {
        var image = ImageBuilder.Of(2);
        foreach (var blob in image.Blobs)
        {
            var damaged = blob.ToArray();
            damaged[^1] ^= 1;
            Refused(
                ArchiveBuilder.Oci((image, null)).Replace(ArchiveBuilder.BlobPath(blob), damaged),
                "ITT2210",
                "sha256:"
            );
        }

        Refused(
            ArchiveBuilder.Oci((image, null)).Edit("index.json", $"\"size\":{image.Manifest.Length}", "\"size\":7"),
            "ITT2211",
            "size"
        );
        Refused(
            ArchiveBuilder
                .Hybrid(image, "a:1")
                .Replace(ArchiveBuilder.BlobPath(image.LayerBlobs[0]), image.LayerBlobs[1]),
            "ITT2210",
            "sha256:"
        );
    }

    [TestMethod]
    public void Layers_must_be_those_of_the_configuration()
    {
        var image = ImageBuilder.Of(2);
        var layer = $"{image.DiffIds[0].Digest.Hex}/layer.tar";
        Refused(
            Docker(image).Replace(layer, ImageBuilder.TarOf(("evil", ""))),
            "ITT2212",
            "diff_ids",
            image.DiffIds[0].ToString(),
            layer
        );
        Refused(Docker(image).Replace(layer, [.. image.Tars[0], 0]), "ITT2212", "diff_ids");
        Refused(Docker(image).Edit("manifest.json", $"\"{layer}\",", ""), "ITT2213", "Layers", "diff_ids");

        var lying = new ImageBuilder()
            .Layer(("a", ""))
            .With("rootfs", JsonNode.Parse($$"""{"type":"layers","diff_ids":["{{image.DiffIds[0]}}"]}"""));
        Refused(ArchiveBuilder.Oci((lying, null)), "ITT2212", "diff_ids");
    }

    [TestMethod]
    public void An_OCI_media_type_must_name_the_compression()
    {
        var image = new ImageBuilder().Layer(Gzip(ImageBuilder.TarOf(("a", ""))));
        Refused(ArchiveBuilder.Oci((image, null)), "ITT2214", "mediaType", "gzip");
    }

    [TestMethod]
    public void A_layer_must_be_a_tar() =>
        Refused(
            Docker(new ImageBuilder().Layer("just some text, and not even a block of it"u8.ToArray())),
            null,
            "layer.tar"
        );

    [TestMethod]
    public void Index_json_and_manifest_json_must_agree()
    {
        var (a, b) = (ImageBuilder.Of(1, "a"), ImageBuilder.Of(1, "b"));
        var docker = Docker(b);
        var both = ArchiveBuilder.Oci((a, "docker.io/library/a:1"));
        foreach (var (name, content) in docker.Members)
        {
            both.Add(name, content);
        }

        Refused(both, "ITT2216", "index.json", "manifest.json", "a:1");
    }

    [TestMethod]
    public void A_name_means_one_image()
    {
        var (a, b) = (ImageBuilder.Of(1, "a"), ImageBuilder.Of(1, "b"));
        Refused(ArchiveBuilder.Docker((a, ["x:1"]), (b, ["x:1"])), "ITT2217", "x:1");
        Refused(ArchiveBuilder.Oci((a, "docker.io/library/x:1"), (b, "docker.io/library/x:1")), "ITT2217", "x:1");
    }

    [TestMethod]
    [DataRow("Upper:1", "ITT1001")]
    [DataRow("", "ITT1001")]
    [DataRow("a\n##vso[task.setvariable]:1", "ITT1001")]
    public void A_name_follows_the_grammar(string name, string code)
    {
        var error = Refused(ArchiveBuilder.Docker((ImageBuilder.Small(), [name])), code, "invalid reference format");
        Assert.DoesNotContain("\n", error.Message);
    }

    [TestMethod]
    public void A_digest_is_no_tag() =>
        Refused(
            ArchiveBuilder.Docker((ImageBuilder.Small(), ["a@sha256:" + new string('0', 64)])),
            "ITT2222",
            "a@sha256:"
        );

    [TestMethod]
    public void An_artifact_is_called_one()
    {
        var image = ImageBuilder.Small();
        var document = JsonNode.Parse(image.Manifest)!;
        document["config"]!["mediaType"] = "application/vnd.example.config";
        var manifest = Encoding.UTF8.GetBytes(document.ToJsonString());
        var archive = ArchiveBuilder.Layout(
            [(ImageBuilder.Describe(MediaTypes.OciManifest, manifest), null)],
            [manifest, .. image.Blobs]
        );
        Refused(archive, "ITT2218", "mediaType", "application/vnd.example.config");
    }

    [TestMethod]
    public void Indexes_nest_only_so_deep()
    {
        var image = ImageBuilder.Small();
        var blobs = image.Blobs.ToList();
        var descriptor = image.Descriptor;
        for (var level = 0; level < 20; level++)
        {
            blobs.Add(ArchiveBuilder.IndexOf([descriptor, descriptor]));
            descriptor = ImageBuilder.Describe(MediaTypes.OciIndex, blobs[^1]);
            if (level == 3)
            {
                Assert.HasCount(
                    1,
                    _fixture.Load(ArchiveBuilder.Layout([((JsonObject)descriptor.DeepClone(), null)], blobs))
                );
            }
        }

        Refused(ArchiveBuilder.Layout([(descriptor, null)], blobs), "ITT2221", "nested");
    }

    [TestMethod]
    public void A_truncated_archive_is_refused_wherever_it_is_cut()
    {
        var tar = Docker(ImageBuilder.Of(2)).MoveFirst("manifest.json").ToTar();
        for (var length = 0; length < tar.Length - 1024; length += 300)
        {
            _fixture.Refuse(tar[..length]);
        }
    }

    [TestMethod]
    public void A_damaged_outer_compression_is_noticed_behind_the_last_member()
    {
        var gzip = Gzip(Docker(ImageBuilder.Small()).ToTar());
        Assert.Contains("gzip", Refused(gzip[..^4], null).Message);
        gzip[^6] ^= 1;
        Assert.Contains("gzip", Refused(gzip, null).Message);
    }

    [TestMethod]
    public void A_bound_on_layers_does_not_touch_what_no_image_uses()
    {
        var image = ImageBuilder.Small();
        var large = ImageBuilder.TarOf(("zeros", new string('\0', 100_000)));
        Assert.HasCount(
            1,
            _fixture.Load(Docker(image).Add("other.tar", large), new LoadOptions { MaxUnpacked = 50_000 })
        );
        Refused(Docker(new ImageBuilder().Layer(large)), null, new LoadOptions { MaxUnpacked = 50_000 }, "layer.tar");
    }

    private static ArchiveBuilder Docker(ImageBuilder image) => ArchiveBuilder.Docker((image, ["a:1"]));

    private static byte[] Gzip(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return bytes.ToArray();
    }

    private ImageTarException Refused(ArchiveBuilder archive, string? code, params string[] words) =>
        Refused(archive.ToTar(), code, null, words);

    private ImageTarException Refused(
        ArchiveBuilder archive,
        string? code,
        LoadOptions options,
        params string[] words
    ) => Refused(archive.ToTar(), code, options, words);

    private ImageTarException Refused(byte[] archive, string? code, params string[] words) =>
        Refused(archive, code, null, words);

    private ImageTarException Refused(byte[] archive, string? code, LoadOptions? options, params string[] words)
    {
        var error = _fixture.Refuse(archive, options);
        Assert.AreEqual(code ?? error.Diagnostic.Code, error.Diagnostic.Code, error.Message);
        Assert.AreEqual("a.tar", error.Diagnostic.File);
        foreach (var word in words)
        {
            Assert.Contains(word, error.Message);
        }

        return error;
    }
}
