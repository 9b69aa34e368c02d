using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>What loading and verifying a large image takes: little memory, and no place but the store.</summary>
[TestClass]
public sealed class LoadCostTests
{
    private const long MaxMemory = 120_000_000;

    [TestMethod, OSCondition(OperatingSystems.Linux)]
    [DataRow(true)]
    [DataRow(false)]
    public void Memory_stays_small_however_large_the_image(bool compressed)
    {
        using var folder = new TestFolder();
        LargeImage.Write(folder["large.tar"], compressed);
        var imagetar = new Imagetar(folder["store"]);
        foreach (string[] verb in new[] { new[] { "load" }, ["verify", "-"] })
        {
            var run = imagetar.Try(verb, new ProgramOptions { InputFile = folder["large.tar"] }).Succeeds();
            Assert.Contains("large:1", run.Output);
            Assert.IsGreaterThan(1_000_000, run.PeakMemory, "nothing was measured");
            Assert.IsLessThan(MaxMemory, run.PeakMemory, verb[0]);
        }
    }

    [TestMethod, OSCondition(OperatingSystems.Linux), RequiresProgram("strace")]
    public void A_load_writes_nowhere_but_into_the_store_and_a_verification_nowhere()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        var verified = FileTrace.ChangesOutside([], imagetar, ["verify", "-"], folder["odd.tar"]);
        Assert.IsEmpty(verified, string.Join('\n', verified));
        Assert.IsFalse(Directory.Exists(folder["store"]));
        var loaded = FileTrace.ChangesOutside([folder["store"]], imagetar, ["load"], folder["odd.tar"]);
        Assert.IsEmpty(loaded, string.Join('\n', loaded));
        Assert.ContainsSingle(imagetar.Run("images", "-q").Lines);
    }

    [TestMethod, OSCondition(OperatingSystems.Linux), RequiresProgram("strace")]
    public void A_layer_the_store_has_is_passed_over_by_seeking()
    {
        using var folder = new TestFolder();
        LargeImage.Write(folder["large.tar"], compressed: false);
        var imagetar = new Imagetar(folder["store"]);
        imagetar.Run("load", "-i", folder["large.tar"]);
        imagetar.Run("save", "-o", folder["saved.tar"], "large:1");
        var trace = Programs
            .Try(
                "strace",
                [
                    "-f",
                    "-qq",
                    "-e",
                    "trace=read,pread64,readv,preadv",
                    "-P",
                    folder["saved.tar"],
                    "-o",
                    folder["trace"],
                    Imagetar.Executable,
                    "load",
                    "-i",
                    folder["saved.tar"],
                ],
                new ProgramOptions
                {
                    Environment = new Dictionary<string, string?> { ["IMAGETAR_STORE"] = imagetar.Store },
                }
            )
            .Succeeds();
        Assert.Contains("large:1", trace.Output);
        var read = File.ReadLines(folder["trace"])
            .Select(line => line[(line.LastIndexOf('=') + 1)..].Trim())
            .Where(number => long.TryParse(number, out _))
            .Sum(long.Parse);
        Assert.IsGreaterThan(1000, read, "the trace shows nothing");
        Assert.IsLessThan(2_000_000, read);
    }
}
