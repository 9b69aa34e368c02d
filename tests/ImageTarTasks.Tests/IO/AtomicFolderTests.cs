using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.IO;

[TestClass]
public sealed class AtomicFolderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void A_folder_appears_with_the_commit_and_not_before()
    {
        var path = _folder["out"];
        using (var folder = AtomicFolder.Create(path, _ => null))
        {
            Add(folder, "sub/file", "content");
            Assert.IsFalse(Path.Exists(path));
            folder.Commit();
        }

        Assert.AreEqual("content", File.ReadAllText(Path.Combine(path, "sub/file")));
        Assert.AreSequenceEqual([path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void A_folder_may_have_the_longest_name_that_the_file_system_takes()
    {
        var path = _folder[new string('n', 255)];
        using (var folder = AtomicFolder.Create(path, _ => null))
        {
            Add(folder, "sub/file", "content");
            folder.Commit();
        }

        Assert.AreSequenceEqual([path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void The_older_folder_stays_until_the_commit_and_goes_whole()
    {
        var path = _folder["out"];
        File.WriteAllText(_folder["out/older/file"], "older");
        using (var folder = AtomicFolder.Create(path, _ => null))
        {
            Add(folder, "sub/file", "newer");
        }

        Assert.AreEqual("older", File.ReadAllText(_folder["out/older/file"]));
        Assert.AreSequenceEqual([path], Directory.GetFileSystemEntries(_folder.Root));

        using (var folder = AtomicFolder.Create(path + "/", _ => null))
        {
            Add(folder, "sub/file", "newer");
            folder.Commit();
        }

        Assert.AreSequenceEqual([Path.Combine(path, "sub")], Directory.GetFileSystemEntries(path));
        Assert.AreSequenceEqual([path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    public void What_must_stay_stays_even_when_it_came_while_the_folder_was_written()
    {
        var path = _folder["out"];
        File.WriteAllText(_folder["out/precious"], "");
        var error = Assert.ThrowsExactly<ImageTarException>(() => AtomicFolder.Create(path, Refuse));
        Assert.AreEqual("ITT1042", error.Diagnostic.Code);
        Assert.Contains("it is precious", error.Message);
        Assert.AreSequenceEqual([path], Directory.GetFileSystemEntries(_folder.Root));

        var late = _folder["late"];
        using (var folder = AtomicFolder.Create(late, Refuse))
        {
            File.WriteAllText(_folder["late/precious"], "");
            Assert.AreEqual("ITT1042", Assert.ThrowsExactly<ImageTarException>(folder.Commit).Diagnostic.Code);
        }

        Assert.IsTrue(File.Exists(_folder["late/precious"]));

        static string? Refuse(string folder) => File.Exists(Path.Combine(folder, "precious")) ? "it is precious" : null;
    }

    [TestMethod]
    public void A_file_in_its_place_and_a_missing_parent_are_refused()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.AreEqual(
            "ITT1006",
            Assert
                .ThrowsExactly<ImageTarException>(() => AtomicFolder.Create(_folder["file"], _ => null))
                .Diagnostic.Code
        );
        Assert.AreEqual(
            "ITT1006",
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    AtomicFolder.Create(Path.Combine(_folder.Root, "no", "such"), _ => null)
                )
                .Diagnostic.Code
        );
    }

    [TestMethod]
    public void Leftovers_of_killed_runs_go_and_give_back_the_only_version()
    {
        var dead = $".out.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(_folder[$"{dead}/lock"], "");
        File.WriteAllText(_folder[$"{dead}/new/file"], "newer");
        File.WriteAllText(_folder[$"{dead}/old/file"], "older");
        var strange = _folder[".out.strange.tmp"];
        Directory.CreateDirectory(strange);
        using (var alive = AtomicFolder.Create(_folder["out"], _ => null))
        {
            // Killed between the two renames of systems that cannot exchange names: the older version is moved back.
            Assert.AreEqual("older", File.ReadAllText(_folder["out/file"]));
            Assert.IsFalse(Directory.Exists(_folder[dead]));
            using var second = AtomicFolder.Create(_folder["out"], _ => null);
            Add(alive, "file", "alive");
            alive.Commit();
        }

        Assert.AreEqual("alive", File.ReadAllText(_folder["out/file"]));
        Assert.AreSequenceEqual(
            [strange, _folder["out"]],
            Directory.GetFileSystemEntries(_folder.Root).Order(StringComparer.Ordinal)
        );
    }

    [TestMethod]
    public void A_link_to_a_folder_is_followed()
    {
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["link"], _folder["real"]);
        using (var folder = AtomicFolder.Create(_folder["link"], _ => null))
        {
            Add(folder, "file", "content");
            folder.Commit();
        }

        Assert.AreEqual("content", File.ReadAllText(_folder["real/file"]));
        Assert.IsNotNull(new DirectoryInfo(_folder["link"]).LinkTarget);
    }

    private static void Add(AtomicFolder folder, string name, string content)
    {
        if (Path.GetDirectoryName(name) is { Length: > 0 } parent)
        {
            folder.AddFolder(parent);
        }

        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content));
        folder.AddFile(name, stream, CancellationToken.None);
    }
}
