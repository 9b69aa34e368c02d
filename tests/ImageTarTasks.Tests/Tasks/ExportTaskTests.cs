using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>The options of export through both doors.</summary>
[TestClass]
public sealed class ExportTaskTests
{
    [TestMethod]
    public void Options_mean_the_same_in_a_build_and_in_the_tool()
    {
        using var folder = new TestFolder();
        Load(folder, "./@711 a/ a/f=1@644:9 a/g=2 b=3");
        var tool = ToolRun.Of(
            folder["store"],
            "export",
            "--include",
            "a",
            "--exclude",
            "**/g",
            "--owner",
            "7",
            "--mtime",
            "500",
            "--xattrs",
            "none",
            "demo:1"
        );
        Assert.AreEqual("", tool.Errors);
        Assert.AreEqual("./@711:7 a/@755:7 a/f=1@644:7", LayerTar.Show(tool.OutBytes));
        Assert.IsTrue(LayerTar.Entries(tool.OutBytes).All(entry => entry is { Gid: 7, ModificationTime.Seconds: 500 }));

        var task = new ExportContainer
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            OutputFile = folder.Item("out.tar"),
            Include = ["a"],
            Exclude = ["**/g"],
            Owner = "7:7",
            ModificationTime = "500",
            Xattrs = "None",
        };
        BuildLog.Of(task);
        Assert.IsTrue(tool.OutBytes.AsSpan().SequenceEqual(File.ReadAllBytes(folder["out.tar"])));
        Assert.AreEqual("linux/amd64", task.Archive!.GetMetadata("Platform"));
    }

    [TestMethod]
    [DataRow("77", null, 77, 77)]
    [DataRow("2000", null, 1000, 2000)]
    [DataRow("77", "500", 500, 500)]
    [DataRow(null, null, 1000, 0)]
    public void SOURCE_DATE_EPOCH_clamps_times_unless_an_option_says_another_one_and_dates_what_is_made_up(
        string? epoch,
        string? option,
        long image,
        long madeUp
    )
    {
        using var folder = new TestFolder();
        Load(folder, "f=1");
        var environment = new ToolRun.Setting
        {
            Environment = name =>
                name switch
                {
                    "IMAGETAR_STORE" => folder["store"],
                    "SOURCE_DATE_EPOCH" => epoch,
                    _ => null,
                },
        };
        var run = ToolRun.Of(
            folder["store"],
            environment,
            ["export", "--docker-compat", .. option is null ? Array.Empty<string>() : ["--mtime", option], "demo:1"]
        );
        var times = LayerTar
            .Entries(run.OutBytes)
            .ToDictionary(entry => entry.Name.ToText(), entry => entry.ModificationTime.Seconds);
        Assert.AreEqual(image, times["f"]);
        Assert.AreEqual(madeUp, times["etc/hosts"]);
    }

    [TestMethod]
    public void Config_is_written_beside_the_archive_byte_for_byte()
    {
        using var folder = new TestFolder();
        var image = Load(folder, "f=1");
        var run = ToolRun.Of(
            folder["store"],
            "export",
            "--config",
            folder["config.json"],
            "-o",
            folder["out.tar"],
            "demo:1"
        );
        Assert.AreEqual("", run.Errors);
        Assert.IsTrue(image.Config.AsSpan().SequenceEqual(File.ReadAllBytes(folder["config.json"])));

        // A failure leaves neither.
        File.Delete(folder["config.json"]);
        Load(folder, "f=1 | h⇒nothing", "broken:1");
        BuildLog.Of(
            new ExportContainer
            {
                Store = folder.Item("store"),
                Image = "broken:1",
                ConfigFile = folder.Item("config.json"),
                OutputFile = folder.Item("no.tar"),
            },
            succeeds: false
        );
        Assert.IsFalse(File.Exists(folder["config.json"]));
        Assert.IsFalse(File.Exists(folder["no.tar"]));
    }

    [TestMethod]
    public void A_build_lays_its_output_over_an_image_and_the_store_stays_as_it_is()
    {
        using var folder = new TestFolder();
        Load(folder, "./@700 app/@750:3 app/old=1 app/over=1 bin→usr/bin usr/bin/");
        File.WriteAllText(folder["tool"], "#!");
        File.WriteAllText(folder["data"], "new");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["tool"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
            File.SetUnixFileMode(folder["data"], UnixFileMode.UserRead);
        }

        var before = Directory.GetFiles(folder["store"], "*", SearchOption.AllDirectories);
        ITaskItem[] content =
        [
            TaskItems.Create(folder["tool"], ("TargetPath", "/bin/tool")),
            TaskItems.Create(folder["data"], ("TargetPath", "app/over"), ("Mode", "0600"), ("Uid", "5"), ("Gid", "6")),
            TaskItems.Create(folder["data"], ("TargetPath", @"opt\new\data")),
        ];
        var task = new ExportContainer
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            OutputFile = folder.Item("out.tar"),
            Content = content,
            ReadEnvironment = _ => null,
        };
        BuildLog.Of(task);

        var expected = OperatingSystem.IsWindows()
            ? ""
            : "./@700 app/@750:3 opt/ opt/new/ usr/ usr/bin/ app/old=1 bin→usr/bin app/over=new@600:5 "
                + "usr/bin/tool=#!@755 opt/new/data=new";
        Assert.AreEqual(expected, LayerTar.Show(File.ReadAllBytes(folder["out.tar"])));
        var laid = LayerTar
            .Entries(File.ReadAllBytes(folder["out.tar"]))
            .Single(entry => entry.Name.ToText() == "app/over");
        Assert.AreEqual((6, new TarTime(0)), (laid.Gid, laid.ModificationTime));
        Assert.AreSequenceEqual(
            before.Order(StringComparer.Ordinal),
            Directory.GetFiles(folder["store"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        );
    }

    [TestMethod]
    [DataRow("../x", "644", "ITT1056")]
    [DataRow("etc/.wh.x", "644", "ITT2408")]
    [DataRow("x", "9", "ITT1054")]
    [DataRow("x", "17777", "ITT1054")]
    public void Content_that_cannot_be_is_refused(string target, string mode, string code)
    {
        using var folder = new TestFolder();
        Load(folder, "f=1");
        File.WriteAllText(folder["data"], "new");
        var item = TaskItems.Create(folder["data"], ("TargetPath", target), ("Mode", mode));
        var log = BuildLog.Of(
            new ExportContainer
            {
                Store = folder.Item("store"),
                Image = "demo:1",
                OutputFile = folder.Item("out.tar"),
                Content = [item],
            },
            succeeds: false
        );
        Assert.AreEqual(code, log.Errors.Single().Code);
    }

    [TestMethod]
    public void A_folder_is_laid_down_with_what_is_in_it()
    {
        using var folder = new TestFolder();
        Load(folder, "srv/@700 srv/f=1");
        Directory.CreateDirectory(folder["out/sub"]);
        File.WriteAllText(folder["out/sub/x"], "x");
        var task = new ExportContainer
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            OutputFile = folder.Item("out.tar"),
            Content = [TaskItems.Create(folder["out"], ("TargetPath", "srv/app"))],
        };
        BuildLog.Of(task);
        Assert.AreEqual(
            "srv/@700 srv/app/ srv/app/sub/ srv/f=1 srv/app/sub/x=x",
            LayerTar.Show(File.ReadAllBytes(folder["out.tar"]))
        );
    }

    [TestMethod]
    public void Content_that_is_missing_is_refused()
    {
        using var folder = new TestFolder();
        Load(folder, "f=1");
        var item = TaskItems.Create(folder["missing"], ("TargetPath", "x"));
        Assert.AreEqual(
            "ITT1005",
            BuildLog
                .Of(
                    new ExportContainer
                    {
                        Store = folder.Item("store"),
                        Image = "demo:1",
                        OutputFile = folder.Item("out.tar"),
                        Content = [item],
                    },
                    succeeds: false
                )
                .Errors.Single()
                .Code
        );
    }

    [TestMethod]
    public void A_cpio_has_the_same_files_and_warns_of_attributes_it_loses()
    {
        using var folder = new TestFolder();
        var layer = new MemoryStream();
        var tar = new TarWriter(layer);
        tar.Add(
            LayerTar.Entry("f=abc", out _) with
            {
                Xattrs = [new Xattr(ByteString.FromText("user.u"), default)],
            },
            "abc"u8
        );
        tar.Finish();
        Load(folder, new ImageBuilder().Layer(layer.ToArray()), "demo:1");
        var run = ToolRun.Of(folder["store"], "export", "--format", "cpio", "demo:1");
        Assert.Contains("ITT9431", run.Errors);
        Assert.StartsWith("070701", Encoding.ASCII.GetString(run.OutBytes));
        Assert.AreEqual(
            "",
            ToolRun.Of(folder["store"], "export", "--format", "cpio", "--xattrs", "none", "demo:1").Errors
        );
    }

    [TestMethod]
    public void Compression_is_what_is_asked_for_or_what_the_name_says()
    {
        using var folder = new TestFolder();
        Load(folder, "f=1");
        var plain = ToolRun.Of(folder["store"], "export", "demo:1").OutBytes;
        Assert.AreEqual("", ToolRun.Of(folder["store"], "export", "-o", folder["out.tar.gz"], "demo:1").Errors);
        Assert.IsTrue(
            Plain(File.ReadAllBytes(folder["out.tar.gz"]), CompressionKind.Gzip).AsSpan().SequenceEqual(plain)
        );
        Assert.IsTrue(
            Plain(
                    ToolRun.Of(folder["store"], "export", "--compression", "zstd:1", "demo:1").OutBytes,
                    CompressionKind.Zstd
                )
                .AsSpan()
                .SequenceEqual(plain)
        );
        Assert.AreEqual(
            "",
            ToolRun.Of(folder["store"], "export", "--format", "cpio", "-o", folder["out.cpio.zst"], "demo:1").Errors
        );
        Assert.StartsWith(
            "070701",
            Encoding.ASCII.GetString(Plain(File.ReadAllBytes(folder["out.cpio.zst"]), CompressionKind.Zstd))
        );

        static byte[] Plain(byte[] compressed, CompressionKind kind)
        {
            Assert.AreEqual(kind, StreamCompression.Detect(compressed));
            using var decoder = StreamCompression.OpenDecoder(
                new MemoryStream(compressed),
                new ContentLocation("test")
            );
            using var plain = new MemoryStream();
            decoder.CopyTo(plain);
            return plain.ToArray();
        }
    }

    [TestMethod]
    public void An_image_for_Windows_is_refused_by_what_it_is()
    {
        using var folder = new TestFolder();
        Load(
            folder,
            new ImageBuilder().Layer(("Files/", ""), ("Files/x", "1"), ("Hives/", "")).For("windows", "amd64"),
            "win:1"
        );
        var run = ToolRun.Of(folder["store"], "export", "win:1");
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains("error ITT2432: win:1 is an image for windows/amd64: ", run.Errors);
        Assert.IsEmpty(run.OutBytes);
    }

    [TestMethod]
    [DataRow("--owner", "root", "ITT1073")]
    [DataRow("--owner", "1:2:3", "ITT1073")]
    [DataRow("--owner", "4294967296", "ITT1073")]
    [DataRow("--mtime", "yesterday", "ITT1052")]
    [DataRow("--include", "[", "ITT1071")]
    [DataRow("--xattrs", "some", "ITT1003")]
    [DataRow("--format", "zip", "ITT1003")]
    public void Values_that_mean_nothing_are_refused(string option, string value, string code)
    {
        using var folder = new TestFolder();
        Load(folder, "f=1");
        Assert.Contains(code, ToolRun.Of(folder["store"], "export", option, value, "demo:1").Errors);
    }

    private static ImageBuilder Load(TestFolder folder, string layers, string name = "demo:1") =>
        Load(folder, LayerTar.Layers(layers).Aggregate(new ImageBuilder(), (image, layer) => image.Layer(layer)), name);

    private static ImageBuilder Load(TestFolder folder, ImageBuilder image, string name)
    {
        using var archive = new MemoryStream(ArchiveBuilder.Docker((image, [name])).ToTar());
        Assert.AreEqual("", ToolRun.Of(folder["store"], new ToolRun.Setting { Input = archive }, "load").Errors);
        return image;
    }
}
