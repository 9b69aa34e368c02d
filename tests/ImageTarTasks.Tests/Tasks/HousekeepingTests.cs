using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>The verbs about the store as a whole: prune, system df, fsck, info, version.</summary>
[TestClass]
public sealed class HousekeepingTests
{
    [TestMethod]
    public void Prune_prints_what_Docker_prints()
    {
        using var folder = new TestFolder();
        var untagged = ImageBuilder.Of(1, "untagged");
        Load(folder, (ImageBuilder.Small(), ["demo:1", "demo:2"]), (untagged, null));
        var run = ToolRun.Of(folder["store"], "image", "prune", "-f");
        Assert.AreSequenceEqual(["Deleted Images:", $"deleted: {untagged.Id}"], run.OutLines.Take(2), run.Out);
        Assert.MatchesRegex(@"\n\nTotal reclaimed space: [0-9.]+k?B\n$", run.Out);

        var task = new PruneImages { Store = folder.Item("store"), All = true };
        var log = BuildLog.Of(task);
        Assert.AreSequenceEqual(["demo:1", "demo:2"], task.Untagged.Select(item => item.ItemSpec));
        Assert.AreEqual(ImageBuilder.Small().Id.ToString(), task.Deleted[0].ItemSpec);
        Assert.AreSequenceEqual(["Deleted Images:", "untagged: demo:1", "untagged: demo:2"], log.Shown.Take(3));
        Assert.IsGreaterThan(0, long.Parse(task.ReclaimedBytes, CultureInfo.InvariantCulture));
        Assert.AreEqual("Total reclaimed space: 0B\n", ToolRun.Of(folder["store"], "image", "prune", "-f").Out);
    }

