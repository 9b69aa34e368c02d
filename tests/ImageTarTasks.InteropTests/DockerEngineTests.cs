using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

[TestClass]
public sealed class DockerEngineTests
{
    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void An_engine_starts_builds_and_leaves_nothing_behind()
    {
        using var folder = new TestFolder();
        var engine = DockerEngine.Start();
        BuiltImages.Build(engine, folder["context"], "probe:1");
        Assert.AreEqual("probe:1", engine.Inspect("probe:1").GetProperty("RepoTags")[0].GetString());

        engine.Dispose();
        Assert.IsFalse(Directory.Exists(engine.Folder), "its folder is still there");
        Assert.DoesNotContain(engine.Folder, File.ReadAllText("/proc/mounts"));
    }
}
