using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>
/// Where an imported image gets its configuration from, through both doors: an image below, another's configuration,
/// items, changes.
/// </summary>
[TestClass]
public sealed class ImportSettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ImportSettingsTests()
    {
        File.WriteAllBytes(_folder["rootfs.tar"], ImageBuilder.TarOf(("srv/", ""), ("srv/app", "app\n")));
        Directory.CreateDirectory(_folder["rootfs/srv"]);
        File.WriteAllText(_folder["rootfs/srv/app"], "app\n");
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Base_puts_the_layer_on_top_and_changes_on_the_configuration_there_is()
    {
        var below = Base();
        Load("base:1", below);
        string[] changes = ["ENV PATH=/srv MODE=$PATH", "ENTRYPOINT [\"/srv/app\"]", "WORKDIR sub", "LABEL b=2"];

        var run = Tool([
            "import",
            "--base",
            "base:1",
            "-m",
            "with the application",
            .. changes.SelectMany(change => new[] { "-c", change }),
            _folder["rootfs.tar"],
            "app:1",
        ]);
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs.tar"),
            Base = "base:1",
            Changes = changes,
            Message = "with the application",
        };
        BuildLog.Of(task);

        Assert.AreEqual(run.OutLines.Single(), task.Image!.GetMetadata("ImageId"));
        var image = Open("app:1");
        var config = Json(image);
        var told = config["config"]!;
        Assert.AreEqual("""["PATH=/srv","HOME=/root","MODE=/bin"]""", told["Env"]!.ToJsonString());
        Assert.AreEqual("""["/srv/app"]""", told["Entrypoint"]!.ToJsonString());
        Assert.IsNull(told["Cmd"], "an entry point takes away the command of another one");
        Assert.AreEqual("/srv/sub", told["WorkingDir"]!.GetValue<string>());
        Assert.AreEqual("""{"a":"1","b":"2"}""", told["Labels"]!.ToJsonString());
        Assert.AreEqual("""["RUN later"]""", told["OnBuild"]!.ToJsonString());
        Assert.AreEqual(17, told["StopTimeout"]!.GetValue<int>(), "a field of Docker's that nobody here reads");
        Assert.AreEqual("someone", config["author"]!.GetValue<string>());
        Assert.AreEqual("10.0.1", config["os.version"]!.GetValue<string>());
        Assert.AreEqual("""{"kept":[1.50]}""", config["x.unknown"]!.ToJsonString());
        Assert.IsFalse(config.ContainsKey("container_config"), "it is about the container of the base's last step");
        Assert.AreEqual("with the application", config["comment"]!.GetValue<string>());
        Assert.AreEqual(
            "step 0|step 1|/with the application",
            string.Join(
                '|',
                image.Config.History.Select(step =>
                    step.CreatedBy + (step.Comment.Length > 0 ? "/" + step.Comment : "")
                )
            )
        );
        Assert.AreSequenceEqual(
            [.. below.DiffIds, new DiffId(Digest.Of(File.ReadAllBytes(_folder["rootfs.tar"])))],
            image.Config.DiffIds
        );
        Assert.AreEqual(MediaTypes.OciManifest, image.Manifest.MediaType);
        Assert.IsTrue(
            image.Manifest.Layers.All(layer =>
                layer.MediaType.StartsWith(MediaTypes.OciLayer, StringComparison.Ordinal)
            )
        );
        Assert.AreEqual("2024-05-06T07:08:09Z", image.Config.CreatedText, "never before the base");

        Tool("export", "-o", _folder["flat.tar"], "app:1");
        Assert.Contains("layer0", Names(_folder["flat.tar"]));
        Assert.Contains("srv/app", Names(_folder["flat.tar"]));
    }

    [TestMethod]
    public void Without_changes_the_configuration_of_the_base_keeps_its_bytes()
    {
        var below = Base();
        Load("base:1", below);
        Tool("import", "--base", "base:1", _folder["rootfs"], "app:1");

        using var before = JsonDocument.Parse(below.Config);
        using var after = JsonDocument.Parse(Open("app:1").Config.Raw);

        Assert.AreEqual(
            before.RootElement.GetProperty("config").GetRawText(),
            after.RootElement.GetProperty("config").GetRawText()
        );
    }

    [TestMethod]
    public void A_layer_on_a_base_may_hide_files_and_link_to_them()
    {
        Load("base:1", ImageBuilder.Of(2));
        File.WriteAllBytes(_folder["diff.tar"], LayerTar.Layers(".wh.layer0= again⇒layer1")[0]);

        Assert.Contains(
            "a hard link joins a file of a lower layer",
            ToolRun.Of(_folder["store"], "import", "--base", "base:1", _folder["diff.tar"], "app:1").Errors
        );
        ToolRun.Of(_folder["store"], "export", "-o", _folder["flat.tar"], "app:1");

        Assert.AreSequenceEqual(["again", "layer1"], Names(_folder["flat.tar"]).Order(StringComparer.Ordinal));
        AssertFails(["import", _folder["diff.tar"]], "ITT2408");
        Directory.CreateDirectory(_folder["odd"]);
        File.WriteAllText(_folder["odd/.wh.layer0"], "");
        AssertFails(["import", "--base", "base:1", _folder["odd"]], "ITT2408");
    }

    [TestMethod]
    public void Folders_the_base_has_keep_their_attributes_and_links_to_folders_stay()
    {
        Load(
            "base:1",
            new ImageBuilder().Layer(LayerTar.Layers("tmp/@1777 usr/ usr/lib/@711:3 lib→usr/lib opt=file srv/")[0])
        );
        foreach (var name in new[] { "tmp/a", "lib/b.so", "usr/lib/c.so", "new/d", "opt/e", "lib/deep/f" })
        {
            File.WriteAllText(_folder["over/" + name], name);
        }

        File.WriteAllText(_folder["spec"], "./srv type=dir mode=750\n./lib/dev type=fifo mode=600\n");
        var run = Tool(
            "import",
            "--base",
            "base:1",
            "--chmod",
            "D755,F644",
            "--mtree",
            _folder["spec"],
            _folder["over"],
            "app:1"
        );
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Base = "base:1",
            Content = [TaskItems.Create(_folder["over/tmp/a"], ("TargetPath", "lib/x/"))],
        };
        BuildLog.Of(task);

        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        Assert.AreEqual(
            "usr/ usr/lib/@711:3 usr/lib/b.so=lib/b.so usr/lib/deep/ usr/lib/deep/f=lib/deep/f "
                + "usr/lib/dev new/ new/d=new/d opt/ opt/e=opt/e srv/@750 tmp/@1777 tmp/a=tmp/a "
                + "usr/lib/c.so=usr/lib/c.so",
            ImageTarTasks
                .Tests.Flattening.LayerTar.Show(TopLayer(run.Out.Trim()))
                .Replace("dev@600", "dev", StringComparison.Ordinal)
        );
        Assert.AreEqual(
            "usr/ usr/lib/@711:3 usr/lib/x/ usr/lib/x/a=tmp/a",
            LayerTar.Show(TopLayer(task.Image!.GetMetadata("ImageId")))
        );

        byte[] TopLayer(string id)
        {
            using var bytes = new MemoryStream();
            using var blob = store.OpenBlob(store.Find(id).Image!.Manifest.Layers[^1]);
            blob.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    [TestMethod]
    public void Steps_the_base_does_not_tell_of_are_not_taken_for_the_new_one()
    {
        Load("base:1", ImageBuilder.Of(3).With("history", new JsonArray()));

        Tool("import", "--base", "base:1", "-m", "mine", _folder["rootfs"], "app:1");

        Assert.AreEqual(",,,mine", string.Join(',', Open("app:1").Config.History.Select(step => step.Comment)));
    }

    [TestMethod]
    public void The_platform_is_that_of_the_base()
    {
        Load("base:1", ImageBuilder.Small().For("linux", "arm64", "v8"));

        Tool("import", "--base", "base:1", _folder["rootfs"], "app:1");

        Assert.AreEqual("linux/arm64/v8", Open("app:1", Platform.Parse("linux/arm64")).Config.Platform.ToString());
        AssertFails(["import", "--base", "base:1", "--platform", "linux/s390x", _folder["rootfs"]], "ITT3012");
        AssertFails(["import", "--base", "nosuch:1", _folder["rootfs"]], "ITT3010");
    }

    [TestMethod]
    public void A_base_with_the_media_types_of_Docker_gives_a_manifest_of_one_kind()
    {
        Load("base:1", Base());
        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        var image = Open("base:1");
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.DockerManifest,
                ["config"] = new JsonObject
                {
                    ["mediaType"] = MediaTypes.DockerConfig,
                    ["size"] = image.Manifest.Config.Size,
                    ["digest"] = image.Manifest.Config.Digest.Value,
                },
                ["layers"] = new JsonArray([
                    .. image.Manifest.Layers.Select(layer => new JsonObject
                    {
                        ["mediaType"] = MediaTypes.DockerLayer,
                        ["size"] = layer.Size,
                        ["digest"] = layer.Digest.Value,
                    }),
                ]),
            }
        );
        using (var writer = store.BeginWrite())
        {
            writer.Stage(manifest);
            writer.Publish([
                new Publication(
                    new Descriptor(MediaTypes.DockerManifest, Digest.Of(manifest), manifest.Length),
                    [ImageReference.Parse("docker:1")]
                ),
            ]);
        }

        Tool("import", "--base", "docker:1", _folder["rootfs"], "app:1");

        Assert.AreEqual(
            "oci",
            string.Join(
                ' ',
                Open("app:1")
                    .Manifest.Layers.Select(layer => layer.MediaType == MediaTypes.OciLayer ? "oci" : layer.MediaType)
                    .Distinct()
            )
        );
        Assert.AreEqual(MediaTypes.OciConfig, Open("app:1").Manifest.Config.MediaType);
    }

    [TestMethod]
    public void ConfigFrom_takes_the_configuration_of_an_image_or_a_file_and_history_on_request()
    {
        var from = Base();
        Load("from:1", from);
        File.WriteAllBytes(_folder["config.json"], from.Config);

        var ofImage = Tool(
            "import",
            "--config-from",
            "from:1",
            "--keep-history",
            "-c",
            "LABEL b=2",
            _folder["rootfs.tar"],
            "app:1"
        );
        var ofFile = Tool(
            "import",
            "--config-from",
            _folder["config.json"],
            "--keep-history",
            "-c",
            "LABEL b=2",
            _folder["rootfs.tar"]
        );
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs.tar"),
            ConfigFrom = _folder.Item("config.json"),
            KeepHistory = true,
            Labels = [TaskItems.Create("b", ("Value", "2"))],
        };
        BuildLog.Of(task);

        Assert.AreEqual(ofImage.Out, ofFile.Out);
        Assert.AreEqual(ofImage.OutLines.Single(), task.Image!.GetMetadata("ImageId"));
        var image = Open("app:1");
        Assert.HasCount(1, image.Layers);
        Assert.AreSequenceEqual(["/bin/sh"], image.Config.Settings.Cmd!);
        Assert.AreEqual("/srv", image.Config.Settings.WorkingDir);
        Assert.AreEqual("1 2", string.Join(' ', image.Config.Settings.Labels.Values));
        Assert.AreEqual(
            "step 0 True|step 1 True| False",
            string.Join('|', image.Config.History.Select(step => $"{step.CreatedBy} {step.EmptyLayer}"))
        );
        Assert.HasCount(
            1,
            Open(Tool("import", "--config-from", "from:1", _folder["rootfs.tar"]).Out.Trim()).Config.History
        );
    }

    [TestMethod]
    public void ConfigFrom_says_what_is_wrong()
    {
        File.WriteAllText(_folder["list.json"], "[1]");
        AssertFails(["import", "--config-from", _folder["list.json"], _folder["rootfs"]], "list.json : error ITT2306");
        AssertFails(["import", "--config-from", "nosuch:1", _folder["rootfs"]], "ITT3010");
        AssertFails(["import", "--keep-history", _folder["rootfs"]], "ITT1051");
        AssertFails(["import", "--config-from", _folder["list.json"], "--base", "x", _folder["rootfs"]], "ITT");
    }

    [TestMethod]
    public void Items_set_what_the_items_of_the_SDK_set_and_mean_nothing_more_than_they_say()
    {
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs"),
            Reference = "app:1",
            Entrypoint = ["dotnet", "/srv/my app.dll"],
            Cmd = ["--urls", "http://*:$PORT"],
            EnvironmentVariables =
            [
                TaskItems.Create("A", ("Value", "\"x\" \\ $HOME")),
                TaskItems.Create("B"),
                TaskItems.Create("A", ("Value", "2")),
            ],
            Labels = [TaskItems.Create("org.example.title", ("Value", "a;b=c"))],
            ExposedPorts =
            [
                TaskItems.Create("8080"),
                TaskItems.Create("53", ("Type", "udp")),
                TaskItems.Create("9000-9001/tcp"),
            ],
            User = "app:0",
            WorkingDirectory = "/srv",
            Changes = ["ENTRYPOINT [\"/bin/tool\"]", "ENV C=$A", "WORKDIR sub"],
        };
        BuildLog.Of(task);

        Assert.AreEqual(
            """
            {"User":"app:0","ExposedPorts":{"53/udp":{},"8080/tcp":{},"9000/tcp":{},"9001/tcp":{}},"Env":["A=2","B=","C=2"],"Entrypoint":["/bin/tool"],
            "Cmd":["--urls","http://*:$PORT"],"WorkingDir":"/srv/sub","Labels":{"org.example.title":"a;b=c"}}
            """.ReplaceLineEndings(""),
            Json(Open("app:1"))["config"]!.ToJsonString(
                new JsonSerializerOptions
                {
                    Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        );
    }

    [TestMethod]
    [DataRow("A=1", "ITT1224")]
    [DataRow("", "ITT1224")]
    public void A_name_that_cannot_be_is_refused(string name, string code)
    {
        ITaskItem item = new Microsoft.Build.Utilities.TaskItem("x") { ItemSpec = name };
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs"),
            EnvironmentVariables = [item],
        };
        Assert.AreEqual(code, BuildLog.Of(task, succeeds: false).Errors.Single().Code);
        task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs"),
            ExposedPorts = [TaskItems.Create("80", ("Type", "icmp"))],
        };
        Assert.AreEqual("ITT1220", BuildLog.Of(task, succeeds: false).Errors.Single().Code);
    }

    [TestMethod]
    public void A_refused_change_is_named()
    {
        AssertFails(
            ["import", "-c", "ENV A=1 \\", "-c", "B=2", "-c", "EXPOSE 80\nEXPOSE 99999", _folder["rootfs"]],
            "Invalid containerPort: 99999 (change 3: \"EXPOSE 99999\")"
        );
        AssertFails(
            ["import", "-c", "USER x", "-c", "RUN ls", _folder["rootfs"]],
            "RUN is not a valid change command",
            "(change 2: \"RUN ls\")"
        );
        AssertFails(["import", "-c", "\n\nENV A=\"open", _folder["rootfs"]], "(change 1: \"ENV A=\"open\")");
    }

    [TestMethod]
    public void The_default_platform_is_the_one_Docker_takes()
    {
        string Imported(string? variable, params string[] more)
        {
            var store = _folder["store"];
            var setting = new ToolRun.Setting
            {
                Environment = name =>
                    name == "IMAGETAR_STORE" ? store
                    : name == "DOCKER_DEFAULT_PLATFORM" ? variable
                    : null,
            };
            var run = ToolRun.Of(store, setting, ["import", .. more, _folder["rootfs"]]);
            Assert.AreEqual("", run.Errors);
            var found = ImageStore.Open(store, SilentReporter.Instance).Find(run.Out.Trim());
            return found.Image!.Config.Platform.ToString();
        }

        File.WriteAllBytes(_folder["config.json"], ImageBuilder.Small().For("linux", "s390x").Config);
        Assert.AreEqual("linux/arm64", Imported("linux/aarch64"));
        Assert.AreEqual("linux/arm/v7", Imported("linux/arm64", "--platform", "armhf"));
        Assert.AreEqual("linux/s390x", Imported("linux/arm64", "--config-from", _folder["config.json"]));
        Assert.AreEqual(Platform.Host.ToString(), Imported(null));
    }

    [TestMethod]
    public void Created_is_a_time_or_seconds()
    {
        Tool("import", "--created", "2026-01-31T12:00:00+01:00", _folder["rootfs"], "a:1");
        Tool("import", "--created", "1769857200", _folder["rootfs"], "b:1");

        Assert.AreEqual("2026-01-31T11:00:00Z", Open("a:1").Config.CreatedText);
        Assert.AreEqual(Open("a:1").Id, Open("b:1").Id);
    }

    private static ImageBuilder Base() =>
        ImageBuilder
            .Of(2)
            .With("author", "someone")
            .With("os.version", "10.0.1")
            .With("container_config", new JsonObject())
            .With("x.unknown", JsonNode.Parse("""{"kept":[1.50]}"""))
            .With(
                "config",
                JsonNode.Parse(
                    """
                    {"Hostname":"","Env":["PATH=/bin","HOME=/root"],"Cmd":["/bin/sh"],"WorkingDir":"/srv","Labels":{"a":"1"},"OnBuild":["RUN later"],"StopTimeout":17}
                    """
                )
            );

    private void Load(string name, ImageBuilder image)
    {
        using var archive = new MemoryStream(ArchiveBuilder.Docker((image, [name])).ToTar());
        Assert.AreEqual("", ToolRun.Of(_folder["store"], new ToolRun.Setting { Input = archive }, "load").Errors);
    }

    private ToolRun Tool(params string[] arguments)
    {
        var run = ToolRun.Of(_folder["store"], arguments);
        Assert.AreEqual("", run.Errors);
        return run;
    }

    private void AssertFails(string[] arguments, params string[] words)
    {
        var run = ToolRun.Of(_folder["store"], arguments);
        Assert.AreEqual(1, run.ExitCode);
        foreach (var word in words)
        {
            Assert.Contains(word, run.Errors);
        }
    }

    private Image Open(string name, Platform? platform = null)
    {
        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        return store.OpenImage(store.Find(name).Target, platform);
    }

    private static JsonObject Json(Image image) => JsonNode.Parse(image.Config.Raw.Span)!.AsObject();

    private static IEnumerable<string> Names(string tar) =>
        LayerTar.Entries(File.ReadAllBytes(tar)).Select(entry => entry.Name.ToText());
}
