using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>images, history, inspect and ps, as Docker prints them and as a build gets them.</summary>
[TestClass]
public sealed class ListingTests
{
    private static readonly DateTimeOffset Now = new(2024, 5, 20, 7, 8, 9, TimeSpan.Zero);

    [TestMethod]
    public void Images_are_listed_newest_first_with_a_row_for_each_name()
    {
        using var folder = new TestFolder();
        var old = new ImageBuilder().Layer(("etc/", ""), ("etc/motd", "12345678"));
        var recent = ImageBuilder.Of(3).With("created", "2024-05-16T07:08:09Z");
        Load(folder, (old, ["zoo:1", "localhost:5000/acme/app:2.0", "acme/app:2.0"]), (recent, null));

        var log = BuildLog.Of(new ListImages { Store = folder.Item("store"), Clock = new FixedClock(Now) });
        Assert.AreSequenceEqual(
            [
                "REPOSITORY                TAG       IMAGE ID       CREATED       SIZE",
                $"<none>                    <none>    {recent.Id.Short}   4 days ago    3B",
                $"acme/app                  2.0       {old.Id.Short}   2 weeks ago   8B",
                $"zoo                       1         {old.Id.Short}   2 weeks ago   8B",
                $"localhost:5000/acme/app   2.0       {old.Id.Short}   2 weeks ago   8B",
            ],
            log.Shown
        );
    }

    [TestMethod]
    public void An_empty_store_has_a_heading_and_no_rows()
    {
        using var folder = new TestFolder();
        Assert.AreEqual(
            "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n",
            ToolRun.Of(folder["store"], "images").Out
        );
        Assert.AreEqual("", ToolRun.Of(folder["store"], "image", "ls", "-q").Out);
        Assert.AreEqual("", ToolRun.Of(folder["store"], "images", "--format", "json").Out);
    }

    [TestMethod]
    public void Images_print_IDs_digests_JSON_and_templates()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Small();
        Load(folder, (image, ["demo:1", "demo:2"]));
        var digest = Inspect(folder, "demo:1")["Descriptor"]!["digest"]!.GetValue<string>();

        Assert.AreEqual($"{image.Id.Short}\n{image.Id.Short}\n", ToolRun.Of(folder["store"], "images", "-q").Out);
        Assert.AreEqual($"{image.Id}\n{image.Id}\n", ToolRun.Of(folder["store"], "images", "-q", "--no-trunc").Out);
        Assert.AreEqual(
            "demo 1 6B\ndemo 2 6B\n",
            ToolRun.Of(folder["store"], "images", "--format", "{{.Repository}} {{.Tag}} {{.Size}}").Out
        );
        Assert.AreSequenceEqual(
            ["TAG       DIGEST", $"1         {digest}", $"2         {digest}"],
            ToolRun.Of(folder["store"], "images", "--format", @"table {{.Tag}}\t{{.Digest}}").OutLines
        );
        Assert.Contains($"   {digest}   ", ToolRun.Of(folder["store"], "images", "--digests").Out);
        var row = JsonNode.Parse(ToolRun.Of(folder["store"], "images", "--format", "json", "demo:2").Out)!.AsObject();
        Assert.AreSequenceEqual(
            [
                "Containers",
                "CreatedAt",
                "CreatedSince",
                "Digest",
                "ID",
                "Repository",
                "SharedSize",
                "Size",
                "Tag",
                "UniqueSize",
                "VirtualSize",
            ],
            row.Select(field => field.Key)
        );
        Assert.AreEqual("2024-05-06 07:08:09 +0000 UTC", row["CreatedAt"]!.GetValue<string>());
        Assert.Contains(
            "image_id: " + image.Id.Short,
            ToolRun.Of(folder["store"], "images", "--format", "raw").OutLines
        );

