using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>What a save of a large image takes: little memory, and no place but the store and the output.</summary>
[TestClass]
public sealed class SaveCostTests
{
    private const long MaxMemory = 120_000_000;

    [TestMethod, OSCondition(OperatingSystems.Linux)]
    [DataRow("--layer-compression", "none")]
    [DataRow("--layer-compression", "zstd")]
    [DataRow("--layer-compression", "none", "--compression", "zstd:1")]
    [DataRow("--layer-compression", "gzip:1", "--format", "oci")]
    public void Memory_stays_small_however_large_the_image(params string[] options)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        LargeImage.Write(folder["large.tar"], compressed: true);
        var load = imagetar.Try(["load"], new ProgramOptions { InputFile = folder["large.tar"] }).Succeeds();
        Assert.IsLessThan(MaxMemory, load.PeakMemory, "load");
        var save = imagetar
            .Try(["save", .. options, "large:1"], new ProgramOptions { DiscardOutput = true })
            .Succeeds();
        Assert.IsGreaterThan(1_000_000, save.PeakMemory, "nothing was measured");
        Assert.IsLessThan(MaxMemory, save.PeakMemory, $"{save.PeakMemory} bytes");
    }

    [TestMethod, OSCondition(OperatingSystems.Linux), RequiresProgram("strace")]
    [DataRow("docker", "gzip", null)]
    [DataRow("oci", "zstd", "zstd")]
    [DataRow("docker", "none", "gzip")]
    [DataRow("oci-dir", "zstd", null)]
    public void No_file_is_written_outside_the_store_and_the_output(string format, string layers, string? compression)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("odd:1", OddLayers.Agreed()).Write(folder["odd.tar"]);
        imagetar.Run("load", "-i", folder["odd.tar"]);
        Directory.CreateDirectory(folder["output"]);
        var outside = FileTrace.ChangesOutside(
            [folder["store"], folder["output"]],
            imagetar,
            [
                "save",
                "--format",
                format,
                "--layer-compression",
                layers,
                .. compression is null ? Array.Empty<string>() : ["--compression", compression],
                "-o",
                folder["output/a"],
                "odd:1",
            ]
        );
        Assert.IsEmpty(outside, string.Join('\n', outside));
    }
}
