using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>
/// cp, diff, commit and rename through both doors; words for trees are those of <see cref="LayerTar"/>.
/// </summary>
[TestClass]
public sealed class ContainerFilesTests
{
    private const string Image =
        "app/@750 app/f=1 app/hard⇒app/f app/d/ app/d/g=2 lnk→/app etc/ etc/passwd=root:x:0:0::/:/bin/sh";

    [TestMethod]
    [DataRow("a file under a new name", "n", "/app/n1", "A /app/n1")]
    [DataRow("a file into a folder", "n", "/app", "A /app/n")]
    [DataRow("a file into a folder with a slash", "n", "app/", "A /app/n")]
    [DataRow("a file over a file", "n", "/app/f", "C /app/f")]
    [DataRow("a file through a link", "n", "/lnk/n1", "A /app/n1")]
    [DataRow("a relative path is the root's", "n", "x", "A /x")]
    [DataRow("a folder into a folder", "dd", "/app", "A /app/dd;A /app/dd/q;A /app/dd/r;A /app/dd/r/s")]
    [DataRow("a folder under a new name", "dd", "/new", "A /new;A /new/q;A /new/r;A /new/r/s")]
    [DataRow("what is in a folder into a folder", "dd/.", "/app/d", "A /app/d/q;A /app/d/r;A /app/d/r/s")]
    [DataRow("what is in a folder under a new name", "dd/.", "/new", "A /new;A /new/q;A /new/r;A /new/r/s")]
    [DataRow(
        "two things into a folder",
        "n;dd",
        "/app/d",
        "A /app/d/dd;A /app/d/dd/q;A /app/d/dd/r;A /app/d/dd/r/s;A /app/d/n"
    )]
    public void Cp_puts_things_where_docker_cp_puts_them(
        string rule,
        string sources,
        string destination,
        string expected
    )
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        Assert.AreEqual("", Run(folder, ["cp", .. Sources(folder, sources), "box:" + destination]));

        var above = expected
            .Split(';')
            .SelectMany(line => Above(line[2..]))
            .Where(path => Image.Contains(path[1..] + "/", StringComparison.Ordinal))
            .Select(path => "C " + path);
        Assert.AreSequenceEqual(
            expected.Split(';').Concat(above).Distinct().OrderBy(line => line[2..], StringComparer.Ordinal),
            ToolRun.Of(folder["store"], "diff", "box").OutLines,
            rule
        );