        var bad = ToolRun.Of(folder["store"], "images", "--format", "{{.Nosuch}}");
        Assert.AreEqual(1, bad.ExitCode);
        Assert.Contains("error ITT1030", bad.Errors);
    }

    [TestMethod]
    [DataRow("a:1 b:1 <none>:<none>", DisplayName = "no filter")]
    [DataRow("a:1", "a", DisplayName = "a repository")]
    [DataRow("b:1", "?:1", "-f", "before=a:1")]
    [DataRow("a:1 b:1", "*")]
    [DataRow("", "a*/b", DisplayName = "a star stays within a part of the name")]
    [DataRow("b:1", "[b-c]:?")]
    [DataRow("<none>:<none>", "-f", "dangling=true")]
    [DataRow("a:1 b:1", "-f", "dangling=false")]
    [DataRow("a:1", "-f", "since=b:1", "-f", "dangling=0")]
    [DataRow("b:1 <none>:<none>", "-f", "before=a:1")]
    [DataRow("b:1", "-f", "label=team=core")]
    [DataRow("b:1", "-f", "label=team", "-f", "label=tier=1")]
    [DataRow("", "-f", "label=team", "-f", "label=tier=2", DisplayName = "labels add up")]
    [DataRow("a:1 b:1", "-f", "reference=a", "-f", "reference=[b-c]:1", DisplayName = "names are alternatives")]
    [DataRow("<none>:<none>", "-f", "until=2021-06-01")]
    [DataRow("b:1", "--platform", "linux/arm64")]
    public void Filters_choose_images(string expected, params string[] arguments)
    {
        using var folder = new TestFolder();
        Load(
            folder,
            (ImageBuilder.Of(1, "a").With("created", "2023-01-01T00:00:00Z"), ["a:1"]),
            (
                ImageBuilder
                    .Of(1, "b")
                    .With("created", "2022-01-01T00:00:00Z")
                    .For("linux", "arm64")
                    .With("config", JsonNode.Parse("""{"Labels":{"team":"core","tier":"1"}}""")),
                ["b:1"]
            ),
            (ImageBuilder.Of(1, "c").With("created", "2021-01-01T00:00:00Z"), null)
        );
        var run = ToolRun.Of(folder["store"], ["images", "--format", "{{.Repository}}:{{.Tag}}", .. arguments]);
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(expected, string.Join(' ', run.OutLines));
    }

    [TestMethod]
    [DataRow("colour=red", "invalid filter 'colour=red'")]
    [DataRow("dangling", "invalid filter 'dangling'")]
    [DataRow("dangling=x", "invalid filter 'dangling=x'")]
    [DataRow("reference=[", "error ITT1071")]
    [DataRow("until=tomorrow", "invalid filter 'until=tomorrow'")]
    [DataRow("before=nosuch:1", "No such image: nosuch:1")]
    public void A_filter_that_means_nothing_is_an_error(string filter, string message)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], "images", "-f", filter);
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains(message, run.Errors.Replace('"', '\''));
        Assert.AreEqual("", run.Out);
    }

    [TestMethod]
    public void Listed_images_are_items_of_a_build()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Of(2);
        Load(folder, (image, ["x/demo:1", "y:2"]));
        var task = new ListImages { Store = folder.Item("store"), Reference = "x/*" };
        BuildLog.Of(task);
        var item = task.Images.Single();
        Assert.AreEqual("x/demo:1", item.ItemSpec);
        Assert.AreEqual("x/demo:1", item.GetMetadata("References"));
        Assert.AreEqual("2", item.GetMetadata("Layers"));
    }

    [TestMethod]
    public void A_damaged_layer_costs_its_size_and_a_warning_not_the_list()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Small();
        Load(folder, (image, ["demo:1"]), (ImageBuilder.Of(1), ["fine:1"]));
        Directory.Delete(folder["store/.imagetar/layers"], recursive: true);
        File.Delete(folder[$"store/blobs/sha256/{Digest.Of(image.LayerBlobs[0]).Hex}"]);
        var run = ToolRun.Of(folder["store"], "images", "--format", "{{.Repository}} {{.Size}}");
        Assert.AreEqual(0, run.ExitCode);
        Assert.AreSequenceEqual(["demo N/A", "fine 1B"], run.OutLines.Order(StringComparer.Ordinal));
        Assert.Contains("warning ITT9301", run.Errors);
    }

    [TestMethod]
    public void History_shows_the_steps_and_what_each_added()
    {
        using var folder = new TestFolder();
        var image = new ImageBuilder()
            .Layer(("a", "1234"))
            .Layer(("b", "12"))
            .With(
                "history",
                JsonNode.Parse(
                    """
                    [{"created":"2024-05-20T07:08:04Z","created_by":"ADD rootfs"},
                     {"created":"2024-05-20T07:08:05Z","created_by":"ENV A=1","empty_layer":true},
                     {"created":"1970-01-01T00:00:00Z","created_by":"COPY\tb /a/quite/long/way/to/say/what/this/step/does","comment":"by hand"}]
                    """
                )
            );
        Load(folder, (image, ["demo:1"]));

        var task = new ImageHistory
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            Clock = new FixedClock(Now),
        };
        Assert.AreSequenceEqual(
            [
                "IMAGE          CREATED         CREATED BY                                      SIZE      COMMENT",
                $"{image.Id.Short}   N/A             COPY b /a/quite/long/way/to/say/what/this/st…   2B        by hand",
                "<missing>      4 seconds ago   ENV A=1                                         0B        ",
                "<missing>      5 seconds ago   ADD rootfs                                      4B        ",
            ],
            BuildLog.Of(task).Shown
        );
        Assert.AreSequenceEqual(
            [image.Id.ToString(), "<missing>", "<missing>"],
            task.Steps.Select(step => step.ItemSpec)
        );
        Assert.AreSequenceEqual(["2", "0", "4"], task.Steps.Select(step => step.GetMetadata("Size")));
        Assert.AreSequenceEqual(
            [image.DiffIds[1].ToString(), "", image.DiffIds[0].ToString()],
            task.Steps.Select(step => step.GetMetadata("DiffId"))
        );

        var plain = ToolRun.Of(folder["store"], "image", "history", "--human=false", "--no-trunc", "demo:1").OutLines;
        Assert.Contains("2024-05-20T07:08:05Z", plain[2]);
        Assert.Contains("COPY b /a/quite/long/way/to/say/what/this/step/does   2 ", plain[1]);
        Assert.AreEqual(
            $"{image.Id}\n<missing>\n<missing>\n",
            ToolRun.Of(folder["store"], "history", "-q", "--no-trunc", "demo:1").Out
        );
        Assert.Contains(
            "error ITT3010: No such image: nosuch:latest",
            ToolRun.Of(folder["store"], "history", "nosuch").Errors
        );
    }

    [TestMethod]
    public void History_and_inspect_show_the_platform_asked_for()
    {
        using var folder = new TestFolder();
        var (one, other) = (ImageBuilder.Of(1), ImageBuilder.Of(2).For("linux", "arm64", "v8"));
        using var archive = new MemoryStream(ArchiveBuilder.OciIndex("docker.io/library/multi:1", one, other).ToTar());
        ToolRun.Of(folder["store"], new ToolRun.Setting { Input = archive }, "load");
        Assert.HasCount(
            2,
            ToolRun.Of(folder["store"], "history", "-q", "--platform", "linux/arm64", "multi:1").OutLines
        );
        Assert.AreEqual(
            $"{other.Id}\n",
            ToolRun.Of(folder["store"], "image", "inspect", "--platform", "linux/arm64", "-f", "{{.Id}}", "multi:1").Out
        );
        var absent = ToolRun.Of(folder["store"], "image", "inspect", "--platform", "linux/s390x", "multi:1");
        Assert.Contains("error ITT3012", absent.Errors);
        Assert.Contains("linux/amd64, linux/arm64", absent.Errors);
    }

    [TestMethod]
    public void Inspect_tells_what_the_configuration_says_in_Dockers_order()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder
            .Small()
            .With("author", "me")
            .With(
                "config",
                JsonNode.Parse(
                    """
                    {"User":"app","ExposedPorts":{"80/tcp":{}},"Env":["A=<1>"],"Entrypoint":["/e"],"Cmd":["c","d"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"b":"2","a":"1"},
                     "StopSignal":"SIGINT","OnBuild":["RUN x"],"Healthcheck":{"Test":["CMD","h"],"Interval":1000000000,"Retries":3}}
                    """
                )
            );
        Load(folder, (image, ["demo:1", "host.example/demo:2"]));

        var text = ToolRun.Of(folder["store"], "image", "inspect", "demo:1").Out;
        var facts = Inspect(folder, "demo:1");
        Assert.AreSequenceEqual(
            [
                "Id",
                "RepoTags",
                "RepoDigests",
                "Parent",
                "Comment",
                "Created",
                "DockerVersion",
                "Author",
                "Architecture",
                "Os",
                "Size",
                "RootFS",
                "Metadata",
                "Descriptor",
                "Config",
            ],
            facts.Select(field => field.Key)
        );
        Assert.AreEqual(image.Id.ToString(), facts["Id"]!.GetValue<string>());
        Assert.AreEqual("""["demo:1","host.example/demo:2"]""", facts["RepoTags"]!.ToJsonString());
        Assert.AreEqual(6, facts["Size"]!.GetValue<long>());
        Assert.AreEqual(
            """
            {"Cmd":["c","d"],"Entrypoint":["/e"],"Env":["A=<1>"],"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["CMD","h"],"Interval":1000000000,"Retries":3},
            "Labels":{"a":"1","b":"2"},"OnBuild":["RUN x"],"StopSignal":"SIGINT","User":"app","Volumes":{"/v":{}},"WorkingDir":"/w"}
            """.ReplaceLineEndings(""),
            facts["Config"]!.ToJsonString(
                new JsonSerializerOptions
                {
                    Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        );
        Assert.StartsWith("[\n    {\n        \"Id\": ", text);
        Assert.Contains("\"A=<1>\"", text, "as with Docker, inspect escapes no < and >");
        Assert.AreEqual(
            "[c d] 1000000000 2\n",
            ToolRun
                .Of(
                    folder["store"],
                    "inspect",
                    "-f",
                    "{{.Config.Cmd}} {{.Config.Healthcheck.Interval}} {{index .Config.Labels \"b\"}}",
                    "demo:1"
                )
                .Out
        );
    }

    [TestMethod]
    public void Inspect_prints_what_it_found_and_fails_for_what_it_did_not()
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), ["demo:1"]));
        var run = ToolRun.Of(folder["store"], "image", "inspect", "nosuch", "demo:1");
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, JsonNode.Parse(run.Out)!.AsArray());
        Assert.Contains("No such image: nosuch:latest", run.Errors);

        var none = ToolRun.Of(folder["store"], "inspect", "nosuch");
        Assert.AreEqual("[]\n", none.Out);
        Assert.Contains("error ITT3040: No such object: nosuch", none.Errors);
    }

    [TestMethod]
    public void Inspect_takes_a_container_before_an_image_of_the_same_name()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Small();
        Load(folder, (image, ["demo:latest"]));
        var id = ToolRun.Of(folder["store"], "create", "--name", "demo", "demo", "sh", "-c", "exit").OutLines.Single();

        var container = JsonNode.Parse(ToolRun.Of(folder["store"], "inspect", "demo").Out)!.AsArray().Single()!;
        Assert.AreEqual(id, container["Id"]!.GetValue<string>());
        Assert.AreEqual("/demo", container["Name"]!.GetValue<string>());
        Assert.AreEqual("created", container["State"]!["Status"]!.GetValue<string>());
        Assert.AreEqual("""["sh","-c","exit"]""", container["Config"]!["Cmd"]!.ToJsonString());
        Assert.AreEqual(
            $"{image.Id}\n",
            ToolRun.Of(folder["store"], "inspect", "--type", "image", "-f", "{{.Id}}", "demo").Out
        );
        Assert.AreEqual($"{id}\n", ToolRun.Of(folder["store"], "container", "inspect", "-f", "{{.Id}}", "demo").Out);
        Assert.Contains(
            "error ITT3031",
            ToolRun.Of(folder["store"], "inspect", "--type", "container", "demo:latest").Errors
        );
        Assert.Contains("error ITT1003", ToolRun.Of(folder["store"], "inspect", "--type", "volume", "demo").Errors);
    }

    [TestMethod]
    public void Ps_lists_containers_when_all_are_asked_for()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Small();
        Load(folder, (image, ["demo:1"]));
        var first = ToolRun.Of(folder["store"], "create", "--name", "first", "demo:1").OutLines.Single();
        var second = ToolRun
            .Of(folder["store"], "create", "--name", "second", image.Id.Short, "echo", "a long command line")
            .OutLines.Single();

        Assert.AreEqual(
            "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n",
            ToolRun.Of(folder["store"], "ps").Out
        );
        var rows = ToolRun.Of(folder["store"], "ps", "-a").OutLines;
        Assert.HasCount(3, rows);
        Assert.MatchesRegex(
            $@"\A{second[..12]}   {image.Id.Short}   ""echo a long command…""   [A-Za-z0-9 ]+ ago +Created             second\z",
            rows[1]
        );
        Assert.MatchesRegex($@"\A{first[..12]}   demo:1 +""/bin/sh"" ", rows[2]);
        Assert.AreEqual($"{second}\n", ToolRun.Of(folder["store"], "ps", "-lq", "--no-trunc").Out);
        Assert.AreEqual(
            "first 0B (virtual 6B)\n",
            ToolRun
                .Of(folder["store"], "ps", "-as", "--filter", "name=^/?first$", "--format", "{{.Names}} {{.Size}}")
                .Out
        );
        Assert.AreEqual(
            "second\nfirst\n",
            ToolRun
                .Of(
                    folder["store"],
                    "container",
                    "ls",
                    "-n",
                    "5",
                    "--filter",
                    "ancestor=demo:1",
                    "--format",
                    "{{.Names}}"
                )
                .Out
        );
        Assert.AreEqual(
            "second\n",
            ToolRun
                .Of(
                    folder["store"],
                    "ps",
                    "-a",
                    "--filter",
                    $"since=first",
                    "--filter",
                    "status=created",
                    "--format",
                    "{{.Names}}"
                )
                .Out
        );
        Assert.AreEqual("", ToolRun.Of(folder["store"], "ps", "-aq", "--filter", "status=running").Out);
        Assert.Contains("error ITT1032", ToolRun.Of(folder["store"], "ps", "-n", "many").Errors);
        Assert.Contains("error ITT1031", ToolRun.Of(folder["store"], "ps", "-a", "--filter", "name=(").Errors);

        // The name moves to another image: the container goes on with its own.
        ToolRun.Of(folder["store"], "tag", "demo:1", "kept:1");
        Load(folder, (ImageBuilder.Of(2), ["demo:1"]));
        Assert.AreEqual(
            $"{image.Id.Short}\n",
            ToolRun.Of(folder["store"], "ps", "-a", "--filter", "name=first", "--format", "{{.Image}}").Out
        );

        var task = new ListContainers { Store = folder.Item("store"), All = true };
        BuildLog.Of(task);
        Assert.AreSequenceEqual([second, first], task.Containers.Select(c => c.ItemSpec));
        Assert.AreEqual("second", task.Containers[0].GetMetadata("Name"));
    }

    [TestMethod]
    public void Text_from_an_image_cannot_drive_a_terminal_or_a_build_server()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder
            .Small()
            .With("author", "\u001b[2J##vso[task.complete]")
            .With(
                "history",
                JsonNode.Parse(
                    """
                    [{"created_by":"\u001b]0;title\u0007 ##vso[task.setvariable variable=x]y\n::set-output name=x::y","comment":"::error::"}]
                    """
                )
            );
        Load(folder, (image, ["demo:1"]));
        foreach (
            var run in new[]
            {
                ToolRun.Of(folder["store"], "history", "--no-trunc", "demo:1"),
                ToolRun.Of(folder["store"], "history", "--format", "{{.Comment}}", "demo:1"),
                ToolRun.Of(folder["store"], "history", "--format", "json", "demo:1"),
                ToolRun.Of(folder["store"], "image", "inspect", "demo:1"),
                ToolRun.Of(folder["store"], "image", "inspect", "-f", "{{.Author}}", "demo:1"),
            }
        )
        {
            Assert.AreEqual(0, run.ExitCode);
            Assert.DoesNotContain("\u001b", run.Out);
            Assert.DoesNotContain("##vso[", run.Out);
            Assert.IsFalse(
                run.OutLines.Any(line => line.TrimStart().StartsWith("::", StringComparison.Ordinal)),
                run.Out
            );
        }
    }

    private static JsonObject Inspect(TestFolder folder, string name) =>
        JsonNode.Parse(ToolRun.Of(folder["store"], "image", "inspect", name).Out)!.AsArray().Single()!.AsObject();

    private static void Load(TestFolder folder, params (ImageBuilder Image, string[]? Tags)[] images)
    {
        using var archive = new MemoryStream(ArchiveBuilder.Docker(images).ToTar());
        Assert.AreEqual("", ToolRun.Of(folder["store"], new ToolRun.Setting { Input = archive }, "load").Errors);
    }

    /// <summary>A time that stands still.</summary>
    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
