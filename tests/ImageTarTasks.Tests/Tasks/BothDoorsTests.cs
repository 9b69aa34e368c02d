using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>Every verb as a task of a build and as a command line: the same deeds, each told in its own way.</summary>
[TestClass]
public sealed class BothDoorsTests
{
    [TestMethod]
    public void Load_names_the_images()
    {
        using var folder = new TestFolder();
        var named = ImageBuilder.Small();
        var unnamed = ImageBuilder.Of(2);
        File.WriteAllBytes(
            folder["in.tar"],
            ArchiveBuilder.Docker((named, ["demo/a:1", "demo/b:2"]), (unnamed, null)).ToTar()
        );

        var run = ToolRun.Of(folder["tool"], "load", "-i", folder["in.tar"]);
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual($"Loaded image: demo/a:1\nLoaded image: demo/b:2\nLoaded image ID: {unnamed.Id}\n", run.Out);

        var task = new LoadImage { Store = folder.Item("build"), InputFile = folder.Item("in.tar") };
        var log = BuildLog.Of(task);
        Assert.AreSequenceEqual(run.OutLines, log.Shown);
        Assert.AreSequenceEqual(["demo/a:1", unnamed.Id.ToString()], task.Images.Select(i => i.ItemSpec));
        var image = task.Images[0];
        Assert.AreEqual(named.Id.ToString(), image.GetMetadata("ImageId"));
        Assert.AreEqual("demo/a:1;demo/b:2", image.GetMetadata("References"));
        Assert.AreEqual("linux/amd64", image.GetMetadata("Platform"));
        Assert.AreEqual("1", image.GetMetadata("Layers"));
        Assert.AreEqual(TaskItems.FormatNumber(named.LayerBlobs.Sum(b => b.Length)), image.GetMetadata("Size"));
        Assert.IsTrue(Digest.TryParse(image.GetMetadata("ManifestDigest"), out _));
    }

    [TestMethod]
    public void Load_reads_standard_input_and_folders()
    {
        using var folder = new TestFolder();
        var archive = ArchiveBuilder.Oci((ImageBuilder.Small(), "docker.io/library/small:1"));
        using var pipe = new MemoryStream(archive.ToTar());
        Assert.AreEqual(
            "Loaded image: small:1\n",
            ToolRun.Of(folder["a"], new ToolRun.Setting { Input = pipe }, "load").Out
        );
        Assert.AreEqual(
            "Loaded image: small:1\n",
            ToolRun.Of(folder["b"], "image", "load", "--input", archive.ToFolder(folder["layout"])).Out
        );
    }

