using System.Security.Cryptography;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Many processes on one store, and processes that die.</summary>
[TestClass]
public sealed class ParallelProcessTests
{
    [TestMethod]
    public void Sixteen_processes_that_load_and_tag_at_once_lose_nothing()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        var shared = new HandMadeLayer().File("shared", new string('s', 300_000)).ToTar();
        for (var number = 0; number < 8; number++)
        {
            new HandMadeImage(
                $"many:{number}",
                shared,
                new HandMadeLayer().File("own", $"image {number}").ToTar()
            ).Write(folder[$"{number}.tar"]);
        }

        imagetar.Run("load", "-i", folder["0.tar"]);
        Parallel.For(
            0,
            16,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            number =>
            {
                if (number < 8)
                {
                    imagetar.Run("load", "-i", folder[$"{number}.tar"]);
                }
                else
                {
                    imagetar.Run("tag", "many:0", $"tagged:{number}");
                }
            }
        );

        var names = imagetar
            .Run("images")
            .Lines.Skip(1)
            .Select(line => string.Join(':', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]))
            .Order(StringComparer.Ordinal);
        CollectionAssert.AreEqual(
            Enumerable
                .Range(0, 8)
                .Select(number => $"many:{number}")
                .Concat(Enumerable.Range(8, 8).Select(number => $"tagged:{number}"))
                .Order(StringComparer.Ordinal)
                .ToArray(),
            names.ToArray()
        );
        Assert.HasCount(8, imagetar.Run("images", "-q", "--no-trunc").Lines.Distinct());
        AssertSound(imagetar);
        Parallel.For(0, 8, number => imagetar.Run("save", "-o", folder[$"out{number}.tar"], $"many:{number}"));
    }

    [TestMethod]
    public void A_load_killed_anywhere_leaves_a_sound_store_and_the_next_run_clears_up()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        new HandMadeImage("kept:1", OddLayers.Agreed()).Write(folder["kept.tar"]);
        imagetar.Run("load", "-i", folder["kept.tar"]);
        var before = imagetar.Content();
        new HandMadeImage("large:1", [.. Enumerable.Range(0, 4).Select(Noise)]).Write(folder["large.tar"]);

        var killed = 0;
        for (var part = 0; part < 6; part++)
        {
            // The archive comes through a pipe that stops half way: at the kill the load is surely in the middle.
            using var process = imagetar.Start(["load"]);
            using (var source = File.OpenRead(folder["large.tar"]))
            {
                var bytes = new byte[source.Length * (part + 1) / 7];
                source.ReadExactly(bytes);
                process.StandardInput.BaseStream.Write(bytes);
                process.StandardInput.BaseStream.Flush();
            }

            Thread.Sleep(50);
            process.Kill();
            process.WaitForExit();
            killed += process.ExitCode == 137 ? 1 : 0;
            CollectionAssert.AreEqual(before.ToArray(), imagetar.Content().ToArray(), $"after the kill at part {part}");
        }

        Assert.AreEqual(6, killed, "a load ended before it was killed");
        imagetar.Run("load", "-i", folder["large.tar"]);
        AssertSound(imagetar);
        Assert.HasCount(3, imagetar.Run("images").Lines);
        AssertNoLeftovers(imagetar, folder);
    }

    private static byte[] Noise(int seed)
    {
        var text = new char[6_000_000];
        var random = new Random(seed);
        for (var index = 0; index < text.Length; index++)
        {
            text[index] = (char)('a' + random.Next(26));
        }

        return new HandMadeLayer().File($"noise{seed}", new string(text)).ToTar();
    }

    /// <summary>Every blob is what its name says, and every image can be read to its end.</summary>
    private static void AssertSound(Imagetar imagetar)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(imagetar.Store, "blobs", "sha256")))
        {
            using var stream = File.OpenRead(file);
            Assert.AreEqual(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(stream)));
        }

        foreach (var id in imagetar.Run("images", "-q", "--no-trunc").Lines.Distinct())
        {
            Assert.AreNotEqual(0, imagetar.Run("save", id).Bytes.Length);
        }
    }

    /// <summary>
    /// The private folder holds no more than that of a store with the same images that nobody was killed in.
    /// </summary>
    private static void AssertNoLeftovers(Imagetar imagetar, TestFolder folder)
    {
        var clean = new Imagetar(folder["clean"]);
        clean.Run("load", "-i", folder["kept.tar"]);
        clean.Run("load", "-i", folder["large.tar"]);
        CollectionAssert.AreEqual(PrivateFiles(clean), PrivateFiles(imagetar));
    }

    private static string[] PrivateFiles(Imagetar imagetar) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(imagetar.Store, ".imagetar"), "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(imagetar.Store, file))
                .Order(StringComparer.Ordinal),
        ];
}
