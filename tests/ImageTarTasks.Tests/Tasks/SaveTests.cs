using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>The choices of save, through both doors.</summary>
[TestClass]
public sealed class SaveTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("a.tar.gz", CompressionKind.Gzip)]
    [DataRow("a.TGZ", CompressionKind.Gzip)]
    [DataRow("a.tar.zst", CompressionKind.Zstd)]
    [DataRow("a.tzst", CompressionKind.Zstd)]
    [DataRow("a.tar", CompressionKind.None)]
    [DataRow("a", CompressionKind.None)]
    public void A_file_is_compressed_as_its_name_says(string name, CompressionKind expected)
    {
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(2), ["demo:1"])));
        Save("-o", _folder[name], "demo:1");
        Save("-o", _folder["plain"], "demo:1");
        var bytes = File.ReadAllBytes(_folder[name]);
        Assert.AreEqual(expected, StreamCompression.Detect(bytes));
        Assert.IsTrue(Plain(bytes).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["plain"])));

        var task = new SaveImage
        {
            Store = _folder.Item("store"),
            Images = ["demo:1"],
            OutputFile = _folder.Item("build/" + name),
        };
        BuildLog.Of(task);
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(_folder["build/" + name])));
        Assert.AreEqual(Digest.Of(bytes).Value, task.Archive!.GetMetadata("Digest"), "the digest of the file as it is");
        Assert.AreEqual(TaskItems.FormatNumber(bytes.Length), task.Archive.GetMetadata("Size"));
    }

    [TestMethod]
    public void Compression_can_be_asked_for_where_no_name_says_it_and_with_a_level()
    {
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(2), ["demo:1"])));
        var plain = Save("demo:1").OutBytes;
        var gzip = Save("--compression", "GZIP:9", "demo:1").OutBytes;
        Assert.AreSequenceEqual(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 }, gzip[..8], "no name and no time in it");
        Assert.IsTrue(Plain(gzip).AsSpan().SequenceEqual(plain));
        Save("--compression", "zstd:1", "-o", _folder["a.tar.zst"], "demo:1");
        Assert.IsTrue(Plain(File.ReadAllBytes(_folder["a.tar.zst"])).AsSpan().SequenceEqual(plain));
    }

    [TestMethod]
    [DataRow("a.tar", "gzip", "ITT1041")]
    [DataRow("a.tar.gz", "none", "ITT1041")]
    [DataRow("a.tgz", "zstd:3", "ITT1041")]
    [DataRow("a.tar.xz", null, "ITT1041")]
    [DataRow("a.tbz2", "none", "ITT1041")]
    [DataRow("a.tar.gz", "gzip:10", "ITT1040")]
    [DataRow("a", "zstd:0", "ITT1040")]
    [DataRow("a", "none:1", "ITT1040")]
    [DataRow("a", "lz4", "ITT1040")]
    [DataRow("a", "gzip:", "ITT1040")]
    public void A_file_never_lies_about_its_format(string name, string? compression, string code)
    {
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(1), ["demo:1"])));
        var task = new SaveImage
        {
            Store = _folder.Item("store"),
            Images = ["demo:1"],
            OutputFile = _folder.Item("out/" + name),
            Compression = compression,
        };
        Assert.AreEqual(code, BuildLog.Of(task, succeeds: false).Errors.Single().Code);
        string[] option = compression is null ? [] : ["--compression", compression];
        Assert.Contains(
            $"error {code}",
            ToolRun.Of(_folder["store"], ["save", .. option, "-o", _folder["out/" + name], "demo:1"]).Errors
        );
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder["out"]));
    }

    [TestMethod]
    public void An_archive_that_fails_half_way_does_not_end_like_a_whole_one()
    {
        // More than all blocks that are compressed side by side.
        var random = new Random(1);
        var image = new ImageBuilder()
            .Layer(("a", Convert.ToHexString(Bytes(random))))
            .Layer(("b", Convert.ToHexString(Bytes(random))));
        Load(ArchiveBuilder.Docker((image, ["demo:1"])));
        var last = image.Tars.Select(ArchiveBuilder.BlobPath).Order(StringComparer.Ordinal).Last();
        var blob = Path.Combine(_folder["store"], last);
        var content = File.ReadAllBytes(blob);
        content[^2000] ^= 1;
        File.WriteAllBytes(blob, content);
        foreach (var compression in new[] { "none", "gzip", "zstd" })
        {
            var run = ToolRun.Of(_folder["store"], "save", "--compression", compression, "demo:1");
            Assert.AreEqual(1, run.ExitCode);
            Assert.Contains("ITT2302", run.Errors);
            Assert.IsGreaterThan(100_000, run.OutBytes.Length);
            Assert.IsTrue(
                compression == "none"
                    || Assert.ThrowsExactly<ImageTarException>(() => Plain(run.OutBytes)).Diagnostic.Code == "ITT2101"
            );
        }

        static byte[] Bytes(Random random)
        {
            var bytes = new byte[11_000_000];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    [TestMethod]
    public void A_folder_is_written_whole_and_replaced_only_by_its_like()
    {
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(2), ["demo:1"])));
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(1, "x"), ["other:1"])));
        Save("--format", "oci-dir", "-o", _folder["out/layout"], "demo:1", "other:1");
        var task = new SaveImage
        {
            Store = _folder.Item("store"),
            Images = ["demo:1"],
            OutputFile = _folder.Item("out/layout"),
            Format = "oci-dir",
        };
        BuildLog.Of(task);
        Assert.IsEmpty(OciRules.ViolationsOfFolder(_folder["out/layout"]));
        Assert.AreSequenceEqual([_folder["out/layout"]], Directory.GetFileSystemEntries(_folder["out"]));
        Assert.AreEqual(
            Digest.Of(File.ReadAllBytes(_folder["out/layout/index.json"])).Value,
            task.Archive!.GetMetadata("Digest")
        );
        Assert.AreEqual(
            "Loaded image: demo:1\n",
            ToolRun.Of(_folder["again"], "load", "-i", _folder["out/layout"]).Out
        );

        Directory.CreateDirectory(_folder["out/empty"]);
        Save("--format", "oci-dir", "-o", _folder["out/empty"], "demo:1");
        File.WriteAllText(_folder["out/layout/notes.txt"], "mine");
        foreach (var path in new[] { _folder["out/layout"], _folder["store"], _folder["out"] })
        {
            Assert.Contains(
                "error ITT1042",
                ToolRun.Of(_folder["store"], "save", "--format", "oci-dir", "-o", path, "demo:1").Errors
            );
        }

        Assert.AreEqual("mine", File.ReadAllText(_folder["out/layout/notes.txt"]));
        Assert.Contains("error ITT1004", ToolRun.Of(_folder["store"], "save", "--format", "oci-dir", "demo:1").Errors);
        Assert.Contains(
            "error ITT1050",
            ToolRun
                .Of(
                    _folder["store"],
                    "save",
                    "--format",
                    "oci-dir",
                    "--compression",
                    "gzip",
                    "-o",
                    _folder["out/empty"],
                    "demo:1"
                )
                .Errors
        );
        Assert.Contains(
            "error ITT3010",
            ToolRun.Of(_folder["store"], "save", "--format", "oci-dir", "-o", _folder["out/no"], "nosuch").Errors
        );
        Assert.IsFalse(Path.Exists(_folder["out/no"]));
    }

    [TestMethod]
    public void All_tags_of_an_ID_or_a_name_come_along_on_request()
    {
        var image = ImageBuilder.Of(1);
        Load(ArchiveBuilder.Docker((image, ["demo:1", "demo:2", "example.com/else:3"])));
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(1).Compressed(CompressionKind.Gzip), ["packed:1"])));
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(1, "x"), ["other:1"])));
        Assert.AreEqual("", References(image.Id.ToString(), allTags: false));
        Assert.AreEqual("demo:1;demo:2;example.com/else:3;packed:1", References(image.Id.ToString(), allTags: true));
        Assert.AreEqual("demo:1", References("demo:1", allTags: false));
        Assert.AreEqual("demo:1;demo:2", References("demo", allTags: false));
        Assert.AreEqual("demo:1;demo:2;example.com/else:3;packed:1", References("demo:2", allTags: true));
        var byId = Save("--all-tags", image.Id.Digest.Hex[..12]).OutBytes;
        Assert.IsTrue(byId.AsSpan().SequenceEqual(Save("packed:1", "demo:1", "example.com/else:3", "demo:2").OutBytes));

        string References(string argument, bool allTags)
        {
            var task = new SaveImage
            {
                Store = _folder.Item("store"),
                Images = [argument],
                OutputFile = _folder.Item("x.tar"),
                AllTags = allTags,
            };
            BuildLog.Of(task);
            return string.Join(';', task.Archive!.GetMetadata("References").Split(';').Order(StringComparer.Ordinal));
        }
    }

    [TestMethod]
    public void Absent_platforms_fail_by_name_unless_a_choice_was_made()
    {
        var (amd, arm) = (ImageBuilder.Of(1, "amd"), ImageBuilder.Of(1, "arm").For("linux", "arm", "v7"));
        var sparse = ArchiveBuilder.OciIndex("docker.io/library/multi:1", amd, arm);
        arm.Blobs.ToList().ForEach(blob => sparse.Remove(ArchiveBuilder.BlobPath(blob)));
        Load(sparse);
        Assert.Contains(
            "linux/arm/v7 is not in the store, only linux/amd64",
            ToolRun.Of(_folder["store"], "save", "multi:1").Errors
        );
        var log = BuildLog.Of(
            new SaveImage
            {
                Store = _folder.Item("store"),
                Images = ["multi:1"],
                OutputFile = _folder.Item("no.tar"),
            },
            succeeds: false
        );
        Assert.AreEqual("ITT3050", log.Errors.Single().Code);
        Assert.HasCount(1, OciRules.Violations(Save("--missing-platforms", "sparse", "multi:1").OutBytes));
        var task = new SaveImage
        {
            Store = _folder.Item("store"),
            Images = ["multi:1"],
            OutputFile = _folder.Item("a.tar"),
            MissingPlatforms = "Subset",
        };
        BuildLog.Of(task);
        Assert.IsEmpty(OciRules.Violations(File.ReadAllBytes(_folder["a.tar"])));
        Assert.AreEqual(amd.Id.ToString(), task.Archive!.GetMetadata("ImageIds"));
        Assert.Contains(
            "error ITT1003",
            ToolRun.Of(_folder["store"], "save", "--missing-platforms", "ignore", "multi:1").Errors
        );
    }

    [TestMethod]
    public void Layers_are_compressed_the_same_through_both_doors()
    {
        Load(ArchiveBuilder.Docker((ImageBuilder.Of(2), ["demo:1"])));
        foreach (var setting in new[] { "none", "gzip", "zstd:5" })
        {
            var tool = Save("--layer-compression", setting, "demo:1").OutBytes;
            var task = new SaveImage
            {
                Store = _folder.Item("store"),
                Images = ["demo:1"],
                OutputFile = _folder.Item("l.tar"),
                LayerCompression = setting,
            };
            BuildLog.Of(task);
            Assert.IsTrue(tool.AsSpan().SequenceEqual(File.ReadAllBytes(_folder["l.tar"])));
            Assert.Contains(
                task.Archive!.GetMetadata("ManifestDigests")[7..],
                string.Join(' ', OciRules.FilesOf(tool).Keys)
            );
        }
    }

    [TestMethod]
    public void A_delta_is_made_and_completed_through_both_doors()
    {
        var layers = new[] { ImageBuilder.TarOf(("base", "1")), ImageBuilder.TarOf(("app", "2")) };
        Load(
            ArchiveBuilder.Docker(
                (new ImageBuilder().Layer(layers[0]), ["base:1"]),
                (new ImageBuilder().Layer(layers[0]).Layer(layers[1]), ["app:1"])
            )
        );
        Save("-o", _folder["base.tar"], "base:1");
        Save("-o", _folder["app.tar"], "app:1");
        Save("-o", _folder["tool.tar"], "--except", "base:1", "app:1");
        var task = new SaveImage
        {
            Store = _folder.Item("store"),
            Images = ["app:1"],
            OutputFile = _folder.Item("build.tar"),
            Except = [_folder.Item("base.tar")],
        };
        var log = BuildLog.Of(task);
        Assert.EndsWith(", a delta without 1 layer of 2.05kB", log.Shown.Single());
        var delta = File.ReadAllBytes(_folder["build.tar"]);
        Assert.IsTrue(delta.AsSpan().SequenceEqual(File.ReadAllBytes(_folder["tool.tar"])));
        Assert.DoesNotContain(ArchiveBuilder.BlobPath(layers[0]), OciRules.FilesOf(delta).Keys);

        Load(ArchiveBuilder.Docker((ImageBuilder.Of(1, "x"), ["stranger:1"])));
        var useless = ToolRun.Of(
            _folder["store"],
            "save",
            "-o",
            _folder["whole.tar"],
            "--except",
            "stranger:1",
            "app:1"
        );
        Assert.AreEqual(0, useless.ExitCode);
        Assert.MatchesRegex("\\A[^\n]*warning ITT9201: [^\n]*stranger:1[^\n]*\n\\z", useless.Errors);
        Assert.IsTrue(
            File.ReadAllBytes(_folder["whole.tar"]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["app.tar"]))
        );

        Assert.Contains("error ITT2240", ToolRun.Of(_folder["receiver"], "load", "-i", _folder["tool.tar"]).Errors);
        ToolRun.Of(_folder["receiver"], "load", "-i", _folder["base.tar"]);
        BuildLog.Of(new LoadImage { Store = _folder.Item("receiver"), InputFile = _folder.Item("build.tar") });
        Assert.IsTrue(
            ToolRun
                .Of(_folder["receiver"], "save", "app:1")
                .OutBytes.AsSpan()
                .SequenceEqual(File.ReadAllBytes(_folder["app.tar"]))
        );
    }

    [TestMethod]
    public void The_result_can_be_told_as_JSON()
    {
        Load(
            ArchiveBuilder.OciIndex(
                "docker.io/library/multi:1",
                ImageBuilder.Of(1, "amd"),
                ImageBuilder.Of(1, "arm").For("linux", "arm64")
            )
        );
        using var document = System.Text.Json.JsonDocument.Parse(
            Save(
                "--json",
                "-o",
                _folder["a.tar.gz"],
                "--layer-compression",
                "gzip",
                "--except",
                WriteList(ImageBuilder.Of(1, "amd").Compressed(CompressionKind.Gzip)),
                "multi:1"
            ).Out
        );
        var root = document.RootElement;
        Assert.AreEqual("save", root.GetProperty("verb").GetString());
        var bytes = File.ReadAllBytes(_folder["a.tar.gz"]);
        Assert.AreEqual(Digest.Of(bytes).Value, root.GetProperty("digest").GetString());
        Assert.AreEqual(bytes.Length, root.GetProperty("size").GetInt32());
        var image = root.GetProperty("images")[0];
        Assert.AreEqual("multi:1", image.GetProperty("references")[0].GetString());
        var files = OciRules.FilesOf(Plain(bytes));
        CollectionAssert.AreEqual(
            new[] { "linux/amd64", "linux/arm64" },
            image
                .GetProperty("platforms")
                .EnumerateArray()
                .Select(one => one.GetProperty("platform").GetString())
                .ToArray()
        );
        foreach (var one in image.GetProperty("platforms").EnumerateArray().Append(image))
        {
            Assert.Contains("blobs/" + one.GetProperty("manifestDigest").GetString()!.Replace(':', '/'), files.Keys);
        }

        Assert.HasCount(1, root.GetProperty("leftOut").EnumerateArray());
        Assert.Contains("error ITT1051", ToolRun.Of(_folder["store"], "save", "--json", "multi:1").Errors);
    }

    private string WriteList(ImageBuilder image)
    {
        File.WriteAllLines(_folder["list"], image.LayerBlobs.Select(blob => Digest.Of(blob).Value));
        return _folder["list"];
    }

    private static byte[] Plain(byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using var decoder = StreamCompression.OpenDecoder(source, new ContentLocation("x"));
        using var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }

    private void Load(ArchiveBuilder archive)
    {
        using var input = new MemoryStream(archive.ToTar());
        Assert.AreEqual("", ToolRun.Of(_folder["store"], new ToolRun.Setting { Input = input }, "load").Errors);
    }

    private ToolRun Save(params string[] arguments)
    {
        var run = ToolRun.Of(_folder["store"], ["save", .. arguments]);
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(0, run.ExitCode);
        return run;
    }
}
