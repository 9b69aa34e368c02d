using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Tests.Support;
using static ImageTarTasks.Tests.IO.Samples;

namespace ImageTarTasks.Tests.IO;

[TestClass]
public class PipelineTests
{
    private const int Block = BlockPipe.BlockSize;

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(Block)]
    [DataRow(Block + 1)]
    [DataRow(20 * Block + 77)]
    public void What_is_read_ahead_is_what_the_source_gives(int length)
    {
        var content = Content(length);
        using var ahead = new ReadAheadStream(new Trickle(content, 70_001));
        var read = new MemoryStream();

        ahead.CopyTo(read, 10_007);

        ByteAssert.AreEqual(content, read.ToArray());
        Assert.AreEqual(0, ahead.Read(new byte[1]), "the end stays the end");
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(3 * Block + 10)]
    public void A_failure_of_the_source_comes_behind_the_bytes_before_it(int good)
    {
        using var ahead = new ReadAheadStream(new Failing(good));
        var read = new byte[good];

        ahead.ReadExactly(read);

        Assert.ThrowsExactly<InvalidDataException>(() => ahead.ReadByte());
        Assert.ThrowsExactly<InvalidDataException>(() => ahead.ReadByte(), "and again");
    }

    [TestMethod]
    public void Reading_ahead_can_be_given_up_and_then_leaves_the_source_alone()
    {
        using var source = new MemoryStream(new byte[100 * Block]);
        using (var ahead = new ReadAheadStream(source, leaveOpen: true))
        {
            ahead.ReadExactly(new byte[100]);
        }

        var position = source.Position;
        Assert.IsLessThan(20 * Block, position, "it is bounded");
        source.ReadByte();
        Assert.AreEqual(position + 1, source.Position);
        new ReadAheadStream(source).Dispose();
        Assert.IsFalse(source.CanRead, "without leaveOpen the source is closed");
    }

    [TestMethod]
    public void What_is_written_behind_has_arrived_when_it_is_flushed()
    {
        var content = Content(9 * Block + 13);
        using var target = new MemoryStream();
        using var behind = new WriteBehindStream(target);

        behind.Write(content.AsSpan(0, 100));
        behind.Flush();
        Assert.AreEqual(100, target.Length);
        for (var at = 100; at < content.Length; at += 50_000)
        {
            behind.Write(content.AsSpan(at, Math.Min(50_000, content.Length - at)));
        }

        behind.Flush();
        ByteAssert.AreEqual(content, target.ToArray());
    }

    [TestMethod]
    public void A_target_that_fails_stops_the_writer()
    {
        using var behind = new WriteBehindStream(new Failing(0));

        Assert.ThrowsExactly<IOException>(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                behind.Write(new byte[Block]);
            }
        });
        Assert.ThrowsExactly<IOException>(behind.Flush);
    }

    [TestMethod]
    public void A_late_failure_of_the_target_is_told_by_the_flush()
    {
        using var behind = new WriteBehindStream(new Failing(0));
        behind.Write(new byte[10]);
        Assert.ThrowsExactly<IOException>(behind.Flush);
    }

    /// <summary>Gives some zeros and then fails; takes nothing.</summary>
    private sealed class Failing(int good) : MemoryStream(new byte[good])
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, count) is > 0 and var read ? read : throw new InvalidDataException("no more");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");
    }
}