    [TestMethod]
    [DataRow("y\n", true)]
    [DataRow("Y\r\n", true)]
    [DataRow("n\n", false)]
    [DataRow("yes\n", false)]
    [DataRow("", false)]
    public void The_tool_asks_first(string answer, bool removes)
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), null));
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(answer));
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Input = input }, "image", "prune");
        Assert.StartsWith(
            "WARNING! This will remove all dangling images.\nAre you sure you want to continue? [y/N] ",
            run.Out
        );
        Assert.AreEqual(0, run.ExitCode);
        Assert.AreEqual(removes, ToolRun.Of(folder["store"], "images", "-q").Out.Length == 0);
    }

    [TestMethod]
    public void The_question_says_what_the_options_remove()
    {
        using var folder = new TestFolder();
        Assert.Contains(
            "remove all images without at least one container associated to them.\n",
            Ask(folder, "image", "prune", "-a")
        );
        Assert.Contains("except the 3 used last of each repository", Ask(folder, "image", "prune", "--keep-last", "3"));
        Assert.Contains("until the store takes at most 20GB", Ask(folder, "image", "prune", "--max-size", "20GB"));
        Assert.Contains("all stopped containers.\n", Ask(folder, "container", "prune"));
        Assert.AreEqual(
            "WARNING! This will remove:\n  - all stopped containers\n"
                + "  - all images without at least one container associated to them\n"
                + "  - all layers kept in another compression\n\n"
                + "  Items to be pruned will be filtered with:\n  - label=a=b\n  - until=24h\n\n"
                + "Are you sure you want to continue? [y/N] ",
            Ask(folder, "system", "prune", "-a", "--filter", "until=24h", "--filter", "label=a=b")
        );
    }

    [TestMethod]
    public void Filters_limit_what_is_removed()
    {
        using var folder = new TestFolder();
        Load(
            folder,
            (ImageBuilder.Of(1, "plain"), ["plain:1"]),
            (Labelled("keep", "me"), ["labelled:1"]),
            (ImageBuilder.Of(1, "new").With("created", "2026-05-06T07:08:09Z"), ["new:1"])
        );
        Prune(folder, "--filter", "until=2025-01-01", "--filter", "label!=keep");
        Assert.AreEqual("labelled:1 new:1", Names(folder));
        Prune(folder, "--filter", "label=keep=other");
        Assert.AreEqual("labelled:1 new:1", Names(folder));
        Prune(folder, "--filter", "label=keep");
        Assert.AreEqual("new:1", Names(folder));
        var wrong = ToolRun.Of(folder["store"], "image", "prune", "-af", "--filter", "dangling=x");
        Assert.AreEqual(1, wrong.ExitCode);
        Assert.Contains("ITT1031", wrong.Errors);
        Assert.Contains("ITT1032", ToolRun.Of(folder["store"], "image", "prune", "-f", "--keep-last", "few").Errors);
        Assert.Contains("ITT1011", ToolRun.Of(folder["store"], "image", "prune", "-f", "--max-size", "big").Errors);
        Assert.AreEqual("new:1", Names(folder));
    }

    [TestMethod]
    public void Container_prune_removes_the_containers_that_fit()
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), ["demo:1"]), (Labelled("a", "b"), ["labelled:1"]));
        var plain = ToolRun.Of(folder["store"], "create", "demo:1").OutLines.Single();
        var labelled = ToolRun.Of(folder["store"], "create", "labelled:1").OutLines.Single();
        Assert.AreEqual(
            "Total reclaimed space: 0B\n",
            ToolRun.Of(folder["store"], "container", "prune", "-f", "--filter", "until=24h").Out
        );
        Assert.AreEqual(
            $"Containers to delete:\n{labelled}\n\nTotal space to reclaim: 0B\n",
            ToolRun.Of(folder["store"], "container", "prune", "--dry-run", "--filter", "label=a=b").Out
        );
        Assert.AreEqual(
            $"Deleted Containers:\n{labelled}\n\nTotal reclaimed space: 0B\n",
            ToolRun.Of(folder["store"], "container", "prune", "-f", "--filter", "label=a=b").Out
        );
        var task = new PruneContainers { Store = folder.Item("store") };
        BuildLog.Of(task);
        Assert.AreEqual(plain, task.Removed.Single().ItemSpec);
    }

    [TestMethod]
    public void System_prune_does_what_its_dry_run_says()
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), ["demo:1"]), (ImageBuilder.Of(2), null));
        ToolRun.Of(folder["store"], "create", "--name", "box", "demo:1");
        ToolRun.Of(folder["store"], "save", "--layer-compression", "gzip", "-o", folder["out.tar"], "demo:1");
        Assert.HasCount(1, Directory.GetFiles(folder["store/.imagetar/recompressed"]));
        var planned = new PruneStore
        {
            Store = folder.Item("store"),
            All = true,
            DryRun = true,
        };
        BuildLog.Of(planned);
        Assert.HasCount(1, Directory.GetFiles(folder["store/.imagetar/recompressed"]));
        Assert.AreEqual("demo:1", Names(folder));
        var done = new PruneStore { Store = folder.Item("store"), All = true };
        BuildLog.Of(done);
        Assert.AreEqual(done.ReclaimedBytes, planned.ReclaimedBytes);
        Assert.AreEqual(Specs(done.RemovedContainers), Specs(planned.RemovedContainers));
        Assert.AreEqual(Specs(done.Untagged), Specs(planned.Untagged));
        Assert.AreEqual("demo:1", Specs(done.Untagged));
        Assert.IsEmpty(Directory.GetFiles(folder["store/.imagetar/recompressed"]));
        Assert.IsEmpty(Directory.GetFiles(folder["store/blobs/sha256"]));
    }

    [TestMethod]
    public void A_bound_that_cannot_be_kept_is_told()
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), ["demo:1"]));
        ToolRun.Of(folder["store"], "create", "demo:1");
        var task = new PruneImages { Store = folder.Item("store"), MaxSize = "10B" };
        Assert.AreEqual("ITT9307", BuildLog.Of(task).Warnings.Single().Code);
        Assert.AreEqual("demo:1", Names(folder));
    }

    [TestMethod]
    public void System_df_shows_Dockers_rows_and_the_space_of_each_image()
    {
        using var folder = new TestFolder();
        Load(folder, (ImageBuilder.Small(), ["demo:1"]), (ImageBuilder.Of(1), null));
        ToolRun.Of(folder["store"], "create", "--name", "box", "demo:1");
        var lines = ToolRun.Of(folder["store"], "system", "df").OutLines;
        Assert.MatchesRegex(@"^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$", lines[0]);
        Assert.MatchesRegex(@"^Images +2 +1 +[0-9.]+kB +[0-9.]+kB \([0-9]+%\)$", lines[1]);
        Assert.MatchesRegex(@"^Containers +1 +0 +0B +0B$", lines[2]);
        Assert.MatchesRegex(@"^Local Volumes +0 +0 +0B +0B$", lines[3]);
        Assert.MatchesRegex(@"^Build Cache +0 +0 +0B +0B$", lines[4]);
        Assert.HasCount(5, lines);
        Assert.AreEqual(
            "Images 2\nContainers 1\nLocal Volumes 0\nBuild Cache 0\n",
            ToolRun.Of(folder["store"], "system", "df", "--format", "{{.Type}} {{.TotalCount}}").Out
        );
        var details = ToolRun.Of(folder["store"], "system", "df", "-v").Out;
        Assert.MatchesRegex(@"\ndemo +1 +[0-9a-f]{12} ", details);
        Assert.MatchesRegex(@"\n<none> +<none> +[0-9a-f]{12} ", details);
        Assert.Contains("Containers space usage:", details);
        Assert.EndsWith("Unreferenced content: 0B\n", details);
    }

    [TestMethod]
    public void Fsck_prints_a_line_for_each_problem_and_fails()
    {
        using var folder = new TestFolder();
        var image = ImageBuilder.Small();
        Load(folder, (image, ["demo:1"]));
        var sound = ToolRun.Of(folder["store"], "fsck");
        Assert.AreEqual(0, sound.ExitCode);
        Assert.MatchesRegex(
            @"^1 image, 0 containers, 3 blobs \([0-9.]+kB\), 0 unreferenced blobs \(0B\): sound\n$",
            sound.Out
        );

        var config = folder[$"store/blobs/sha256/{image.Id.Digest.Hex}"];
        File.Delete(config);
        File.WriteAllText(folder["store/note"], "foreign");
        var run = ToolRun.Of(folder["store"], "fsck", "--quick");
        Assert.AreEqual(1, run.ExitCode);
        Assert.EndsWith(": 2 problems\n", run.Out);
        var lines = run.Errors.TrimEnd('\n').Split('\n');
        Assert.HasCount(2, lines);
        Assert.StartsWith($"{config} : error ITT3060: ", lines[0]);
        Assert.StartsWith($"{folder["store/note"]} : error ITT3065: ", lines[1]);

        var document = JsonNode.Parse(ToolRun.Of(folder["store"], "fsck", "--json").Out)!;
        Assert.AreEqual("fsck", document["verb"]!.GetValue<string>());
        Assert.AreEqual("ITT3060", document["findings"]![0]!["code"]!.GetValue<string>());
        Assert.IsNull(document["findings"]![0]!["repair"]);

        File.Delete(folder["store/note"]);
        var task = new CheckImageStore { Store = folder.Item("store"), Repair = true };
        var log = BuildLog.Of(task);
        Assert.HasCount(2, log.Warnings);
        Assert.AreSequenceEqual(["ITT3060", "ITT3066"], task.Findings.Select(finding => finding.ItemSpec));
        Assert.AreEqual(config, task.Findings[0].GetMetadata("File"));
        Assert.AreEqual("removed", task.Findings[1].GetMetadata("Repair"));
        Assert.AreEqual("", Names(folder));
    }

    [TestMethod]
    public void Info_tells_about_a_store_and_creates_none()
    {
        using var folder = new TestFolder();
        var info = JsonNode.Parse(ToolRun.Of(folder["store"], "info", "--format", "json").Out)!;
        Assert.IsFalse(info["Exists"]!.GetValue<bool>());
        Assert.IsFalse(Directory.Exists(folder["store"]));
        Load(folder, (ImageBuilder.Small(), ["demo:1"]));
        ToolRun.Of(folder["store"], "create", "demo:1");
        Assert.AreEqual(
            $"{folder["store"]} true true true 1 1\n",
            ToolRun
                .Of(
                    folder["store"],
                    "info",
                    "-f",
                    "{{.DockerRootDir}} {{.Exists}} {{.Writable}} {{.FileLocks}} {{.Images}} {{.Containers}}"
                )
                .Out
        );
        var text = ToolRun.Of(folder["store"], "system", "info").Out;
        Assert.StartsWith($"Store: {folder["store"]} (", text);
        Assert.Contains("\nImages: 1\n", text);
        Assert.MatchesRegex(@"\nSize: [0-9.]+kB\n", text);
    }

    [TestMethod]
    public void Version_answers_as_a_client_and_as_a_server()
    {
        using var folder = new TestFolder();
        var version = ToolRun.Of(folder["store"], "--version").Out.Split(' ')[^1].Trim();
        Assert.AreEqual(
            $"{version} {version}\n",
            ToolRun.Of(folder["store"], "version", "--format", "{{.Client.Version}} {{.Server.Version}}").Out
        );
        Assert.Contains($"\n Version:    {version}\n", ToolRun.Of(folder["store"], "version").Out);
        var task = new ShowVersion { Store = folder.Item("store") };
        BuildLog.Of(task);
        Assert.AreEqual(version, task.Version);
        Assert.IsFalse(Directory.Exists(folder["store"]));
    }

    private static ImageBuilder Labelled(string key, string value) =>
        ImageBuilder.Of(1, key).With("config", new JsonObject { ["Labels"] = new JsonObject { [key] = value } });

    private static void Load(TestFolder folder, params (ImageBuilder Image, string[]? Tags)[] images)
    {
        File.WriteAllBytes(folder["in.tar"], ArchiveBuilder.Docker(images).ToTar());
        Assert.AreEqual("", ToolRun.Of(folder["store"], "load", "-i", folder["in.tar"]).Errors);
    }

    private static void Prune(TestFolder folder, params string[] options) =>
        Assert.AreEqual("", ToolRun.Of(folder["store"], ["image", "prune", "-af", .. options]).Errors);

    private static string Ask(TestFolder folder, params string[] words)
    {
        using var input = new MemoryStream();
        return ToolRun.Of(folder["store"], new ToolRun.Setting { Input = input }, words).Out;
    }

    private static string Names(TestFolder folder) =>
        string.Join(
            ' ',
            ToolRun
                .Of(folder["store"], "images", "--filter", "dangling=false", "--format", "{{.Repository}}:{{.Tag}}")
                .OutLines.Order(StringComparer.Ordinal)
        );

    private static string Specs(IEnumerable<ITaskItem> items) => string.Join(' ', items.Select(item => item.ItemSpec));
}
