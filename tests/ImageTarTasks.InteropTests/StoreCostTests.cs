using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>How often verbs open the documents of a store.</summary>
[TestClass, OSCondition(OperatingSystems.Linux)]
public sealed partial class StoreCostTests
{
    private const int Others = 12;

    [TestMethod, RequiresProgram("strace")]
    [DataRow(0, "load", "-i", "app.tar")]
    [DataRow(6, "save", "-o", "out.tar", "app:1")]
    [DataRow(2, "create", "app:1")]
    [DataRow(4, "tag", "app:1", "app:2")]
    [DataRow(2 * (Others + 1), "rmi", "other:1", "other:2")]
    public void A_verb_opens_no_blob_twice_and_none_of_other_images_without_need(int most, params string[] verb)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        var layer = new HandMadeLayer().File("file", "app").ToTar();
        new HandMadeImage("app:1", layer).Write(folder["app.tar"]);
        imagetar.Run("load", "-i", folder["app.tar"]);
        for (var number = 0; number < Others; number++)
        {
            var other = new HandMadeLayer().File("file", $"other {number}").ToTar();
            new HandMadeImage($"other:{number}", other).Write(folder["other.tar"]);
            imagetar.Run("load", "-i", folder["other.tar"]);
        }

        var trace = folder["trace"];
        Programs
            .Try(
                "strace",
                ["-f", "-qq", "-e", "trace=open,openat", "-o", trace, Imagetar.Executable, .. verb],
                new ProgramOptions
                {
                    Folder = folder.Root,
                    Environment = new Dictionary<string, string?>
                    {
                        ["IMAGETAR_STORE"] = imagetar.Store,
                        ["DOTNET_EnableDiagnostics"] = "0",
                    },
                }
            )
            .Succeeds();
        var calls = File.ReadAllText(trace);
        Assert.Contains("index.json", calls, "the trace shows nothing");
        var opened = Blob().Matches(calls).Select(match => match.Value).ToArray();
        Assert.HasCount(opened.Length, opened.Distinct().ToArray(), string.Join('\n', opened.Order()));
        Assert.IsLessThanOrEqualTo(most, opened.Length);
    }

    [GeneratedRegex("blobs/sha256/[0-9a-f]{64}")]
    private static partial Regex Blob();
}
