using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using static ImageTarTasks.Tests.IO.Samples;

namespace ImageTarTasks.Tests.IO;

/// <summary>What the usual programs write is read as they meant it.</summary>
[TestClass]
public class DecoderKnownAnswerTests
{
    private static readonly int[] Sizes = [0, 1, 511, 8192, 300_000];

    [TestMethod]
    [RequiresProgram("gzip")]
    [DataRow("-1")]
    [DataRow("-6")]
    [DataRow("-9")]
    public void Gzip_of_gzip(string level) => ReadsBack("gzip", $"-c {level}", CompressionKind.Gzip);

    [TestMethod]
    [RequiresProgram("pigz")]
    [DataRow("-c -p 2 -b 128")]
    [DataRow("-c -i -b 128")]
    [DataRow("-c -0")]
    public void Gzip_of_pigz(string arguments) => ReadsBack("pigz", arguments, CompressionKind.Gzip);

    [TestMethod]
    [RequiresProgram("bzip2")]
    [DataRow("-1")]
    [DataRow("-9")]
    public void Bzip2_of_bzip2(string level) => ReadsBack("bzip2", $"-c {level}", CompressionKind.Bzip2);

    [TestMethod]
    [RequiresProgram("xz")]
    [DataRow("-0")]
    [DataRow("-6")]
    [DataRow("-C none")]
    [DataRow("-C crc32")]
    [DataRow("-C sha256")]
    [DataRow("--block-size=65536")]
    [DataRow("-T 2 --block-size=65536")]
    [DataRow("--lzma2=preset=1,lc=0,lp=2,pb=0")]
    public void Xz_of_xz(string arguments) => ReadsBack("xz", $"-c {arguments}", CompressionKind.Xz);

    [TestMethod]
    [RequiresProgram("zstd")]
    [DataRow("-1")]
    [DataRow("-19")]
    [DataRow("--long=27")]
    [DataRow("--no-check")]
    public void Zstd_of_zstd(string arguments) => ReadsBack("zstd", $"-q -c {arguments}", CompressionKind.Zstd);

    [TestMethod]
    [RequiresProgram("zstd")]
    public void Zstd_with_a_window_above_the_limit_is_refused_before_it_is_allocated()
    {
        var message = Refused(Run("zstd", "-q -c --long=31 -1", Content(2000)), "ITT2105");
        StringAssert.Contains(message, "zstd");
        StringAssert.Contains(message, "window larger than 128 MiB");
    }

    [TestMethod]
    [RequiresProgram("xz")]
    public void Xz_with_a_dictionary_above_the_limit_is_refused_before_it_is_allocated()
    {
        var message = Refused(Run("xz", "-c --lzma2=dict=192MiB", Content(2000)), "ITT2105");
        StringAssert.Contains(message, "xz");
        StringAssert.Contains(message, "dictionary larger than 128 MiB");
    }

    [TestMethod]
    [RequiresProgram("xz")]
    [DataRow("--delta=dist=4 --lzma2=preset=0")]
    public void Xz_with_filters_that_are_not_supported_says_so(string arguments) =>
        StringAssert.Contains(Refused(Run("xz", $"-c {arguments}", Content(2000)), "ITT2105"), "filter");

