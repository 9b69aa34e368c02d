using System.Text.Json;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>Verifying through both doors.</summary>
[TestClass]
public sealed class VerifyTaskTests : IDisposable
{
    private static readonly ImageBuilder Image = ImageBuilder.Of(2);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_sound_archive_is_told_by_its_images()
    {
        var archive = ArchiveBuilder.Docker((Image, ["demo:1"]), (ImageBuilder.Of(1), null));
        File.WriteAllBytes(_folder["in.tar"], archive.ToTar());
        var lines = $"Verified image: demo:1\nVerified image ID: {ImageBuilder.Of(1).Id}\n";
        Assert.AreEqual((0, lines, ""), Told(ToolRun.Of(_folder["none"], "verify", _folder["in.tar"])));
        using var pipe = new MemoryStream(archive.ToTar());
        Assert.AreEqual(
            (0, lines, ""),
            Told(ToolRun.Of(_folder["none"], new ToolRun.Setting { Input = pipe }, "image", "verify", "-"))
        );
        Assert.AreEqual(
            (0, lines, ""),
            Told(ToolRun.Of(_folder["none"], "verify", archive.ToFolder(_folder["unpacked"])))
        );

        var task = new VerifyArchive { Store = _folder.Item("none"), Archive = _folder.Item("in.tar") };
        Assert.AreSequenceEqual(lines.Trim().Split('\n'), BuildLog.Of(task).Shown);
        Assert.IsEmpty(task.Findings);
        Assert.AreEqual(Image.Id.ToString(), task.Images[0].GetMetadata("ImageId"));
        Assert.IsFalse(Directory.Exists(_folder["none"]));
    }

    [TestMethod]
    public void Findings_are_errors_and_a_document_has_them_all()
    {
        File.WriteAllBytes(
            _folder["in.tar"],
            ArchiveBuilder
                .Docker((Image, ["demo:1"]))
                .Remove($"{Image.DiffIds[0].Digest.Hex}/layer.tar")
                .Add("../up", "")
                .ToTar()
        );
        var run = ToolRun.Of(_folder["none"], "verify", _folder["in.tar"]);
        Assert.AreEqual((1, ""), (run.ExitCode, run.Out));
        Assert.AreSequenceEqual(
            ["ITT2229", "ITT2206"],
            run.Errors.Trim().Split('\n').Select(line => line.Split(" : error ")[1][..7])
        );

        var json = ToolRun.Of(_folder["none"], "verify", "--json", _folder["in.tar"]);
        Assert.AreEqual((1, run.Errors), (json.ExitCode, json.Errors));
        var document = JsonDocument.Parse(json.Out).RootElement;
        Assert.AreEqual("verify", document.GetProperty("verb").GetString());
        Assert.AreEqual(0, document.GetProperty("images").GetArrayLength());
        Assert.AreSequenceEqual(
            ["ITT2229", "ITT2206"],
            document
                .GetProperty("findings")
                .EnumerateArray()
                .Select(finding => finding.GetProperty("code").GetString()!)
        );

        var task = new VerifyArchive { Store = _folder.Item("none"), Archive = _folder.Item("in.tar") };
        Assert.AreSequenceEqual(
            ["ITT2229", "ITT2206"],
            BuildLog.Of(task, succeeds: false).Errors.Select(error => error.Code!)
        );
        Assert.AreSequenceEqual(["ITT2229", "ITT2206"], task.Findings.Select(finding => finding.ItemSpec));
        Assert.Contains("../up", task.Findings[0].GetMetadata("Message"));
    }

    private static (int ExitCode, string Out, string Errors) Told(ToolRun run) => (run.ExitCode, run.Out, run.Errors);
}