    [TestMethod]
    public void Save_writes_the_same_archive_through_every_door()
    {
        using var folder = new TestFolder();
        var image = Load(folder, "demo:1");
        Assert.AreEqual("", ToolRun.Of(folder["store"], "save", "demo:1", "-o", folder["tool.tar"]).Out);
        var run = ToolRun.Of(folder["store"], "image", "save", "demo:1");
        Assert.AreEqual("", run.Errors);
        var task = new SaveImage
        {
            Store = folder.Item("store"),
            Images = ["demo:1"],
            OutputFile = folder.Item("build.tar"),
        };
        var log = BuildLog.Of(task);

        var bytes = File.ReadAllBytes(folder["build.tar"]);
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(folder["tool.tar"])));
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(run.OutBytes));
        Assert.AreEqual(Digest.Of(bytes).Value, task.Archive!.GetMetadata("Digest"));
        Assert.AreEqual(TaskItems.FormatNumber(bytes.Length), task.Archive.GetMetadata("Size"));
        Assert.AreEqual("demo:1", task.Archive.GetMetadata("References"));
        Assert.AreEqual(image.Id.ToString(), task.Archive.GetMetadata("ImageIds"));
        Assert.AreEqual($"Saved demo:1 to {task.OutputFile!.ItemSpec} ({Digest.Of(bytes)})", log.Shown.Single());

        using var again = new MemoryStream(bytes);
        Assert.AreEqual(
            "Loaded image: demo:1\n",
            ToolRun.Of(folder["other"], new ToolRun.Setting { Input = again }, "load").Out
        );
    }

    [TestMethod]
    public void Save_as_oci_leaves_out_manifest_json()
    {
        using var folder = new TestFolder();
        Load(folder, "demo:1");
        Assert.Contains("manifest.json", Names(ToolRun.Of(folder["store"], "save", "demo:1").OutBytes));
        var oci = Names(ToolRun.Of(folder["store"], "save", "--format", "OCI", "demo:1").OutBytes);
        Assert.DoesNotContain("manifest.json", oci);
        Assert.Contains("index.json", oci);
    }

    [TestMethod]
    public void Export_flattens_an_image_or_a_container()
    {
        using var folder = new TestFolder();
        Load(
            folder,
            "demo:1",
            new ImageBuilder().Layer(("etc/", ""), ("etc/a", "1"), ("etc/b", "2")).Layer(("etc/.wh.a", ""))
        );
        var id = ToolRun.Of(folder["store"], "create", "--name", "box", "demo:1").OutLines.Single();
        var byImage = ToolRun.Of(folder["store"], "export", "demo:1").OutBytes;
        Assert.IsTrue(
            byImage.AsSpan().SequenceEqual(ToolRun.Of(folder["store"], "container", "export", "box").OutBytes)
        );
        Assert.IsTrue(byImage.AsSpan().SequenceEqual(ToolRun.Of(folder["store"], "export", id[..12]).OutBytes));
        Assert.Contains("etc/b", Names(byImage));
        Assert.DoesNotContain("etc/a", Names(byImage));

        var task = new ExportContainer
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            OutputFile = folder.Item("rootfs.tar"),
        };
        BuildLog.Of(task);
        Assert.IsTrue(byImage.AsSpan().SequenceEqual(File.ReadAllBytes(folder["rootfs.tar"])));
        Assert.AreEqual(Digest.Of(byImage).Value, task.Archive!.GetMetadata("Digest"));

        // A container is no image.
        BuildLog.Of(
            new ExportContainer
            {
                Store = folder.Item("store"),
                Image = "box",
                OutputFile = folder.Item("no.tar"),
            },
            succeeds: false
        );
        Assert.IsFalse(File.Exists(folder["no.tar"]));
        var both = BuildLog.Of(
            new ExportContainer
            {
                Store = folder.Item("store"),
                Image = "demo:1",
                Container = "box",
                OutputFile = folder.Item("no.tar"),
            },
            succeeds: false
        );
        Assert.AreEqual("ITT1014", both.Errors.Single().Code);
    }

    [TestMethod]
    public void Import_prints_the_ID_and_applies_changes()
    {
        using var folder = new TestFolder();
        var tar = ImageBuilder.TarOf(("etc/", ""), ("etc/motd", "hello\n"));
        File.WriteAllBytes(folder["rootfs.tar"], tar);
        string[] rest = ["-c", "CMD [\"/bin/sh\"]", "-m", "made here", "--created", "1700000000", "base:1"];

        var file = ToolRun.Of(folder["a"], ["import", .. rest[..^1], folder["rootfs.tar"], rest[^1]]);
        Assert.AreEqual("", file.Errors);
        Assert.MatchesRegex(@"\Asha256:[0-9a-f]{64}\n\z", file.Out);
        using var pipe = new MemoryStream(tar);
        Assert.AreEqual(
            file.Out,
            ToolRun.Of(folder["b"], new ToolRun.Setting { Input = pipe }, ["import", .. rest[..^1], "-", rest[^1]]).Out
        );

        var task = new ImportRootfs
        {
            Store = folder.Item("build"),
            Source = folder.Item("rootfs.tar"),
            Reference = "base:1",
            Changes = ["CMD [\"/bin/sh\"]"],
            Message = "made here",
            Created = "1700000000",
        };
        var log = BuildLog.Of(task);
        Assert.AreEqual(file.OutLines.Single(), log.Shown.Single());
        Assert.AreEqual("base:1", task.Image!.ItemSpec);
        Assert.AreEqual(file.OutLines.Single(), task.Image.GetMetadata("ImageId"));
        Assert.AreEqual("", ToolRun.Of(folder["build"], "tag", "base:1", "other").Errors);
    }

    [TestMethod]
    public void Import_takes_the_time_of_reproducible_builds_from_the_environment()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["rootfs"]);
        File.WriteAllText(folder["rootfs/motd"], "hello\n");
        string Import(string store, string? epoch) =>
            ToolRun
                .Of(
                    folder[store],
                    new ToolRun.Setting
                    {
                        Environment = name =>
                            name == "IMAGETAR_STORE" ? folder[store]
                            : name == "SOURCE_DATE_EPOCH" ? epoch
                            : null,
                    },
                    "import",
                    folder["rootfs"]
                )
                .Out;
        var first = Import("a", "1700000000");
        Assert.AreEqual(first, Import("b", "1700000000"));
        Assert.AreNotEqual(first, Import("c", "1700000001"));
        Assert.AreEqual(Import("d", null), Import("e", null), "without it, no clock gets into an image either");
    }

    [TestMethod]
    public void Tag_gives_a_name_and_moves_it()
    {
        using var folder = new TestFolder();
        var first = Load(folder, "one:1");
        Load(folder, "two:1", ImageBuilder.Of(2));
        Assert.AreEqual("", ToolRun.Of(folder["store"], "tag", "two:1", "name").Out);
        var task = new TagImage
        {
            Store = folder.Item("store"),
            Source = "one:1",
            Target = "name:latest",
        };
        Assert.AreEqual("Tagged one:1 as name:latest", BuildLog.Of(task).Shown.Single());
        Assert.AreEqual(first.Id.ToString(), task.Image!.GetMetadata("ImageId"));
        Assert.Contains($"Deleted: {first.Id}", ToolRun.Of(folder["store"], "rmi", "-f", "name", "one:1").OutLines);
    }

    [TestMethod]
    public void Rmi_untags_then_deletes_and_tries_all()
    {
        using var folder = new TestFolder();
        var image = Load(folder, "demo:1");
        ToolRun.Of(folder["store"], "tag", "demo:1", "demo:2");
        Assert.AreEqual("Untagged: demo:2\n", ToolRun.Of(folder["store"], "rmi", "demo:2").Out);

        var run = ToolRun.Of(folder["store"], "image", "rm", "nosuch:1", "demo:1", "neither");
        Assert.AreEqual(1, run.ExitCode);
        Assert.AreSequenceEqual(["Untagged: demo:1", $"Deleted: {image.Id}"], run.OutLines.Take(2));
        Assert.MatchesRegex(
            @"\Aimagetar : error ITT3010: [^\n]*nosuch[^\n]*\nimagetar : error ITT3010: [^\n]*neither[^\n]*\n\z",
            run.Errors
        );

        var forced = ToolRun.Of(folder["store"], "rmi", "-f", "nosuch");
        Assert.AreEqual(0, forced.ExitCode);
        Assert.Contains("message ITT3010", forced.Errors);

        Load(folder, "demo:3");
        var task = new RemoveImage { Store = folder.Item("store"), Images = ["demo:3"] };
        BuildLog.Of(task);
        Assert.AreEqual("demo:3", task.Untagged.Single().ItemSpec);
        Assert.AreEqual(image.Id.ToString(), task.Deleted[0].ItemSpec);
    }

    [TestMethod]
    public void Create_and_rm_make_and_remove_a_container()
    {
        using var folder = new TestFolder();
        Load(folder, "demo:1");
        var run = ToolRun.Of(folder["store"], "create", "--name", "box", "demo:1", "sh", "-c", "exit 1");
        Assert.AreEqual("", run.Errors);
        Assert.MatchesRegex(@"\A[0-9a-f]{64}\n\z", run.Out);
        Assert.Contains("error ITT3030", ToolRun.Of(folder["store"], "create", "--name", "box", "demo:1").Errors);

        var create = new CreateContainer
        {
            Store = folder.Item("store"),
            Image = "demo:1",
            Name = "other",
        };
        BuildLog.Of(create);
        Assert.AreEqual("other", create.Container!.GetMetadata("Name"));

        Assert.AreEqual("box\n", ToolRun.Of(folder["store"], "rm", "box").Out);
        var gone = ToolRun.Of(folder["store"], "rm", "box");
        Assert.AreEqual(1, gone.ExitCode);
        Assert.Contains("error ITT3031", gone.Errors);
        Assert.AreEqual(0, ToolRun.Of(folder["store"], "rm", "-f", "box").ExitCode);
        var remove = new RemoveContainer
        {
            Store = folder.Item("store"),
            Containers = [create.Container.ItemSpec[..12]],
        };
        BuildLog.Of(remove);
        Assert.AreEqual(create.Container.ItemSpec, remove.Removed.Single().ItemSpec);
    }

    /// <summary>An image in the folder <c>store</c>.</summary>
    private static ImageBuilder Load(TestFolder folder, string name, ImageBuilder? image = null)
    {
        image ??= ImageBuilder.Small();
        using var archive = new MemoryStream(ArchiveBuilder.Docker((image, [name])).ToTar());
        Assert.AreEqual("", ToolRun.Of(folder["store"], new ToolRun.Setting { Input = archive }, "load").Errors);
        return image;
    }

    private static List<string> Names(byte[] tar)
    {
        using var stream = new MemoryStream(tar);
        using var reader = new System.Formats.Tar.TarReader(stream);
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        return names;
    }
}

internal static class TestFolderItems
{
    /// <summary>An absolute path below the folder as an item.</summary>
    public static ITaskItem Item(this TestFolder folder, string name) => TaskItems.Create(folder[name]);
}
