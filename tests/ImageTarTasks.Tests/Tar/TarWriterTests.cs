using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Tar;

/// <summary>The bytes the writer makes, compared with answers worked out by hand from Go's archive/tar.</summary>
[TestClass]
public sealed class TarWriterTests
{
    private static readonly string Long = string.Join('/', Enumerable.Repeat("component", 12));

    [TestMethod]
    public void A_file_is_one_ustar_block_its_content_and_padding()
    {
        var tar = Write(
            File("etc/passwd") with
            {
                Mode = 0x1a4,
                Uid = 1000,
                Gid = 2_097_151,
                ModificationTime = new TarTime(1_700_000_000),
            },
            "hello"
        );
        var expected = new byte[1024 + 1024];
        RawTar.Put(expected, 0, "etc/passwd");
        RawTar.Put(expected, 100, "0000644\00001750\07777777\000000000005\014524770400\0");
        RawTar.Put(expected, 148, "011337\0 0");
        RawTar.Put(expected, 257, "ustar\000");
        RawTar.Put(expected, 329, "0000000\00000000\0");
        RawTar.Put(expected, 512, "hello");
        AssertBytes(expected, tar);
    }

    [TestMethod]
    public void An_empty_archive_is_two_zero_blocks()
    {
        var tar = new MemoryStream();
        new TarWriter(tar).Finish();
        AssertBytes(new byte[1024], tar.ToArray());
    }

    [TestMethod]
    [DataRow(TarEntryKind.File, '0')]
    [DataRow(TarEntryKind.HardLink, '1')]
    [DataRow(TarEntryKind.SymbolicLink, '2')]
    [DataRow(TarEntryKind.CharacterDevice, '3')]
    [DataRow(TarEntryKind.BlockDevice, '4')]
    [DataRow(TarEntryKind.Directory, '5')]
    [DataRow(TarEntryKind.Fifo, '6')]
    public void Each_kind_has_its_type(TarEntryKind kind, char type)
    {
        var tar = Write(
            new TarEntry
            {
                Name = Text("n"),
                Kind = kind,
                LinkName = Text("target"),
                DeviceMajor = 8,
                DeviceMinor = 17,
            }
        );
        Assert.HasCount(1536, tar);
        Assert.AreEqual(type, (char)tar[156]);
        Assert.AreEqual(kind == TarEntryKind.Directory ? "n/" : "n", Field(tar, 0, 100));
        Assert.AreEqual(
            ("target", "0000010", "0000021"),
            (Field(tar, 157, 100), Field(tar, 329, 8), Field(tar, 337, 8))
        );
    }

    [TestMethod]
    public void A_long_name_is_split_at_the_last_slash_that_fits_the_prefix()
    {
        var tar = Write(File(Long));
        Assert.HasCount(1536, tar);
        Assert.AreEqual((Long[..109], "component"), (Field(tar, 345, 155), Field(tar, 0, 100)));
        var directory = Write(new TarEntry { Name = Text(Long), Kind = TarEntryKind.Directory });
        Assert.AreEqual((Long[..109], "component/"), (Field(directory, 345, 155), Field(directory, 0, 100)));
    }

    [TestMethod]
    public void A_name_of_100_bytes_needs_nothing_and_one_that_cannot_be_split_needs_PAX()
    {
        Assert.HasCount(1536, Write(File(new string('n', 100))));
        var name = "d/" + new string('n', 101);
        var tar = Write(File(name) with { ModificationTime = new TarTime(1) });
        Assert.HasCount(1024 + 1536, tar);
        Assert.AreEqual(("d/PaxHeaders.0/" + new string('n', 85), 'x'), (Field(tar, 0, 100), (char)tar[156]));
        Assert.AreEqual(
            "0000000|0000000|0000000|00000000000",
            $"{Field(tar, 100, 8)}|{Field(tar, 108, 8)}|{Field(tar, 116, 8)}|{Field(tar, 136, 12)}"
        );
        Assert.AreEqual("", Field(tar, 329, 8));
        Assert.AreEqual($"113 path={name}\n", Field(tar, 512, 512));
        Assert.AreEqual(name[..100], Field(tar, 1024, 100));
    }

    [TestMethod]
    public void What_does_not_fit_stands_in_records_ordered_by_key()
    {
        var tar = Write(
            new TarEntry
            {
                Name = Text("gr\u00fcn"),
                Kind = TarEntryKind.SymbolicLink,
                LinkName = Text("bl\u00e4u"),
                Uid = 2_097_152,
                Gid = uint.MaxValue,
                ModificationTime = new TarTime(-2, 250_000_000),
                Xattrs =
                [
                    new Xattr(Text("user.b"), ByteString.FromBytes([0, 10, 255])),
                    new Xattr(Text("user.a"), default),
                ],
            }
        );
        Assert.AreEqual(
            "24 SCHILY.xattr.user.a=\n27 SCHILY.xattr.user.b=\0\n\u00ff\n18 gid=4294967295\n18 "
                + "linkpath=bl\u00c3\u00a4u\n15 mtime=-1.75\n"
                + "14 path=gr\u00c3\u00bcn\n15 uid=2097152\n",
            Encoding.Latin1.GetString(tar, 512, Octal(tar, 124))
        );
        Assert.AreEqual("PaxHeaders.0/grn", Field(tar, 0, 100));
        Assert.AreEqual(
            "grn|blu|0000000|0000000|00000000000",
            $"{Field(tar, 1024, 100)}|{Field(tar, 1024 + 157, 100)}|{Field(tar, 1024 + 108, 8)}|{Field(tar, 1024 + 116, 8)}|{Field(tar, 1024 + 136, 12)}"
        );
    }