    [TestMethod]
    [RequiresProgram("xz")]
    public void Lzma_alone_is_not_xz() =>
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect(Run("xz", "-c --format=lzma", Content(20))));

    [TestMethod]
    [RequiresProgram("gzip")]
    [RequiresProgram("bzip2")]
    [RequiresProgram("xz")]
    [RequiresProgram("zstd")]
    [DataRow("gzip", "-c")]
    [DataRow("bzip2", "-c")]
    [DataRow("xz", "-c")]
    [DataRow("zstd", "-q -c")]
    public void Members_one_after_another_are_one_stream(string program, string arguments)
    {
        byte[][] contents = [Content(70_000, 1), [], Content(1, 2), [], [], Content(8192, 3)];
        var compressed = Join([.. contents.Select(content => Run(program, arguments, content))]);

        ByteAssert.AreEqual(Join(contents), Decode(compressed));
        ByteAssert.AreEqual(Join(contents), Decode(new Trickle(compressed)));
    }

    [TestMethod]
    public void Very_many_gzip_members_need_no_stack_and_no_memory()
    {
        var empty = Encode([], CompressionKind.Gzip);
        var one = Encode([7], CompressionKind.Gzip);
        var compressed = Join([.. Enumerable.Range(0, 20_000).Select(i => i % 2 == 0 ? empty : one)]);

        Assert.IsTrue(Decode(compressed).AsSpan().SequenceEqual(Enumerable.Repeat((byte)7, 10_000).ToArray()));
    }

    [TestMethod]
    public void Zstd_skippable_frames_may_stand_anywhere()
    {
        byte[] skippable = [0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5];
        byte[] emptySkippable = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        var frame = Encode(Content(3000), CompressionKind.Zstd);

        ByteAssert.AreEqual(
            Join(Content(3000), Content(3000)),
            Decode(Join(skippable, emptySkippable, frame, skippable, frame, emptySkippable))
        );
        Assert.AreEqual(0, Decode(skippable).Length);
        Refused(Join(frame, [0x5a, 0x2a, 0x4d, 0x18, 255, 255, 255, 255, 1]), "ITT2101");
    }

    [TestMethod]
    public void A_decoder_starts_where_its_source_stands_and_closes_it_or_not()
    {
        var content = Content(5000);
        foreach (var kind in new[] { CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstd })
        {
            var source = new MemoryStream(Join([1, 2, 3], Encode(content, kind))) { Position = 3 };
            using (var decoder = StreamCompression.OpenDecoder(source, Where, leaveOpen: true))
            {
                Assert.AreEqual(kind, decoder.Kind);
                var plain = new MemoryStream();
                decoder.CopyTo(plain);
                ByteAssert.AreEqual(content, plain.ToArray());
                Assert.AreEqual(0, decoder.Read(new byte[10]), "reading on after the end gives nothing");
            }

            Assert.IsTrue(source.CanRead);
            StreamCompression.OpenDecoder(source, Where).Dispose();
            Assert.IsFalse(source.CanRead);
        }
    }

    [TestMethod]
    public void Plain_content_passes_however_short()
    {
        foreach (var size in new[] { 0, 1, 2, 9, 10, 11, 70_000, 200_000 })
        {
            ByteAssert.AreEqual(Content(size), Decode(Content(size)));
            ByteAssert.AreEqual(Content(size), Decode(new Trickle(Content(size))));
        }
    }

    [TestMethod]
    public void Detection_wants_enough_of_a_format_to_be_sure()
    {
        Assert.AreEqual(CompressionKind.Gzip, StreamCompression.Detect([0x1f, 0x8b, 8]));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect([0x1f, 0x8b]));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect([0x1f, 0x8b, 7]));
        Assert.AreEqual(CompressionKind.Bzip2, StreamCompression.Detect("BZh9"u8));
        Assert.AreEqual(CompressionKind.Bzip2, StreamCompression.Detect("BZh11AY&SY"u8));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect("BZh01AY&SY"u8));
        Assert.AreEqual(
            CompressionKind.None,
            StreamCompression.Detect("BZh9.txt\0\0"u8),
            "a tar may begin with such a name"
        );
        Assert.AreEqual(CompressionKind.Xz, StreamCompression.Detect([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect([0xfd, 0x37, 0x7a, 0x58, 0x5a, 1]));
        Assert.AreEqual(CompressionKind.Zstd, StreamCompression.Detect([0x28, 0xb5, 0x2f, 0xfd]));
        Assert.AreEqual(CompressionKind.Zstd, StreamCompression.Detect([0x5f, 0x2a, 0x4d, 0x18]));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect([0x60, 0x2a, 0x4d, 0x18]));
        Assert.AreEqual(CompressionKind.None, StreamCompression.Detect([]));
    }

    private static void ReadsBack(string program, string arguments, CompressionKind kind)
    {
        foreach (var size in Sizes)
        {
            var content = Content(size);
            var compressed = Run(program, arguments, content);

            Assert.AreEqual(kind, StreamCompression.Detect(compressed));
            ByteAssert.AreEqual(content, Decode(compressed), $"{size} bytes");
            ByteAssert.AreEqual(content, Decode(new Trickle(compressed, 1000)), $"{size} bytes from a pipe");
        }
    }
}
