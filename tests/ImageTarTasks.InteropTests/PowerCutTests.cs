using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Checking;
using ImageTarTasks.Core.Store.Collecting;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// The power fails after each operation of a verb. strace records the operations; each prefix of them is replayed onto a
/// copy of the store as a disk may have kept it, with everything that was not synced lost, or kept in another order.
/// </summary>
[TestClass, OSCondition(OperatingSystems.Linux)]
public sealed class PowerCutTests
{
    [TestMethod, RequiresProgram("strace")]
    [DataRow("load", "-q", "-i", "more.tar")]
    [DataRow("import", "root.tar", "more:1")]
    [DataRow("tag", "app:1", "more:1")]
    [DataRow("rmi", "app:spare")]
    [DataRow("create", "--name", "two", "app:1")]
    [DataRow("cp", "root.tar", "one:/file")]
    [DataRow("commit", "one", "more:1")]
    [DataRow("rename", "one", "two")]
    [DataRow("rm", "one")]
    [DataRow("image", "prune", "-af")]
    [DataRow("system", "prune", "-af")]
    public void After_a_power_cut_the_store_is_sound_and_what_was_reported_is_there(params string[] verb)
    {
        using var trial = new StoreTrial();
        var prepared = Names(trial.Prepared);
        trial.Begin();
        trial.Trace(["-y", "-s", "100000000", "-e", "trace=" + OperationLog.Calls], verb).Succeeds();
        var operations = OperationLog.Read(trial.TraceFile, trial.Imagetar.Store);
        var done = Names(trial.Imagetar.Store);
        Assert.AreNotEqual(prepared, done);
        Assert.IsGreaterThan(3, operations.Count);
        var states = 0;
        var hasSteps = verb[0] == "system";
        var power = new LostPower(trial.Prepared);
        for (var cut = 0; cut <= operations.Count; cut++)
        {
            if (cut > 0)
            {
                power.Apply(operations[cut - 1]);
            }

            foreach (var disk in Enum.GetValues<Disk>())
            {
                var root = trial.Folder[$"cut{states++}"];
                power.Write(root, disk);
                var store = ImageStore.OpenReadOnly(root, SilentReporter.Instance);
                var check = store.Check(new StoreCheckOptions(), CancellationToken.None);
                var names = Names(root);
                var what =
                    $"{disk}, cut after {cut} of {operations.Count}: {operations.ElementAtOrDefault(cut - 1)}\n{names}\n"
                    + string.Join('\n', check.Findings.Select(finding => finding.Problem.Format("error")));

                // What is made from layers is not synced, because it can be made again. It may be damaged, or still
                // there when its layer is not.
                Assert.IsTrue(check.Findings.All(finding => finding.Problem.Code is "ITT3063" or "ITT3064"), what);
                Assert.IsTrue(names == done || (cut < operations.Count && (names == prepared || hasSteps)), what);

                if (disk == Disk.KeepsNames)
                {
                    // The next change works, and what the power cut left of the last one goes.
                    var next = ImageStore.Open(root, SilentReporter.Instance);
                    next.PruneImages(new ImagePruneOptions());
                    Assert.IsEmpty(Directory.GetDirectories(Path.Combine(root, ".imagetar/sessions")), what);
                }

                Directory.Delete(root, recursive: true);
            }
        }

        Assert.IsGreaterThan(12, states);
    }

    /// <summary>Names of images and containers, without the random IDs.</summary>
    private static string Names(string root)
    {
        var store = ImageStore.OpenReadOnly(root, SilentReporter.Instance);
        var images = store.List().Select(image => $"{image.Target.Digest} {string.Join(' ', image.References)}");
        var containers = store.Containers().Select(container => $"{container.Name} {container.Layers.Count}");
        return string.Join('\n', images.Order(StringComparer.Ordinal).Concat(containers.Order(StringComparer.Ordinal)));
    }
}
