using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using static ImageTarTasks.Tests.IO.Samples;

namespace ImageTarTasks.Tests.IO;

/// <summary>What is written is read by everybody, and depends on the content and the level alone.</summary>
[TestClass]
public class EncoderTests
{
    private const int BlockSize = 1024 * 1024;

    private static readonly int[] Sizes =
    [
        0,
        1,
        1000,
        BlockSize - 1,
        BlockSize,
        BlockSize + 1,
        (5 * BlockSize) + 12345,
    ];

    [TestMethod]
    [RequiresProgram("gzip")]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(6)]
    [DataRow(9)]
    public void Gzip_is_read_by_gzip(int level) => IsReadBy("gzip", "-dc", CompressionKind.Gzip, level);

    [TestMethod]
    [RequiresProgram("pigz")]
    public void Gzip_is_read_by_pigz() => IsReadBy("pigz", "-dc", CompressionKind.Gzip, 6);

    [TestMethod]
    [RequiresProgram("python3")]
    public void Gzip_is_one_member() =>
        IsReadBy(
            "python3",
            "-c \"import sys,zlib; d=zlib.decompressobj(31); "
                + "b=d.decompress(sys.stdin.buffer.read()); assert d.eof and not d.unused_data; "
                + "sys.stdout.buffer.write(b)\"",
            CompressionKind.Gzip,
            6
        );

    [TestMethod]
    [RequiresProgram("zstd")]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(9)]
    public void Zstd_is_read_by_zstd(int level) => IsReadBy("zstd", "-q -dc", CompressionKind.Zstd, level);

    [TestMethod]
    [DataRow(CompressionKind.Gzip)]
    [DataRow(CompressionKind.Zstd)]
    public void The_bytes_do_not_depend_on_the_threads_or_on_how_the_writes_are_cut(CompressionKind kind)
    {
        var content = Content((9 * BlockSize) + 12345);
        var expected = EncodeOn(1, content.Length, content, kind);

        foreach (var (threads, step) in new[] { (1, 777_777), (2, 100_000), (3, content.Length), (8, 50_000) })
        {
            ByteAssert.AreEqual(expected, EncodeOn(threads, step, content, kind), $"{threads} threads");
        }
    }

    [TestMethod]
    public void A_block_of_gzip_refers_to_the_one_before_it()
    {
        var noise = new byte[BlockSize];
        new Random(5).NextBytes(noise);
        var again = Join(noise, noise[^30_000..]);

        Assert.IsLessThan(
            Samples.Encode(noise, CompressionKind.Gzip).Length + 1000,
            Samples.Encode(again, CompressionKind.Gzip).Length
        );
    }

    [TestMethod]
    [DataRow(CompressionKind.Gzip)]
    [DataRow(CompressionKind.Zstd)]
    public void A_target_that_fails_is_told_and_not_written_to_again(CompressionKind kind)
    {
        var target = new Full();
        var encoder = StreamCompression.OpenEncoder(target, kind);

        Assert.ThrowsExactly<IOException>(() =>
        {
            encoder.Write(Content(20 * BlockSize));
            encoder.Dispose();
        });
        Assert.ThrowsExactly<IOException>(encoder.Dispose);
        encoder.Dispose();
    }

    [TestMethod]
    public void Encoders_that_share_those_who_compress_write_the_same_bytes_also_after_one_failed()
    {
        var content = new byte[3_500_000];
        new Random(1).NextBytes(content);
        foreach (var kind in new[] { CompressionKind.Gzip, CompressionKind.Zstd })
        {
            var alone = Encode(content, kind);
            using var shared = StreamCompression.NewEncoders(kind, null)!;
            for (var round = 0; round < 3; round++)
            {
                var failing = StreamCompression.OpenEncoder(new Full(), kind, null, leaveOpen: true, shared);
                Assert.ThrowsExactly<IOException>(() =>
                {
                    for (var i = 0; i < 100; i++)
                    {
                        failing.Write(content);
                    }
                });
                Assert.ThrowsExactly<IOException>(failing.Dispose);
            }

            var targets = Enumerable.Range(0, 8).Select(_ => new MemoryStream()).ToArray();
            foreach (var target in targets)
            {
                using var encoder = StreamCompression.OpenEncoder(target, kind, null, leaveOpen: true, shared);
                encoder.Write(content);
            }

            Assert.IsTrue(targets.All(target => target.ToArray().AsSpan().SequenceEqual(alone)), kind.ToString());
        }
    }

    private static void IsReadBy(string program, string arguments, CompressionKind kind, int level)
    {
        foreach (var size in Sizes)
        {
            var content = Content(size);
            var compressed = Encode(content, kind, level);
            ByteAssert.AreEqual(content, Run(program, arguments, compressed), $"{program}, {size} bytes");
            ByteAssert.AreEqual(content, Decode(compressed), $"{size} bytes");
        }
    }

    private static byte[] EncodeOn(int threads, int step, byte[] content, CompressionKind kind)
    {
        var target = new MemoryStream();
        using (var encoder = StreamCompression.OpenEncoder(target, kind, level: null, leaveOpen: true, threads))
        {
            for (var at = 0; at < content.Length; at += step)
            {
                encoder.Write(content.AsSpan(at, Math.Min(step, content.Length - at)));
            }
        }

        return target.ToArray();
    }

    private sealed class Full : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");
    }
}