    [TestMethod]
    public void With_a_PAX_header_a_long_name_is_a_record_even_if_it_could_be_split()
    {
        var tar = Write(File(Long) with { Uid = 4_000_000 });
        Assert.AreEqual($"129 path={Long}\n15 uid=4000000\n", Field(tar, 512, 512));
        Assert.AreEqual(
            (Long[..99], ""),
            (Field(tar, 1024, 100), Field(tar, 1024 + 345, 155)),
            "a name cut behind a slash loses the slash"
        );
    }

    [TestMethod]
    public void Names_that_are_not_UTF8_say_so() =>
        Assert.AreEqual(
            "21 hdrcharset=BINARY\n11 path=\u00ff\u00fe\n",
            Field(Write(new TarEntry { Name = ByteString.FromBytes([0xff, 0xfe]), Kind = TarEntryKind.File }), 512, 512)
        );

    [TestMethod]
    [DataRow("a/b", "a/PaxHeaders.0/b")]
    [DataRow("./a/b", "a/PaxHeaders.0/b")]
    [DataRow("/a//b", "/a/PaxHeaders.0/b")]
    [DataRow("a/b/", "a/b/PaxHeaders.0")]
    [DataRow("x/../b", "PaxHeaders.0/b")]
    [DataRow("../b", "../PaxHeaders.0/b")]
    public void The_PAX_header_is_named_for_the_cleaned_name(string name, string header) =>
        Assert.AreEqual(
            header,
            Field(
                Write(
                    new TarEntry
                    {
                        Name = Text(name),
                        Kind = name[^1] == '/' ? TarEntryKind.Directory : TarEntryKind.File,
                        Uid = 3_000_000,
                    }
                ),
                0,
                100
            )
        );

    [TestMethod]
    [DataRow(1L, 500_000_000, "1.5")]
    [DataRow(1L, 1, "1.000000001")]
    [DataRow(-1L, 500_000_000, "-0.5")]
    [DataRow(-100L, 0, "-100")]
    [DataRow(8_589_934_592L, 0, "8589934592")]
    public void Times_beyond_ustar_are_records(long seconds, int nanoseconds, string text) =>
        Assert.EndsWith(
            $" mtime={text}\n",
            Field(Write(File("f") with { ModificationTime = new TarTime(seconds, nanoseconds) }), 512, 512)
        );

    [TestMethod]
    public void A_size_of_8_GiB_is_a_record_and_the_field_0()
    {
        var start = new Capped(2048);
        var content = new Zeros(8L << 30);
        Assert.ThrowsExactly<IOException>(() =>
            new TarWriter(start).Add(File("big") with { Size = 8L << 30 }, content)
        );
        Assert.AreEqual("19 size=8589934592\n", Field(start.ToArray(), 512, 512));
        Assert.AreEqual("00000000000", Field(start.ToArray(), 1024 + 124, 12));
    }

    [TestMethod]
    public void Content_must_be_as_long_as_stated()
    {
        var writer = new TarWriter(new MemoryStream());
        foreach (var (stated, words) in (List<(long, string)>)[(6, "shorter"), (4, "longer"), (0, "longer")])
        {
            var refused = Assert.ThrowsExactly<ImageTarException>(() =>
                writer.Add(File("f") with { Size = stated }, new MemoryStream("hello"u8.ToArray()))
            );
            Assert.AreEqual("ITT2020", refused.Diagnostic.Code);
            Assert.Contains(words, refused.Message);
        }
    }

    [TestMethod]
    public void Entries_that_cannot_be_are_the_callers_mistake()
    {
        var writer = new TarWriter(new MemoryStream());
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(File("")));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(File("a\0b")));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(File("a/")));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(File("a") with { Size = 5 }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            writer.Add(new TarEntry { Name = Text("d"), Kind = TarEntryKind.Directory }, "x"u8)
        );
        Assert.AreEqual(0, writer.Position);
        writer.Finish();
        Assert.ThrowsExactly<ObjectDisposedException>(() => writer.Add(File("a")));
    }

    private static TarEntry File(string name) => new() { Name = Text(name), Kind = TarEntryKind.File };

    private static ByteString Text(string text) => ByteString.FromText(text);

    private static byte[] Write(TarEntry entry, string content = "")
    {
        var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        if (entry.Kind == TarEntryKind.File)
        {
            writer.Add(entry, Encoding.Latin1.GetBytes(content));
        }
        else
        {
            writer.Add(entry);
        }

        writer.Finish();
        return tar.ToArray();
    }

    private static string Field(byte[] tar, int at, int length) =>
        Encoding.Latin1.GetString(tar, at, length).Split('\0')[0];

    private static int Octal(byte[] tar, int at) => Convert.ToInt32(Field(tar, at, 12), 8);

    private static void AssertBytes(byte[] expected, byte[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        var at = expected.AsSpan().CommonPrefixLength(actual);
        Assert.AreEqual(expected.Length, at, $"byte {at} is {(at < actual.Length ? actual[at] : 0):x2}");
    }

    /// <summary>So many zeros, made as they are read.</summary>
    private sealed class Zeros(long length) : MemoryStream
    {
        private long _left = length;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var got = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, got).Clear();
            _left -= got;
            return got;
        }
    }

    /// <summary>A disk that is soon full.</summary>
    private sealed class Capped(int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > room)
            {
                throw new IOException("full");
            }

            base.Write(buffer, offset, count);
        }
    }
}
