using System.Security.Cryptography;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using static ImageTarTasks.Tests.IO.Samples;

namespace ImageTarTasks.Tests.IO;

[TestClass]
public class HashingTests
{
    [TestMethod]
    public void What_is_read_is_hashed_and_counted()
    {
        var content = Content(100_000);
        using var stream = new HashingReadStream(new Trickle(content, 5000));
        var read = new byte[10];
        stream.ReadExactly(read);
        Assert.AreEqual(content[10], stream.ReadByte());
        Assert.AreEqual(11, stream.Count);

        stream.Drain(CancellationToken.None);

        Assert.AreEqual(content.Length, stream.Count);
        Assert.AreEqual(Digest.Of(content), stream.Finish());
        Assert.AreEqual(Digest.Of(content), stream.Finish(), "asked twice, the same");
    }

    [TestMethod]
    public void Hashing_allocates_nothing_per_read()
    {
        using var stream = new HashingReadStream(new MemoryStream(new byte[1_000_000]));
        var buffer = new byte[100];
        stream.ReadExactly(buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5000; i++)
        {
            stream.ReadExactly(buffer);
        }

        Assert.IsLessThan(5000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Right_content_passes_the_verifier(bool sha512)
    {
        foreach (var size in new[] { 0, 1, 100_000 })
        {
            var content = Content(size);
            using var stream = Verify(content, DigestOf(content, sha512), size);
            var copy = new MemoryStream();
            stream.CopyTo(copy);
            ByteAssert.AreEqual(content, copy.ToArray());
        }
    }

    [TestMethod]
    public void Wrong_content_fails_in_the_read_that_would_complete_it()
    {
        var content = Content(1000);
        using var stream = Verify(content, Digest.Of([]), content.Length);
        stream.ReadExactly(new byte[999]);

        var failure = Assert.ThrowsExactly<ImageTarException>(() => stream.ReadByte()).Diagnostic;

        Assert.AreEqual("ITT2302", failure.Code);
        StringAssert.Contains(failure.Message, Digest.Of([]).Value);
        StringAssert.Contains(failure.Message, Digest.Of(content).Value);
    }

    [TestMethod]
    [DataRow(999L)]
    [DataRow(1001L)]
    [DataRow(0L)]
    [DataRow(long.MaxValue)]
    public void Wrong_sizes_fail_even_when_the_digest_is_right(long stated)
    {
        var content = Content(1000);
        using var stream = Verify(content, Digest.Of(content), stated);

        var failure = Assert.ThrowsExactly<ImageTarException>(() => stream.CopyTo(Stream.Null)).Diagnostic;

        Assert.AreEqual("ITT2303", failure.Code);
        StringAssert.Contains(failure.Message, "size");
    }

    [TestMethod]
    public void Content_without_end_fails_as_soon_as_it_is_too_long()
    {
        using var endless = new Endless();
        using var stream = VerifyingStream.Open(
            endless,
            new Descriptor(MediaTypes.OciLayer, Digest.Of([1]), 100),
            Where
        );

        Assert.AreEqual(
            "ITT2303",
            Assert.ThrowsExactly<ImageTarException>(() => stream.CopyTo(Stream.Null)).Diagnostic.Code
        );
        Assert.AreEqual(101, endless.Given);
    }

    [TestMethod]
    public void Copying_counts_and_can_be_cancelled()
    {
        var content = Content(1_000_000);
        var copy = new MemoryStream();
        long told = 0;

        Assert.AreEqual(
            content.Length,
            StreamCopy.Copy(new MemoryStream(content), copy, CancellationToken.None, bytes => told = bytes)
        );
        Assert.AreEqual(content.Length, told);
        ByteAssert.AreEqual(content, copy.ToArray());

        using var cancellation = new CancellationTokenSource();
        using var endless = new Endless();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            StreamCopy.Copy(
                endless,
                Stream.Null,
                cancellation.Token,
                bytes =>
                {
                    if (bytes > 2_000_000)
                    {
                        cancellation.Cancel();
                    }
                }
            )
        );
    }

    private static Stream Verify(byte[] content, Digest digest, long size) =>
        VerifyingStream.Open(new Trickle(content, 300), new Descriptor(MediaTypes.OciLayer, digest, size), Where);

    private static Digest DigestOf(byte[] content, bool sha512) =>
        sha512 ? Digest.FromHash(SHA512.HashData(content)) : Digest.Of(content);

    private sealed class Endless : MemoryStream
    {
        public long Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Given += buffer.Length;
            return buffer.Length;
        }
    }
}
