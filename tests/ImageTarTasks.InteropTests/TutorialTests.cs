using System.Security.Cryptography;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// The well-known walk through save, load, export and import, word for word, with imagetar in docker's place.
/// </summary>
[TestClass]
public sealed class TutorialTests
{
    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void The_tutorial_word_for_word()
    {
        using var folder = new TestFolder();
        using var fresh = DockerEngine.Start();
        var imagetar = new Imagetar(folder["store"]);
        BuiltImages.Build(SharedEngine.Get(), folder["context"], "ubuntu:latest");
        SharedEngine.Get().Run("save", "-o", folder["built.tar"], "ubuntu");
        fresh.Run("load", "-i", folder["built.tar"]);
        Assert.AreEqual("Loaded image: ubuntu:latest\n", imagetar.Run("load", "-i", folder["built.tar"]).Output);
        ProgramResult Here(params string[] arguments) =>
            imagetar.Try(arguments, new ProgramOptions { Folder = folder.Root }).Succeeds();

        // docker save -o ubuntu.tar ubuntu
        Assert.AreEqual("", Here("save", "-o", "ubuntu.tar", "ubuntu").Output);
        // docker rmi ubuntu
        CollectionAssert.AreEqual(fresh.Run("rmi", "ubuntu").Lines, Here("rmi", "ubuntu").Lines);
        Assert.HasCount(1, Here("images").Lines);
        // docker load -i ubuntu.tar
        Assert.AreEqual("Loaded image: ubuntu:latest\n", Here("load", "-i", "ubuntu.tar").Output);
        fresh.Run("load", "-i", folder["ubuntu.tar"]);
        // docker image history ubuntu
        var history = Table(Here("image", "history", "ubuntu"));
        CollectionAssert.AreEqual(Table(fresh.Run("image", "history", "ubuntu")), history);
        Assert.HasCount(15, history);
        CollectionAssert.AreEqual(
            Table(fresh.Run("image", "history", "--no-trunc", "ubuntu")),
            Table(Here("image", "history", "--no-trunc", "ubuntu"))
        );
        // docker images
        CollectionAssert.AreEqual(Table(fresh.Run("images")), Table(Here("images")));

        // docker create, docker export > box.tar
        var container = Here("create", "--name", "box", "ubuntu").Output.Trim();
        Assert.AreEqual(64, container.Length);
        StringAssert.StartsWith(Here("ps", "-a").Lines[1], container[..12]);
        imagetar.Try(["export", "box"], new ProgramOptions { OutputFile = folder["box.tar"] }).Succeeds();
        // docker import box.tar box:flat
        var id = Here("import", "box.tar", "box:flat").Output.Trim();
        var flat = imagetar.Inspect("box:flat");
        Assert.AreEqual(id, flat.GetProperty("Id").GetString());
        using (var tar = File.OpenRead(folder["box.tar"]))
        {
            Assert.AreEqual(
                "sha256:" + Convert.ToHexStringLower(SHA256.HashData(tar)),
                flat.GetProperty("RootFS").GetProperty("Layers").EnumerateArray().Single().GetString()
            );
        }

        // An export has no history and one layer: that is the difference the tutorial is about.
        Assert.HasCount(2, Here("history", "box:flat").Lines);
        CollectionAssert.AreEquivalent(
            new[] { "box:flat", "ubuntu:latest" },
            Table(Here("images")).Skip(1).Select(row => string.Join(':', row.Split('|')[..2])).ToArray()
        );
        Assert.AreEqual("box\n", Here("rm", "box").Output);
        Assert.HasCount(1, Here("ps", "-a").Lines);
    }

    /// <summary>The rows of a table as "cell|cell|...", without the column of ages, which a second changes.</summary>
    private static string[] Table(ProgramResult result)
    {
        var lines = result.Lines;
        var starts = new List<int>();
        for (var column = 0; column < lines[0].Length; column++)
        {
            if (
                lines[0][column] != ' '
                && (column == 0 || (column > 2 && lines[0].AsSpan(column - 3, 3).SequenceEqual("   ")))
            )
            {
                starts.Add(column);
            }
        }

        return [.. lines.Select(line => string.Join('|', Cells(line, starts, lines[0])))];
    }

    private static IEnumerable<string> Cells(string line, List<int> starts, string header)
    {
        for (var column = 0; column < starts.Count; column++)
        {
            var end = column + 1 < starts.Count ? starts[column + 1] : line.Length;
            if (
                !header.AsSpan(starts[column]).StartsWith("CREATED ")
                || header.AsSpan(starts[column]).StartsWith("CREATED BY")
            )
            {
                yield return line[Math.Min(starts[column], line.Length)..Math.Min(end, line.Length)].Trim();
            }
        }
    }
}