        static IEnumerable<string> Above(string path)
        {
            for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            {
                yield return path[..slash];
            }
        }
    }

    [TestMethod]
    [DataRow("n", "/nope/x", "ITT3035", "No such container:path: box:/nope")]
    [DataRow("n", "/nope/", "ITT1075", "no such directory")]
    [DataRow("dd", "/app/f", "ITT1075", "cannot copy directory")]
    [DataRow("n/", "/app", "ITT1075", "not a directory")]
    [DataRow("n;dd", "/new", "ITT1075", "is not a directory, and several files are to go there")]
    [DataRow("g", "/app/d", "ITT1076", "cannot overwrite non-directory \"/app/d/g\" with a directory")]
    [DataRow("f", "/app/over", "ITT1076", "cannot overwrite directory \"/app/over/f\" with a non-directory")]
    [DataRow("missing", "/app", "ITT2412", "missing")]
    [DataRow(".wh.x", "/app", "ITT2408", "whiteouts")]
    public void Cp_refuses_what_docker_cp_refuses(string sources, string destination, string code, string words)
    {
        using var folder = new TestFolder();
        Create(folder, Image + " app/over/ app/over/f/");
        Directory.CreateDirectory(folder["g"]);
        File.WriteAllText(folder["f"], "");
        File.WriteAllText(folder[".wh.x"], "");
        var before = Directory
            .GetFiles(folder["store"], "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToArray();

        var run = ToolRun.Of(folder["store"], ["cp", .. Sources(folder, sources), "box:" + destination]);
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains($"error {code}: ", run.Errors);
        Assert.Contains(words, run.Errors);
        Assert.AreSequenceEqual(
            before,
            Directory.GetFiles(folder["store"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        );
    }

    [TestMethod]
    [DataRow("a", "b", "must specify at least one container source")]
    [DataRow("box:/a", "box:/b", "copying between containers is not supported")]
    [DataRow("nope:/a", "b", "No such container: nope")]
    [DataRow("a", "nope:/b", "No such container: nope")]
    [DataRow("box:/nope", "b", "No such container:path: box:/nope")]
    [DataRow("box:/app/f/", "b", "box:/app/f/: not a directory")]
    public void Cp_that_is_no_copy_is_refused(string source, string destination, string words)
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        Assert.Contains(words, ToolRun.Of(folder["store"], "cp", source, destination).Errors);
    }

    [TestMethod]
    public void A_file_that_is_replaced_leaves_its_other_names_alone_and_the_image_as_it_is()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        Run(folder, ["cp", folder["n"], "box:/app/f"]);
        var flat = LayerTar
            .Entries(ToolRun.Of(folder["store"], "export", "box").OutBytes)
            .ToDictionary(entry => entry.Name.ToText());
        Assert.AreEqual(1, flat["app/hard"].Size);
        Assert.AreEqual(3, flat["app/f"].Size);
        Assert.AreEqual(
            "app/f=1",
            LayerTar.Show(ToolRun.Of(folder["store"], "export", "--include", "app/f", "demo:1").OutBytes).Split(' ')[^1]
        );
    }

    [TestMethod]
    public void A_tar_is_unpacked_into_a_folder_of_a_container()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        using var tar = new MemoryStream(
            LayerTar.Of("./@711", "./x/@700:5", "x/y=3@640:6", "z⇒x/y@640:6", "s→../../out")
        );
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Input = tar }, "cp", "-", "box:/lnk");
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(
            "app/@750 app/x/@700:5 app/x/y=3@640:6 app/z⇒app/x/y@640:6 app/s→../../out",
            LayerTar.Show(ToolRun.Of(folder["store"], "export", "--include", "app/[xzs]", "box").OutBytes)
        );
    }

    [TestMethod]
    [DataRow("../x=1", "/app", "ITT2401")]
    [DataRow("a/.wh.x=", "/app", "ITT2408")]
    [DataRow("x⇒../../etc/passwd", "/app", "ITT2401")]
    [DataRow("x⇒nope", "/app", "ITT2405")]
    [DataRow("f/", "/app", "ITT1076")]
    [DataRow("x=1", "/app/f", "ITT1075")]
    [DataRow("x=1", "/nope", "ITT3035")]
    public void A_tar_that_cannot_be_a_layer_changes_nothing(string entry, string destination, string code)
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        using var tar = new MemoryStream(LayerTar.Of("fine=1", entry));
        Assert.Contains(
            $"error {code}",
            ToolRun.Of(folder["store"], new ToolRun.Setting { Input = tar }, "cp", "-", "box:" + destination).Errors
        );
        Assert.IsEmpty(ToolRun.Of(folder["store"], "diff", "box").OutLines);
    }

    [TestMethod]
    [DataRow("/app", "app/@750 app/d/ app/f=1 app/hard⇒app/f app/d/g=2")]
    [DataRow("/app/.", "./@750 ./d/ ./f=1 ./hard⇒./f ./d/g=2")]
    [DataRow("app/hard", "hard=1")]
    [DataRow("/lnk", "lnk→/app")]
    [DataRow("/lnk/", "lnk/@750 lnk/d/ lnk/f=1 lnk/hard⇒lnk/f lnk/d/g=2")]
    [DataRow("/lnk/d", "d/ d/g=2")]
    [DataRow("-L /lnk/f", "f=1")]
    [DataRow("-L /lnk", "app/@750 app/d/ app/f=1 app/hard⇒app/f app/d/g=2")]
    public void Cp_to_standard_output_gives_the_tar_docker_cp_gives(string path, string expected)
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        string[] words = path.Split(' ');
        Assert.AreEqual(
            expected,
            LayerTar.Show(ToolRun.Of(folder["store"], ["cp", .. words[..^1], "box:" + words[^1], "-"]).OutBytes)
        );
    }

    [TestMethod]
    [DataRow("/app", "new", "new/d/g new/f new/hard")]
    [DataRow("/app", "there", "there/app/d/g there/app/f there/app/hard there/kept")]
    [DataRow("/app/.", "there", "there/d/g there/f there/hard there/kept")]
    [DataRow("/app/.", "there/", "there/d/g there/f there/hard there/kept")]
    [DataRow("/app/f", "there", "there/f there/kept")]
    [DataRow("/app/f", "there/kept", "there/kept")]
    [DataRow("/app/f", "x", "x")]
    [DataRow("/lnk/f", "there", "there/f there/kept")]
    public void Cp_out_puts_things_where_docker_cp_puts_them(string path, string destination, string expected)
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        Directory.CreateDirectory(folder["out/there"]);
        File.WriteAllText(folder["out/there/kept"], "old");
        var into = folder["out/" + destination];
        Assert.AreEqual("", Run(folder, ["cp", "box:" + path, destination.EndsWith('/') ? into + "/" : into]));
        var files = Directory
            .GetFiles(folder["out"], "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder["out"], file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
        Assert.Contains(expected, string.Join(' ', files));
        Assert.DoesNotContain(".tmp", string.Join(' ', files));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Modes_times_and_links_come_out_and_setuid_only_with_owners()
    {
        using var folder = new TestFolder();
        Create(folder, "d/@550 d/su=x@4755 d/hard⇒d/su@4755 d/s→/etc/passwd p/@711");
        Assert.AreEqual("", Run(folder, ["cp", "box:/d", folder["out"]]));
        Assert.AreEqual((UnixFileMode)0b101_101_000, new DirectoryInfo(folder["out"]).UnixFileMode);
        Assert.AreEqual((UnixFileMode)0b111_101_101, new FileInfo(folder["out/su"]).UnixFileMode);
        Assert.AreEqual("/etc/passwd", new FileInfo(folder["out/s"]).LinkTarget);
        Assert.AreEqual(DateTime.UnixEpoch.AddSeconds(1000), File.GetLastWriteTimeUtc(folder["out/su"]));
        Assert.AreEqual(DateTime.UnixEpoch.AddSeconds(1000), Directory.GetLastWriteTimeUtc(folder["out"]));

        // One file with two names: what is written under one is read under the other.
        File.WriteAllText(folder["out/su"], "changed");
        Assert.AreEqual("changed", File.ReadAllText(folder["out/hard"]));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Nothing_is_written_through_links_that_are_there()
    {
        using var folder = new TestFolder();
        Create(folder, "d/ d/sub/ d/sub/f=new d/g=new");
        Directory.CreateDirectory(folder["out/d"]);
        Directory.CreateDirectory(folder["victim"]);
        File.WriteAllText(folder["victim/g"], "old");

        // A folder that is a link: refused. A file that is a link: replaced, not followed.
        File.CreateSymbolicLink(folder["out/d/sub"], folder["victim"]);
        Assert.Contains("error ITT1077", ToolRun.Of(folder["store"], "cp", "box:/d", folder["out"]).Errors);
        File.Delete(folder["out/d/sub"]);
        File.CreateSymbolicLink(folder["out/d/g"], folder["victim/g"]);
        Assert.AreEqual("", Run(folder, ["cp", "box:/d", folder["out"]]));
        Assert.AreEqual("new", File.ReadAllText(folder["out/d/g"]));
        Assert.AreSequenceEqual([folder["victim/g"]], Directory.GetFileSystemEntries(folder["victim"]));
        Assert.AreEqual("old", File.ReadAllText(folder["victim/g"]));

        // The destination itself only when it is meant.
        File.CreateSymbolicLink(folder["link"], folder["victim"]);
        Assert.Contains("error ITT1077", ToolRun.Of(folder["store"], "cp", "box:/d", folder["link"]).Errors);
        Assert.AreEqual("", Run(folder, ["cp", "box:/d", folder["link"] + "/"]));
        Assert.AreEqual("new", File.ReadAllText(folder["victim/d/g"]));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Links_of_the_image_are_never_followed_when_it_comes_out()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["victim"]);

        // Layers that write through a link stay inside the root of the image; the link comes out as it is.
        Create(folder, $"x→{folder["victim"]} y→x | x/evil=1 | y/evil2=1");
        Assert.AreEqual("", Run(folder, ["cp", "box:/.", folder["out"]]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder["victim"]));
        Assert.AreEqual(folder["victim"], new FileInfo(folder["out/x"]).LinkTarget);
        Assert.IsTrue(File.Exists(folder["out" + folder["victim"] + "/evil"]));
    }

    [TestMethod]
    public void Names_that_are_no_text_are_refused_on_the_way_out_and_come_as_a_tar()
    {
        using var folder = new TestFolder();
        var layer = new MemoryStream();
        var tar = new TarWriter(layer);
        tar.Add(
            LayerTar.Entry("f=", out _) with
            {
                Name = ByteString.FromBytes([(byte)'d', (byte)'/', 0xff]),
            },
            Stream.Null
        );
        tar.Finish();
        Create(folder, new ImageBuilder().Layer(layer.ToArray()));
        Assert.Contains("error ITT2433", ToolRun.Of(folder["store"], "cp", "box:/d", folder["out"]).Errors);
        Assert.HasCount(2, LayerTar.Entries(ToolRun.Of(folder["store"], "cp", "box:/d", "-").OutBytes).ToArray());
    }

    [TestMethod]
    public void Archive_gives_the_users_own_when_going_in()
    {
        using var folder = new TestFolder();
        var image = new ImageBuilder()
            .Layer(
                ("etc/", ""),
                ("etc/passwd", "root:x:0:0::/:/bin/sh\nbob:x:1000:1001::/:/bin/sh\n"),
                ("etc/group", "staff:x:50:\n")
            )
            .With("config", new JsonObject { ["User"] = "bob:staff" });
        Create(folder, image);
        Assert.AreEqual("", Run(folder, ["cp", "-a", folder["n"], "box:/n"]));
        var entry = LayerTar.Entries(ToolRun.Of(folder["store"], "export", "--include", "n", "box").OutBytes).Single();
        Assert.AreEqual((1000L, 50L), (entry.Uid, entry.Gid));

        Create(
            folder,
            new ImageBuilder().Layer(("x", "")).With("config", new JsonObject { ["User"] = "nobody" }),
            "other"
        );
        Assert.Contains("error ITT2434", ToolRun.Of(folder["store"], "cp", "-a", folder["n"], "other:/n").Errors);
    }

    [TestMethod]
    [DataRow("1000:", 1000L, 1001L, null)]
    [DataRow("bob:", 1000L, 1001L, null)]
    [DataRow("bob:broken", 0L, 0L, "/etc/group")]
    [DataRow("torn", 0L, 0L, "/etc/passwd")]
    public void The_user_of_an_image_is_found_or_the_file_with_the_bad_line_is_named(
        string user,
        long uid,
        long gid,
        string? file
    )
    {
        using var folder = new TestFolder();
        var image = new ImageBuilder()
            .Layer(
                ("etc/", ""),
                ("etc/passwd", "torn:x\nbob:x:1000:1001::/:/bin/sh\n"),
                ("etc/group", "broken:x:many:\n")
            )
            .With("config", new JsonObject { ["User"] = user });
        Create(folder, image);
        var run = ToolRun.Of(folder["store"], "cp", "-a", folder["n"], "box:/n");
        if (file is null)
        {
            Assert.AreEqual("", run.Errors);
            var exported = ToolRun.Of(folder["store"], "export", "--include", "n", "box").OutBytes;
            var entry = LayerTar.Entries(exported).Single();
            Assert.AreEqual((uid, gid), (entry.Uid, entry.Gid));
        }
        else
        {
            Assert.Contains("error ITT2434", run.Errors);
            Assert.Contains(file, run.Errors);
        }
    }

    [TestMethod]
    public void Commit_makes_the_same_image_of_the_same_container_whatever_the_day()
    {
        using var folder = new TestFolder();
        var image = Create(folder, Image);
        File.SetLastWriteTimeUtc(folder["n"], DateTime.UnixEpoch.AddYears(60));
        Run(folder, ["cp", folder["n"], "box:/app/n"]);
        var run = ToolRun.Of(
            folder["store"],
            "commit",
            "-m",
            "why",
            "-a",
            "Ada",
            "-c",
            "ENV A=b",
            "-c",
            "CMD [\"x\"]",
            "box",
            "made:1"
        );
        Assert.AreEqual("", run.Errors);

        var task = new CommitContainer
        {
            Store = folder.Item("store"),
            Container = "box",
            Reference = "made:2",
            Message = "why",
            Author = "Ada",
            Changes = ["ENV A=b", "CMD [\"x\"]"],
            ReadEnvironment = _ => null,
        };
        BuildLog.Of(task);
        Assert.AreEqual(run.Out, task.Image!.GetMetadata("ImageId") + "\n");
        Assert.AreEqual("2", task.Image.GetMetadata("Layers"));

        using var inspected = JsonDocument.Parse(ToolRun.Of(folder["store"], "image", "inspect", "made:1").OutBytes);
        var made = inspected.RootElement[0];
        Assert.AreEqual("Ada", made.GetProperty("Author").GetString());
        Assert.AreEqual("why", made.GetProperty("Comment").GetString());
        Assert.AreEqual("2030-01-01T00:00:00Z", made.GetProperty("Created").GetString());
        Assert.AreEqual(image.DiffIds[0].ToString(), made.GetProperty("RootFS").GetProperty("Layers")[0].GetString());
        Assert.AreEqual(
            "PATH=/bin A=b",
            string.Join(' ', made.GetProperty("Config").GetProperty("Env").EnumerateArray().Select(e => e.GetString()))
        );
        Assert.IsTrue(
            ToolRun
                .Of(folder["store"], "export", "box")
                .OutBytes.AsSpan()
                .SequenceEqual(ToolRun.Of(folder["store"], "export", "made:1").OutBytes)
        );
    }

    [TestMethod]
    public void Commit_of_an_unchanged_container_keeps_its_command_and_adds_no_layer()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        ToolRun.Of(folder["store"], "create", "--name", "other", "demo:1", "run", "it");
        Assert.AreEqual("", Run(folder, ["commit", "other", "made:1"]));
        using var inspected = JsonDocument.Parse(ToolRun.Of(folder["store"], "image", "inspect", "made:1").OutBytes);
        Assert.AreEqual(
            """["run","it"]""",
            inspected
                .RootElement[0]
                .GetProperty("Config")
                .GetProperty("Cmd")
                .GetRawText()
                .Replace(" ", "", StringComparison.Ordinal)
                .Replace("\n", "", StringComparison.Ordinal)
        );
        Assert.AreEqual(1, inspected.RootElement[0].GetProperty("RootFS").GetProperty("Layers").GetArrayLength());
    }

    [TestMethod]
    public void Layers_of_a_container_stay_until_it_is_removed_and_images_of_them_keep_them()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        var blobs = Directory.GetFiles(folder["store/blobs/sha256"]).Length;
        Run(folder, ["cp", folder["n"], "box:/n"]);
        Assert.HasCount(blobs + 1, Directory.GetFiles(folder["store/blobs/sha256"]));
        Assert.Contains("ITT3011", ToolRun.Of(folder["store"], "rmi", "demo:1").Errors);
        ToolRun.Of(folder["store"], "tag", "demo:1", "second:1");
        Assert.AreEqual("Untagged: demo:1\n", ToolRun.Of(folder["store"], "rmi", "demo:1").Out);
        Run(folder, ["commit", "box", "made:1"]);
        Run(folder, ["rm", "box"]);
        Assert.AreEqual(
            3,
            LayerTar.Entries(ToolRun.Of(folder["store"], "export", "--include", "n", "made:1").OutBytes).Single().Size
        );
        ToolRun.Of(folder["store"], "rmi", "made:1", "second:1");
        Assert.IsEmpty(Directory.GetFiles(folder["store/blobs/sha256"]));
    }

    [TestMethod]
    public void Rename_gives_another_name_and_refuses_as_Docker_does()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        ToolRun.Of(folder["store"], "create", "--name", "taken", "demo:1");
        Assert.Contains("ITT3033", Run(folder, ["rename", "box", "/box"]));
        Assert.Contains("ITT3030", Run(folder, ["rename", "box", "taken"]));
        Assert.Contains("ITT3032", Run(folder, ["rename", "box", "a b"]));
        Assert.Contains("ITT3031", Run(folder, ["container", "rename", "nope", "x1"]));
        BuildLog.Of(
            new RenameContainer
            {
                Store = folder.Item("store"),
                Container = "box",
                NewName = "new",
            }
        );
        Assert.AreEqual("new\n", ToolRun.Of(folder["store"], "rm", "new").Out);
    }

    [TestMethod]
    public void Diff_is_items_and_JSON_too()
    {
        using var folder = new TestFolder();
        Create(folder, Image);
        var copy = new CopyContainerFiles
        {
            Store = folder.Item("store"),
            Sources = [folder.Item("n")],
            Destination = TaskItems.Create("box:/app/f"),
        };
        BuildLog.Of(copy);
        var diff = new DiffContainer { Store = folder.Item("store"), Container = "box" };
        BuildLog.Of(diff);
        Assert.AreSequenceEqual(
            ["/app Changed", "/app/f Changed"],
            diff.Changes.Select(change => $"{change.ItemSpec} {change.GetMetadata("Kind")}")
        );
        Assert.AreEqual(
            """{"schemaVersion":1,"verb":"diff","changes":[{"kind":"Changed","path":"/app"},{"kind":"Changed","path":"/app/f"}]}"""
                + "\n",
            ToolRun.Of(folder["store"], "diff", "--json", "box").Out
        );
    }

    private static string Run(TestFolder folder, string[] arguments) => ToolRun.Of(folder["store"], arguments).Errors;

    private static IEnumerable<string> Sources(TestFolder folder, string names) =>
        names.Split(';').Select(name => $"{folder.Root}/{name}");

    /// <summary>A container of an image of these layers, and some files to copy: n, dd/q, dd/r/s.</summary>
    private static ImageBuilder Create(TestFolder folder, string layers) =>
        Create(folder, LayerTar.Layers(layers).Aggregate(new ImageBuilder(), (image, layer) => image.Layer(layer)));

    private static ImageBuilder Create(TestFolder folder, ImageBuilder image, string name = "box")
    {
        using var archive = new MemoryStream(ArchiveBuilder.Docker((image, ["demo:1"])).ToTar());
        Assert.AreEqual("", ToolRun.Of(folder["store"], new ToolRun.Setting { Input = archive }, "load").Errors);
        Assert.AreEqual("", Run(folder, ["create", "--name", name, "demo:1"]));
        Directory.CreateDirectory(folder["dd/r"]);
        File.WriteAllText(folder["n"], "new");
        File.WriteAllText(folder["dd/q"], "q", Encoding.UTF8);
        File.WriteAllText(folder["dd/r/s"], "s");
        return image;
    }
}
