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
        var result = Sh(
            folder,
            "imagetar load < in.tar && imagetar save demo:1 | IMAGETAR_STORE=other imagetar load && "
                + "{ imagetar save demo:1; echo end; } > both && tail -c 4 both"
        );
        Assert.AreEqual("Loaded image: demo:1\nLoaded image: demo:1\nend\n|0|", result);
    }

    [TestMethod]
    public void Relative_paths_start_at_the_current_directory()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["sub/in.tar"], ArchiveBuilder.Docker((ImageBuilder.Small(), ["demo:1"])).ToTar());
        Assert.AreEqual(
            "Loaded image: demo:1\n|0|",
            Sh(
                folder,
                "cd sub && imagetar load --store ../else -i in.tar && imagetar --help > /dev/null && "
                    + "test -f ../else/index.json"
            )
        );
    }

    [TestMethod]
    public void A_mistake_is_a_line_and_an_exit_code()
    {
        using var folder = new TestFolder();
        Assert.AreEqual("|1|imagetar : error ITT3010: ", Sh(folder, "imagetar save nosuch")[..29]);
        Assert.AreEqual(
            "|125|unknown flag: --nosuch\n",
            Sh(folder, "imagetar save --nosuch x").Split("\n\n")[0] + "\n"
        );
    }

    [TestMethod]
    public void A_pipe_whose_reader_left_ends_it_quietly()
    {
        using var folder = new TestFolder();
        var big = new ImageBuilder().Layer(ImageBuilder.TarOf([("big", new byte[4_000_000])]));
        File.WriteAllBytes(folder["in.tar"], ArchiveBuilder.Docker((big, ["demo:1"])).ToTar());
        Assert.AreEqual(
            "141\n|0|",
            Sh(
                folder,
                "imagetar load -i in.tar > log && { imagetar save demo:1; echo $? > code; } | head -c 1 "
                    + "> part; cat code"
            )
        );
    }

    [TestMethod]
    [DataRow("INT", 130)]
    [DataRow("TERM", 143)]
    public void A_signal_stops_a_load_and_leaves_nothing(string signal, int code)
    {
        using var folder = new TestFolder();
        var archive = BigArchive();
        using var load = StartLoad(folder, archive);
        Signal(load, signal);

        // More input comes after the signal, in pieces, so that the signal arrives before the end does: the verb looks
        // at its token, undoes what it began and ends.
        try
        {
            foreach (var piece in archive[(archive.Length / 2)..].Chunk(4096).TakeWhile(_ => !load.HasExited))
            {
                load.StandardInput.BaseStream.Write(piece);
                load.StandardInput.BaseStream.Flush();
                Thread.Sleep(5);
            }

            load.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has gone already.
        }

        Assert.AreEqual("", load.StandardError.ReadToEnd());
        Assert.IsTrue(load.WaitForExit(TimeSpan.FromMinutes(1)));
        Assert.AreEqual(code, load.ExitCode);
        Assert.IsEmpty(
            Directory
                .EnumerateFiles(folder["store"], "*", SearchOption.AllDirectories)
                .Where(f => new FileInfo(f).Length > 100_000)
        );
    }

    [TestMethod]
    public void A_signal_stops_a_load_whose_input_does_not_go_on()
    {
        using var folder = new TestFolder();
        using var load = StartLoad(folder, BigArchive());
        Signal(load, "INT");
        Assert.IsTrue(load.WaitForExit(TimeSpan.FromMinutes(1)));
        Assert.AreEqual(130, load.ExitCode);
        Assert.AreEqual("", load.StandardOutput.ReadToEnd());
    }

    private static byte[] BigArchive() =>
        ArchiveBuilder
            .Docker((new ImageBuilder().Layer(ImageBuilder.TarOf([("big", new byte[4_000_000])])), ["demo:1"]))
            .ToTar();

    /// <summary>A load that has read half of an archive; its input stays open.</summary>
    private static Process StartLoad(TestFolder folder, byte[] archive)
    {
        // A shell's background job ignores SIGINT, and so would all it starts: env gives it back.
        string[] command = IgnoresInterrupt() ? ["env", "--default-signal=INT", Program, "load"] : [Program, "load"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["IMAGETAR_STORE"] = folder["store"];
        var load = Process.Start(start)!;

        // A pipe holds 64 KiB: when this returns, the verb has read the rest of it.
        load.StandardInput.BaseStream.Write(archive.AsSpan(0, archive.Length / 2));
        load.StandardInput.BaseStream.Flush();
        return load;
    }

    private static bool IgnoresInterrupt()
    {
        const ulong Interrupt = 1UL << (2 - 1);
        var ignored = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
            .Split('\t')[1];
        return (Convert.ToUInt64(ignored, 16) & Interrupt) != 0;
    }

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start(
            "kill",
            [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
        );
        kill.WaitForExit();
    }

    /// <summary>
    /// Runs a script in the folder; <c>imagetar</c> is the tool, its store is <c>store</c>. The answer is
    /// <c>out|code|errors</c>.
    /// </summary>
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
