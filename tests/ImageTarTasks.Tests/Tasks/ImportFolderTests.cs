using System.Globalization;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>
/// A folder, and items of a build, become a layer: through both doors, and the same whoever packs them.
/// </summary>
[TestClass]
public sealed class ImportFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ImportFolderTests()
    {
        File.WriteAllText(_folder["rootfs/etc/motd"], "hello\n");
        File.WriteAllText(_folder["rootfs/srv/app"], "app\n");
        File.WriteAllText(_folder["rootfs/srv/app.pdb"], "symbols\n");
        File.WriteAllText(_folder["ignore"], "\ufeff# symbols stay at home\r\n**/*.pdb\r\n");
        File.WriteAllText(_folder["spec"], "./etc/motd uid=3 mode=600\n");
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void All_rules_do_the_same_through_both_doors()
    {
        string[] rules =
        [
            "--owner",
            "1000:50",
            "--chmod",
            "D755,F644",
            "--chmod",
            "srv/*:a+x",
            "--exclude",
            "nothing",
            "--exclude-from",
            _folder["ignore"],
            "--mtree",
            _folder["spec"],
            "--xattrs",
            "none",
        ];
        var run = ToolRun.Of(_folder["store"], ["import", .. rules, _folder["rootfs"], "tool:1"]);
        Assert.AreEqual("", run.Errors);
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs"),
            Owner = "1000:50",
            Chmod = ["D755,F644", "srv/*:a+x"],
            Exclude = ["nothing"],
            ExcludeFrom = _folder.Item("ignore"),
            Mtree = _folder.Item("spec"),
        };
        BuildLog.Of(task);

        Assert.AreEqual(run.Out.Trim(), task.Image!.GetMetadata("ImageId"));
        Assert.AreEqual(
            "etc/@755:1000 srv/@755:1000 etc/motd=hello\n@600:3 srv/app=app\n@755:1000",
            Exported("tool:1")
        );
    }

    [TestMethod]
    public void Content_on_a_base_goes_through_its_links_and_leaves_its_folders_as_they_are()
    {
        var below = LayerTar.Of("bin→usr/bin", "usr/@750:5", "usr/bin/@711", "usr/bin/sh=1");
        File.WriteAllBytes(_folder["base.tar"], below);
        Assert.AreEqual("", ToolRun.Of(_folder["store"], "import", _folder["base.tar"], "base:1").Errors);
        File.WriteAllText(_folder["run"], "run");
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Base = "base:1",
            Reference = "over:1",
            Content = [TaskItems.Create(_folder["run"], ("TargetPath", "bin/run"), ("Mode", "755"))],
        };
        BuildLog.Of(task);

        // The layer names usr/bin itself: overlay file systems would show a folder bin in place of the link.
        var export = ToolRun.Of(_folder["store"], "export", "over:1");
        Assert.AreEqual("", export.Errors);
        Assert.AreEqual(
            "usr/@750:5 usr/bin/@711 bin→usr/bin usr/bin/sh=1 usr/bin/run=run@755",
            LayerTar.Show(export.OutBytes)
        );

        // And it describes the folders on the way: overlay file systems would give them to root, with mode 0755.
        var top = ToolRun
            .Of(_folder["store"], "image", "inspect", "--format", "{{(index .RootFS.Layers 1)}}", "over:1")
            .Out.Trim();
        Assert.AreEqual(
            "usr/@750:5 usr/bin/@711 usr/bin/run=run@755",
            LayerTar.Show(File.ReadAllBytes(_folder["store/blobs/sha256/" + top["sha256:".Length..]]))
        );
    }

    [TestMethod]
    public void Content_lays_items_over_a_folder_or_stands_alone()
    {
        File.WriteAllText(_folder["out/run"], "run\n");
        File.WriteAllText(_folder["out/lib/a.so"], "a\n");
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = _folder.Item("rootfs"),
            Reference = "over:1",
            Chmod = ["D755,F644"],
            Exclude = ["srv/app*"],
            Content =
            [
                TaskItems.Create(_folder["out"], ("TargetPath", "srv"), ("Uid", "7"), ("Mode", "go-r")),
                TaskItems.Create(_folder["out/run"], ("TargetPath", "etc/"), ("Mode", "0755")),
            ],
        };
        BuildLog.Of(task);
        Assert.AreEqual(
            "etc/ srv/@711:7 srv/lib/@711:7 etc/motd=hello\n etc/run=run\n@755 srv/lib/a.so=a\n"
                + "@600:7 srv/run=run\n@600:7",
            Exported("over:1")
        );

        task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Reference = "alone:1",
            Content = [TaskItems.Create(_folder["out/run"], ("Mode", "644"))],
        };
        BuildLog.Of(task);
        Assert.AreEqual("run=run\n", Exported("alone:1"));
    }

    [TestMethod]
    [DataRow("../x", "ITT1056")]
    [DataRow("a/../../x", "ITT1056")]
    [DataRow("/", "")]
    [DataRow("./", "")]
    public void A_target_is_inside_the_root(string target, string code)
    {
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Content = [TaskItems.Create(_folder["rootfs/srv/app"], ("TargetPath", target))],
        };
        var log = BuildLog.Of(task, succeeds: code.Length == 0);
        Assert.AreEqual(code, log.Errors.FirstOrDefault()?.Code ?? "");
    }

    [TestMethod]
    public void An_item_that_is_not_there_is_told()
    {
        var task = new ImportRootfs { Store = _folder.Item("store"), Content = [_folder.Item("nosuch")] };
        Assert.AreEqual("ITT1005", BuildLog.Of(task, succeeds: false).Errors.Single().Code);
        task = new ImportRootfs { Store = _folder.Item("store") };
        Assert.AreEqual("ITT1004", BuildLog.Of(task, succeeds: false).Errors.Single().Code);
    }

    [TestMethod]
    [DataRow("--owner 1")]
    [DataRow("--chmod 755")]
    [DataRow("--exclude x")]
    [DataRow("--exclude-from FOLDER/ignore")]
    [DataRow("--mtree FOLDER/spec")]
    [DataRow("--xattrs all")]
    [OSCondition(OperatingSystems.Linux)]
    public void A_tar_is_not_changed_by_rules(string option)
    {
        File.WriteAllBytes(_folder["rootfs.tar"], ImageBuilder.TarOf(("a", "b")));
        var run = ToolRun.Of(
            _folder["store"],
            [
                "import",
                .. option.Replace("FOLDER", _folder.Root, StringComparison.Ordinal).Split(' '),
                _folder["rootfs.tar"],
            ]
        );
        Assert.Contains("error ITT1051", run.Errors);
        Assert.Contains("byte for byte", run.Errors);
    }

    [TestMethod]
    [DataRow("--owner root", "ITT1073")]
    [DataRow("--owner 1:2:3", "ITT1073")]
    [DataRow("--owner 4294967296", "ITT1073")]
    [DataRow("--chmod rwx", "ITT1054")]
    [DataRow("--chmod [:755", "ITT1071")]
    [DataRow("--exclude [", "ITT1071")]
    [DataRow("--exclude-from FOLDER/nosuch", "ITT1005")]
    [DataRow("--mtree FOLDER/nosuch", "ITT1009")]
    [DataRow("--xattrs some", "ITT1003")]
    public void Every_mistake_has_a_code(string option, string code)
    {
        var run = ToolRun.Of(
            _folder["store"],
            [
                "import",
                .. option.Replace("FOLDER", _folder.Root, StringComparison.Ordinal).Split(' '),
                _folder["rootfs"],
            ]
        );
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains($"error {code}", run.Errors);
    }

    [TestMethod]
    public void Neither_times_nor_culture_nor_the_order_of_creation_change_the_image()
    {
        var first = ToolRun.Of(_folder["store"], "import", _folder["rootfs"]).Out;
        File.WriteAllText(_folder["again/srv/app.pdb"], "symbols\n");
        File.WriteAllText(_folder["again/srv/app"], "app\n");
        File.WriteAllText(_folder["again/etc/motd"], "hello\n");
        File.SetLastWriteTimeUtc(_folder["again/etc/motd"], new DateTime(1999, 12, 31, 0, 0, 0, DateTimeKind.Utc));
        Directory.SetLastWriteTimeUtc(_folder["again/srv"], new DateTime(2050, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var culture = CultureInfo.CurrentCulture;
        try
        {
            // Not one by name: where tests run there may be none but the invariant one.
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat.NegativeSign = "~";
            odd.DateTimeFormat.DateSeparator = "!";
            odd.DateTimeFormat.TimeSeparator = "!";
            CultureInfo.CurrentCulture = odd;
            Assert.AreEqual(first, ToolRun.Of(_folder["other"], "import", _folder["again"]).Out);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private string Exported(string name)
    {
        var run = ToolRun.Of(_folder["store"], "export", "-o", _folder["flat.tar"], name);
        Assert.AreEqual("", run.Errors);
        return LayerTar.Show(File.ReadAllBytes(_folder["flat.tar"]));
    }
}
