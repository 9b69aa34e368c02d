using System.Runtime.Versioning;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.IO;

[TestClass]
public sealed class AtomicFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_file_appears_with_the_commit_and_not_before()
    {
        var path = _folder["out.tar"];
        using (var file = AtomicFile.Create(path))
        {
            file.Stream.Write(Samples.Content(300_000));
            file.Stream.WriteByte(7);
            Assert.AreEqual(300_001, file.Stream.Position);
            Assert.IsFalse(File.Exists(path));
            file.Commit();
        }

        ByteAssert.AreEqual(Samples.Join(Samples.Content(300_000), [7]), File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void A_file_that_is_not_committed_leaves_nothing_and_the_older_one_stays()
    {
        var path = _folder["out.tar"];
        File.WriteAllText(path, "older");
        using (var file = AtomicFile.Create(path))
        {
            file.Stream.Write(Samples.Content(300_000));
        }

        Assert.AreEqual("older", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_folder.Root));

        using (var file = AtomicFile.Create(path))
        {
            file.Stream.Write("newer"u8);
            file.Commit();
        }

        Assert.AreEqual("newer", File.ReadAllText(path));
    }

    [TestMethod]
    public void Leftovers_of_killed_runs_go_and_those_of_living_runs_and_other_files_stay()
    {
        var path = _folder["out.tar"];
        var dead = _folder[".out.tar.00000000000000000000000000000001.tmp"];
        string[] others =
        [
            _folder[".out.tar.not-a-guid.tmp"],
            _folder[".other.tar.00000000000000000000000000000001.tmp"],
            _folder["out.tar.00000000000000000000000000000001.tmp"],
            _folder[".out.tar.00000000000000000000000000000001"],
        ];
        foreach (var file in others.Append(dead))
        {
            File.WriteAllText(file, "");
        }

        using var first = AtomicFile.Create(path);
        Assert.IsFalse(File.Exists(dead));
        Assert.IsTrue(others.All(File.Exists));

        first.Stream.Write("first"u8);
        using (var second = AtomicFile.Create(path))
        {
            second.Stream.Write("second"u8);
            first.Commit();
            Assert.AreEqual("first", File.ReadAllText(path));
            second.Commit();
        }

        Assert.AreEqual("second", File.ReadAllText(path));
        Assert.HasCount(others.Length + 1, Directory.GetFiles(_folder.Root));
    }

    [TestMethod]
    public void Names_may_be_as_long_as_the_file_system_allows()
    {
        var path = _folder[new string('n', 255)];
        using var file = AtomicFile.Create(path);
        file.Commit();
        Assert.IsTrue(File.Exists(path));
    }

    [TestMethod]
    public void A_rename_that_fails_is_told_and_leaves_nothing()
    {
        var path = _folder["out.tar"];
        using (var file = AtomicFile.Create(path))
        {
            file.Stream.Write("newer"u8);
            Directory.CreateDirectory(path);
            Assert.AreEqual("ITT1006", Assert.ThrowsExactly<ImageTarException>(file.Commit).Diagnostic.Code);
        }

        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void Outputs_that_cannot_be_are_refused_with_path_and_reason()
    {
        Directory.CreateDirectory(_folder["folder"]);
        Refused(_folder["folder"], "it is a folder");
        Refused(_folder["new"] + Path.DirectorySeparatorChar, "it is a folder");
        Refused(Path.Combine(_folder.Root, "missing", "out.tar"), "its folder does not exist");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Devices_and_pipes_are_not_replaced_by_files()
    {
        Refused("/dev/null", "it is a device or a pipe, not a file");
        File.CreateSymbolicLink(_folder["link"], "/dev/null");
        Refused(_folder["link"], "it is a device or a pipe, not a file");
        Samples.Run("mkfifo", _folder["pipe"], []);
        Refused(_folder["pipe"], "it is a device or a pipe, not a file");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_without_permission_is_refused()
    {
        // Modes bind no one who is root; the kernel's own tree does.
        var folder = Environment.IsPrivilegedProcess
            ? "/sys"
            : Directory.CreateDirectory(_folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        Refused(Path.Combine(folder, "out.tar"), "denied");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [UnsupportedOSPlatform("windows")]
    public void Links_are_followed_and_the_mode_is_that_of_any_new_file()
    {
        File.WriteAllText(_folder["real/old.tar"], "older");
        File.WriteAllText(_folder["ordinary"], "");
        File.CreateSymbolicLink(_folder["link.tar"], Path.Combine("real", "old.tar"));
        using var file = AtomicFile.Create(_folder["link.tar"]);
        file.Stream.Write("newer"u8);
        file.Commit();

        Assert.IsNotNull(new FileInfo(_folder["link.tar"]).LinkTarget);
        Assert.AreEqual("newer", File.ReadAllText(_folder["real/old.tar"]));
        Assert.AreEqual(File.GetUnixFileMode(_folder["ordinary"]), File.GetUnixFileMode(_folder["real/old.tar"]));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Syncing_a_folder_that_is_missing_says_so()
    {
        DurableFileSystem.SyncDirectory(_folder.Root);
        var failure = Assert.ThrowsExactly<IOException>(() =>
            DurableFileSystem.SyncDirectory(Path.Combine(_folder.Root, "missing"))
        );
        StringAssert.Contains(failure.Message, "No such file or directory");
    }

    [TestMethod]
    public void A_rename_replaces_the_file_that_has_the_name()
    {
        File.WriteAllText(_folder["from"], "new");
        File.WriteAllText(_folder["to"], "old");

        DurableFileSystem.Rename(_folder["from"], _folder["to"]);

        Assert.AreEqual("new", File.ReadAllText(_folder["to"]));
        Assert.IsFalse(File.Exists(_folder["from"]));
    }

    private void Refused(string path, string reason)
    {
        var entries = Directory.GetFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories);
        var failure = Assert.ThrowsExactly<ImageTarException>(() => AtomicFile.Create(path)).Diagnostic;
        Assert.AreEqual("ITT1006", failure.Code);
        Assert.AreEqual(path, failure.File);
        StringAssert.Contains(failure.Message, reason, StringComparison.Ordinal);
        Assert.HasCount(entries.Length, Directory.GetFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories));
    }
}
