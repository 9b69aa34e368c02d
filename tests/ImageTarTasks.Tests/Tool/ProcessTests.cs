using System.Diagnostics;
using System.Text;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Tool;

/// <summary>What only a real process has: a shell's pipes, signals, exit codes.</summary>
[TestClass]
[RequiresProgram("sh")]
[OSCondition(OperatingSystems.Linux)]
public sealed class ProcessTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "imagetar");

    [TestMethod]
    public void Archives_pass_through_pipes()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["in.tar"], ArchiveBuilder.Docker((ImageBuilder.Small(), ["demo:1"])).ToTar());
        var result = Sh(folder, "imagetar load < in.tar && imagetar save demo:1 | IMAGETAR_STORE=other imagetar load && { imagetar save demo:1; echo end; } > both && tail -c 4 both");
        Assert.AreEqual("Loaded image: demo:1\nLoaded image: demo:1\nend\n|0|", result);
    }

    [TestMethod]
    public void Relative_paths_start_at_the_current_directory()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["sub/in.tar"], ArchiveBuilder.Docker((ImageBuilder.Small(), ["demo:1"])).ToTar());
        Assert.AreEqual("Loaded image: demo:1\n|0|", Sh(folder, "cd sub && imagetar load --store ../else -i in.tar && imagetar --help > /dev/null && test -f ../else/index.json"));
    }

    [TestMethod]
    public void A_mistake_is_a_line_and_an_exit_code()
    {
        using var folder = new TestFolder();
        Assert.AreEqual("|1|imagetar : error ITT3010: ", Sh(folder, "imagetar save nosuch")[..29]);
        Assert.AreEqual("|125|unknown flag: --nosuch\n", Sh(folder, "imagetar save --nosuch x").Split("\n\n")[0] + "\n");
    }

    [TestMethod]
    public void A_pipe_whose_reader_left_ends_it_quietly()
    {
        using var folder = new TestFolder();
        var big = new ImageBuilder().Layer(ImageBuilder.TarOf([("big", new byte[4_000_000])]));
        File.WriteAllBytes(folder["in.tar"], ArchiveBuilder.Docker((big, ["demo:1"])).ToTar());
        Assert.AreEqual("141\n|0|", Sh(folder, "imagetar load -i in.tar > log && { imagetar save demo:1; echo $? > code; } | head -c 1 > part; cat code"));
    }

    [TestMethod]
    [DataRow("INT", 130)]
    [DataRow("TERM", 143)]
    public void A_signal_stops_a_load_and_leaves_nothing(string signal, int code)
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["in.tar"], ArchiveBuilder.Docker((new ImageBuilder().Layer(ImageBuilder.TarOf([("big", new byte[4_000_000])])), ["demo:1"])).ToTar());

        // The input stops midway and stays open for long; more of it comes after the signal, so that the verb looks at its token.
        var result = Sh(folder, $$"""
            mkfifo pipe
            imagetar load < pipe &
            pid=$!
            exec 3> pipe
            head -c 2000000 in.tar >&3
            until ls store/.imagetar 2> /dev/null | grep -q .; do sleep 0.1; done
            sleep 0.5
            kill -{{signal}} $pid
            sleep 0.2
            tail -c +2000001 in.tar >&3 2> /dev/null
            wait $pid
            """);
        Assert.AreEqual($"|{code}|", result);
        Assert.IsEmpty(Directory.EnumerateFiles(folder["store"], "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 100_000));
    }

    /// <summary>Runs a script in the folder; <c>imagetar</c> is the tool, its store is <c>store</c>. The answer is <c>out|code|errors</c>.</summary>
    private static string Sh(TestFolder folder, string script)
    {
        var start = new ProcessStartInfo("sh", ["-c", script])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Program)}:{start.Environment["PATH"]}";
        start.Environment["IMAGETAR_STORE"] = folder["store"];
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the script did not end");
        }

        return $"{output.Result}|{process.ExitCode}|{errors.Result}";
    }
}
