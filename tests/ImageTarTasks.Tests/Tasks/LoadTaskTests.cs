using System.Text.Json;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>What load tells and takes, through both doors.</summary>
[TestClass]
public sealed class LoadTaskTests : IDisposable
{
    private static readonly ImageBuilder One = ImageBuilder.Of(1, "one");
    private static readonly ImageBuilder Two = ImageBuilder.Of(2, "two");

    private readonly TestFolder _folder = new();

    public LoadTaskTests() =>
        File.WriteAllBytes(
            _folder["in.tar"],
            ArchiveBuilder.Docker((One, ["demo:1", "demo:2"]), (Two, ["demo:3"])).ToTar()
        );

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Json_is_one_document_with_every_image()
    {
        var run = Load("--json");
        Assert.AreEqual("", run.Errors);
        var document = JsonDocument.Parse(run.OutLines.Single()).RootElement;
        Assert.AreEqual(
            (1, "load"),
            (document.GetProperty("schemaVersion").GetInt32(), document.GetProperty("verb").GetString())
        );
        var images = document.GetProperty("images").EnumerateArray().ToArray();
        Assert.HasCount(2, images);
        Assert.AreEqual("""["demo:1","demo:2"]""", images[0].GetProperty("references").GetRawText());
        Assert.AreEqual(One.Id.ToString(), images[0].GetProperty("imageId").GetString());
        Assert.AreEqual("linux/amd64", images[0].GetProperty("platform").GetString());
        Assert.AreEqual(Two.Tars.Sum(tar => tar.Length), images[1].GetProperty("size").GetInt64());
        Assert.AreSequenceEqual(
            Two.DiffIds.Select(id => id.ToString()),
            images[1].GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("diffId").GetString()!)
        );
        var manifest = images[1].GetProperty("manifestDigest").GetString();
        Assert.AreEqual(
            manifest,
            images[1].GetProperty("platforms").EnumerateArray().Single().GetProperty("manifestDigest").GetString()
        );

        var task = new LoadImage
        {
            Store = _folder.Item("build"),
            InputFile = _folder.Item("in.tar"),
            Json = true,
        };
        Assert.AreEqual(run.OutLines.Single(), BuildLog.Of(task).Shown.Single());
        Assert.AreEqual(manifest, task.Images[1].GetMetadata("ManifestDigest"));
    }

    [TestMethod]
    public void Json_of_hostile_text_stays_JSON_and_moves_no_terminal()
    {
        var odd = ImageBuilder.Small().For("linux", "##vso[task.x]\u202e\n");
        File.WriteAllBytes(_folder["in.tar"], ArchiveBuilder.Docker((odd, ["odd:1"])).ToTar());
        var line = Load("--json").OutLines.Single();
        Assert.IsTrue(line.All(unit => unit is >= ' ' and <= '~' and not '#'), line);
        var image = JsonDocument.Parse(line).RootElement.GetProperty("images")[0];
        Assert.Contains("##vso[task.x]\u202e\n", image.GetProperty("platform").GetString()!);
    }

    [TestMethod]
    public void Names_that_change_hands_are_told_in_Dockers_words_or_in_the_document()
    {
        Load("--image", "demo:3", "--tag", "demo:1");
        var kept = Load("--on-conflict", "keep", "--image", "demo:1");
        Assert.AreEqual(
            $"The image demo:1 already exists, keeping it with ID {Two.Id}\nLoaded image ID: {One.Id}\n",
            kept.Out
        );
        var failed = Load("--on-conflict", "fail", "--image", "demo:1", "--json");
        Assert.AreEqual((1, ""), (failed.ExitCode, failed.Out));
        Assert.Contains("error ITT3015", failed.Errors);
        var document = JsonDocument.Parse(Load("--json").Out).RootElement;
        Assert.AreEqual(
            $$"""[{"reference":"demo:1","imageId":"{{Two.Id}}"}]""",
            document.GetProperty("replaced").GetRawText()
        );
        Load("--image", "demo:3", "--tag", "demo:1");
        Assert.AreEqual(
            $"The image demo:1 already exists, renaming the old one with ID {Two.Id} to empty string\n"
                + $"Loaded image: demo:1\n",
            Load("--image", "demo:1").Out
        );
    }

    [TestMethod]
    public void Names_are_those_given_or_none()
    {
        Assert.AreEqual(
            "Loaded image: a:latest\nLoaded image: b:1\n",
            Load("--image", "demo:3", "--tag", "a", "--tag", "b:1").Out
        );
        Assert.AreEqual($"Loaded image ID: {One.Id}\nLoaded image ID: {Two.Id}\n", Load("--no-tags").Out);
        Assert.Contains("ITT1016", Load("--no-tags", "--tag", "a").Errors);
        Assert.Contains("ITT3014", Load("--image", "demo:3", "--tag", "a@sha256:" + new string('a', 64)).Errors);
        Assert.Contains("ITT2227", Load("--tag", "a").Errors);
    }

    [TestMethod]
    public void No_image_gets_the_name_of_a_digest_algorithm()
    {
        Load("--image", "demo:3", "--tag", "a:1");
        var store = _folder["tool"];
        File.WriteAllBytes(_folder["rootfs.tar"], new byte[1024]);
        Assert.AreEqual("", ToolRun.Of(store, "create", "--name", "box", "a:1", "x").Errors);
        Assert.Contains("ITT3014", ToolRun.Of(store, "tag", "a:1", "sha256:1").Errors);
        Assert.Contains("ITT3014", ToolRun.Of(store, "import", _folder["rootfs.tar"], "sha256:1").Errors);
        Assert.Contains("ITT3014", ToolRun.Of(store, "commit", "box", "sha256").Errors);
        Assert.Contains("ITT3014", Load("--image", "demo:3", "--tag", "docker.io/library/sha256:1").Errors);

        var image = ImageBuilder.Small();
        foreach (
            var archive in new[]
            {
                ArchiveBuilder.Docker((image, ["sha256:1"])),
                ArchiveBuilder.Oci((image, "docker.io/library/sha256:1")),
            }
        )
        {
            File.WriteAllBytes(_folder["named.tar"], archive.ToTar());
            Assert.Contains("ITT2222", ToolRun.Of(store, "load", "-i", _folder["named.tar"]).Errors);
        }

        Assert.AreEqual("a:1\n", ToolRun.Of(store, "images", "--format", "{{.Repository}}:{{.Tag}}").Out);
    }

    private ToolRun Load(params string[] options) =>
        ToolRun.Of(_folder["tool"], ["load", "-i", _folder["in.tar"], .. options]);
}
