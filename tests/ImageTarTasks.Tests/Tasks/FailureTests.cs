using ImageTarTasks.Options;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>What users do wrong, through both doors.</summary>
[TestClass]
public sealed class FailureTests
{
    [TestMethod]
    public void Archives_do_not_go_to_nor_come_from_a_terminal()
    {
        using var folder = new TestFolder();
        var terminal = new ToolRun.Setting { InputIsTerminal = true, OutputIsTerminal = true };
        AssertFails(
            ToolRun.Of(folder["s"], terminal, "save", "x"),
            "ITT1007: cowardly refusing to save to a terminal. Use the -o flag or redirect"
        );
        AssertFails(ToolRun.Of(folder["s"], terminal, "export", "x"), "ITT1007: cowardly");
        AssertFails(
            ToolRun.Of(folder["s"], terminal, "load"),
            "ITT1008: requested load from stdin, but stdin is empty"
        );
        AssertFails(ToolRun.Of(folder["s"], terminal, "import", "-"), "ITT1008");
    }

    [TestMethod]
    public void A_build_has_no_standard_streams()
    {
        using var folder = new TestFolder();
        AssertFails(
            BuildLog.Of(new LoadImage { Store = folder.Item("s") }, succeeds: false),
            "ITT1004",
            "InputFile is required"
        );
        AssertFails(
            BuildLog.Of(new SaveImage { Store = folder.Item("s"), Images = ["x"] }, succeeds: false),
            "ITT1004",
            "OutputFile is required"
        );
        AssertFails(
            BuildLog.Of(new ImportRootfs { Store = folder.Item("s"), Source = TaskItems.Create("-") }, succeeds: false),
            "ITT1004",
            "Source is required"
        );
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_named()
    {
        using var folder = new TestFolder();
        var path = folder["nosuch.tar"];
        var expected = $"{path} : error ITT1005: open {path}: no such file or directory\n";
        Assert.AreEqual(expected, ToolRun.Of(folder["s"], "load", "-i", path).Errors);
        Assert.AreEqual(expected, ToolRun.Of(folder["s"], "import", path).Errors);
        var error = BuildLog
            .Of(new LoadImage { Store = folder.Item("s"), InputFile = TaskItems.Create(path) }, succeeds: false)
            .Errors.Single();
        Assert.AreEqual("ITT1005", error.Code);
        Assert.AreEqual(path, error.File);
        Assert.AreEqual("docs/reference/diagnostics.md#ITT1005", error.HelpLink);
    }

    [TestMethod]
    public void An_output_that_cannot_be_written_leaves_nothing()
    {
        using var folder = new TestFolder();
        AssertFails(ToolRun.Of(folder["s"], "save", "-o", Path.Combine(folder.Root, "no", "x.tar"), "x"), "ITT1006");
        Directory.CreateDirectory(folder["taken"]);
        AssertFails(ToolRun.Of(folder["s"], "export", "-o", folder["taken"], "x"), "ITT1006");
        AssertFails(ToolRun.Of(folder["s"], "save", "-o", folder["new.tar"], "nosuch"), "ITT3010");
        Assert.IsEmpty(Directory.EnumerateFiles(folder.Root));
        File.WriteAllText(folder["old.tar"], "old");
        AssertFails(ToolRun.Of(folder["s"], "save", "-o", folder["old.tar"], "nosuch"), "ITT3010");
        Assert.AreEqual("old", File.ReadAllText(folder["old.tar"]));
    }

    [TestMethod]
    [DataRow("import http://example.invalid/rootfs.tar", "ITT1061")]
    [DataRow("import --max-unpacked much FILE", "ITT1011")]
    [DataRow("import --created yesterday FILE", "ITT1052")]
    [DataRow("import --platform a/b/c/d FILE", "ITT1002")]
    [DataRow("import FILE Bad/Name", "ITT1001")]
    [DataRow("import FILE name@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ITT1001")]
    [DataRow("import -c RUN FILE", "ITT12")]
    [DataRow("load -i FILE --platform /", "ITT1002")]
    [DataRow("save --format zip x", "ITT1003")]
    [DataRow("tag nosuch other", "ITT3010")]
    [DataRow("tag nosuch Other", "ITT1001")]
    [DataRow("create nosuch", "ITT3010")]
    [DataRow("export nosuch", "ITT3031")]
    [DataRow("rm nosuch", "ITT3031")]
    [DataRow("load -i FILE --store FILE", "ITT30")]
    public void Every_mistake_has_a_code(string line, string code)
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["rootfs.tar"], ImageBuilder.TarOf(("a", "b")));
        AssertFails(
            ToolRun.Of(folder["s"], line.Replace("FILE", folder["rootfs.tar"], StringComparison.Ordinal).Split(' ')),
            code
        );
    }

    [TestMethod]
    public void Content_that_is_refused_changes_nothing()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["in.tar"], ImageBuilder.TarOf(("etc/motd", "this is no image\n")));
        AssertFails(ToolRun.Of(folder["s"], "load", "-i", folder["in.tar"]), $"{folder["in.tar"]} : error ITT2201: ");
        Assert.IsEmpty(
            Directory
                .EnumerateFiles(folder["s"], "*", SearchOption.AllDirectories)
                .Where(f => f.Contains("sha256", StringComparison.Ordinal))
        );
    }

    [TestMethod]
    public void A_limit_on_the_unpacked_size_is_kept()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["rootfs.tar"], ImageBuilder.TarOf([("zeros", new byte[1_000_000])]));
        AssertFails(ToolRun.Of(folder["s"], "import", "--max-unpacked", "1MB", folder["rootfs.tar"]), "ITT21");
        Assert.AreEqual("", ToolRun.Of(folder["s"], "import", "--max-unpacked", "1MiB", folder["rootfs.tar"]).Errors);
    }

    [TestMethod]
    public void A_cancelled_task_fails_without_a_word()
    {
        using var folder = new TestFolder();
        var log = new BuildLog();
        var task = new LoadImage
        {
            Store = folder.Item("s"),
            InputFile = folder.Item("nosuch"),
            BuildEngine = log,
        };
        task.Cancel();
        Assert.IsFalse(task.Execute());
        Assert.IsEmpty(log.Errors);
    }

    [TestMethod]
    public void A_load_that_is_cancelled_midway_leaves_nothing()
    {
        using var folder = new TestFolder();
        var task = new LoadImage { Store = folder.Item("s"), BuildEngine = new BuildLog() };
        var archive = ArchiveBuilder
            .Docker((new ImageBuilder().Layer(ImageBuilder.TarOf([("big", new byte[4_000_000])])), ["demo:1"]))
            .ToTar();
        using var input = new CancellingStream(archive, 2_000_000, task.Cancel);
        using var console = new ImageTarTasks.Tool.Terminal.ToolConsole(input, new(Stream.Null), Stream.Null);
        task.Streams = console.CreateStandardStreams();
        Assert.IsFalse(task.Execute());
        Assert.IsEmpty(
            Directory
                .EnumerateFiles(folder["s"], "*", SearchOption.AllDirectories)
                .Where(f => new FileInfo(f).Length > 100_000)
        );
    }

    private static void AssertFails(ToolRun run, string expected)
    {
        Assert.Contains(expected, run.Errors);
        Assert.AreEqual(1, run.ExitCode);
        Assert.AreEqual("", run.Out);
        Assert.HasCount(1, run.Errors.TrimEnd('\n').Split('\n'), run.Errors);
    }

    private static void AssertFails(BuildLog log, string code, string text)
    {
        Assert.AreEqual(code, log.Errors.Single().Code);
        Assert.Contains(text, log.Errors.Single().Message!);
    }

    /// <summary>Calls back once so many bytes were read.</summary>
    private sealed class CancellingStream(byte[] content, int at, Action cancel) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Position >= at)
            {
                cancel();
            }

            return base.Read(buffer, offset, Math.Min(count, 64 * 1024));
        }
    }
}
