using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Archives;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.IO;

/// <summary>
/// Large layers of a file are staged side by side, those of a pipe one after another; nobody can tell which it was.
/// </summary>
[TestClass]
public sealed class OrderedParallelTests
{
    private static readonly ImageBuilder Image = Large();

    [TestMethod]
    [DataRow(CompressionKind.None)]
    [DataRow(CompressionKind.Gzip)]
    [DataRow(CompressionKind.Zstd)]
    public void A_file_a_folder_and_a_pipe_give_the_same_store(CompressionKind compression)
    {
        var image = Large().Compressed(compression);
        foreach (
            var archive in new[]
            {
                ArchiveBuilder.Docker((image, ["a:1"])),
                ArchiveBuilder.Hybrid(image, "a:1"),
                ArchiveBuilder.Oci((image, "docker.io/library/a:1")),
            }
        )
        {
            using var file = new LoadingFixture();
            using var folder = new LoadingFixture();
            using var pipe = new LoadingFixture();
            LoadFile(file, archive.ToTar());
            folder.Load(
                new ArchiveInput { DisplayName = "layout", Folder = archive.ToFolder(folder.Folder["layout"]) }
            );
            pipe.Load(archive);
            CollectionAssert.AreEqual(Content(pipe), Content(file));
            CollectionAssert.AreEqual(Content(pipe), Content(folder));
        }
    }

    [TestMethod]
    public void The_same_layer_several_times_is_kept_once()
    {
        var tar = ImageBuilder.TarOf([("same", new string('s', 2_000_000))]);
        var image = new ImageBuilder().Layer(tar).Layer(("between", new string('b', 1_500_000))).Layer(tar).Layer(tar);
        using var fixture = new LoadingFixture();
        LoadFile(fixture, ArchiveBuilder.Docker((image, ["a:1"])).ToTar());
        Assert.AreEqual(
            4,
            Directory.GetFiles(Path.Combine(fixture.Store.Root, "blobs", "sha256")).Length,
            "two layers, configuration, manifest"
        );
        Assert.HasCount(4, fixture.Store.Find("a:1").Image!.Layers);
    }

    [TestMethod]
    public void An_archive_that_is_cut_or_damaged_anywhere_is_refused_with_the_same_words()
    {
        var whole = ArchiveBuilder.Docker((Image, ["a:1"])).ToTar();
        foreach (
            var at in Enumerable
                .Range(1, 12)
                .Select(part => (int)((long)whole.Length * part / 13) / 512 * 512)
                .Append(300)
        )
        {
            using var fixture = new LoadingFixture();
            byte[][] faulty =
            [
                whole[..at],
                whole[..(at + 100)],
                [.. whole[..at], .. new byte[] { 1, 2, 3, 4, 5 }, .. whole[(at + 5)..]],
            ];
            foreach (var bytes in faulty)
            {
                var pipe = fixture.Refuse(bytes).Diagnostic;
                var file = WithFile(fixture, bytes, fixture.Refuse).Diagnostic;
                Assert.AreEqual((pipe.Code, pipe.Message), (file.Code, file.Message), $"at {at}");
            }
        }
    }

    [TestMethod]
    public void What_comes_of_it_is_told_in_order_and_the_first_failure_in_order_is_thrown()
    {
        using var queue = new OrderedParallel<long>(3, CancellationToken.None);
        using var second = new ManualResetEventSlim();
        var added = new List<long>();
        queue.Begin(_ => Wait(second, 1), added.Add);
        queue.Begin(_ => Set(second, 2), added.Add);
        queue.CompleteAll();
        CollectionAssert.AreEqual(new long[] { 1, 2 }, added);

        second.Reset();
        queue.Begin(_ => Wait(second, 3), added.Add);
        queue.Begin(_ => throw new InvalidDataException("first"), _ => Assert.Fail("it failed"));
        queue.Begin(
            _ => Set(second, 4) is var _ ? throw new InvalidDataException("second") : 5L,
            _ => Assert.Fail("it failed")
        );
        Assert.AreEqual("first", Assert.ThrowsExactly<InvalidDataException>(queue.CompleteAll).Message);
        CollectionAssert.AreEqual(new long[] { 1, 2, 3 }, added);
    }

    [TestMethod]
    public void Disposing_stops_what_is_still_at_work_and_waits_for_it()
    {
        var ended = 0;
        using (var queue = new OrderedParallel<long>(4, CancellationToken.None))
        {
            for (var i = 0; i < 4; i++)
            {
                queue.Begin(
                    stop =>
                    {
                        stop.WaitHandle.WaitOne();
                        Interlocked.Increment(ref ended);
                        throw new OperationCanceledException(stop);
                    },
                    _ => Assert.Fail("it was stopped")
                );
            }
        }

        Assert.AreEqual(4, ended);
    }

    private static ImageBuilder Large()
    {
        var image = new ImageBuilder();
        for (var i = 0; i < 6; i++)
        {
            var random = new Random(i);
            image.Layer(
                (
                    $"file{i}",
                    new string([
                        .. Enumerable.Range(0, 1_200_000 + (i * 100_000)).Select(_ => (char)random.Next(32, 127)),
                    ])
                ),
                ($"small{i}", "s")
            );
        }

        return image;
    }

    private static long Wait(ManualResetEventSlim signal, long number)
    {
        Assert.IsTrue(signal.Wait(TimeSpan.FromMinutes(1)), "they do not run side by side");
        return number;
    }

    private static long Set(ManualResetEventSlim signal, long number)
    {
        signal.Set();
        return number;
    }

    private static void LoadFile(LoadingFixture fixture, byte[] archive) => WithFile(fixture, archive, fixture.Load);

    private static T WithFile<T>(LoadingFixture fixture, byte[] archive, Func<ArchiveInput, LoadOptions?, T> act)
    {
        // The name in messages is that of the pipe.
        File.WriteAllBytes(fixture.Folder["archive.tar"], archive);
        using var file = new FileStream(fixture.Folder["archive.tar"], FileMode.Open, FileAccess.Read);
        return act(new ArchiveInput { DisplayName = "a.tar", Stream = file }, null);
    }

    private static string[] Content(LoadingFixture fixture) =>
        [
            .. Directory
                .EnumerateFiles(fixture.Store.Root, "*", SearchOption.AllDirectories)
                .Where(path => !path.Contains(".imagetar/lock", StringComparison.Ordinal))
                .Select(path =>
                    $"{Path.GetRelativePath(fixture.Store.Root, path)} {Digest.Of(File.ReadAllBytes(path))}"
                )
                .Order(StringComparer.Ordinal),
        ];
}
