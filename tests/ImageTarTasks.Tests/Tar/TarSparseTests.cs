using System.Text;
using ImageTarTasks.Core.Tar.Reading;

namespace ImageTarTasks.Tests.Tar;

/// <summary>The four ways to store a sparse file: all come out expanded.</summary>
[TestClass]
public sealed class TarSparseTests
{
    private const string Expanded = "\0\0\0abcd\0\0\0\0\0xy\0\0\0\0";

    private static readonly (string Key, string Value)[] Form10 =
    [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "sp"),
        ("GNU.sparse.realsize", "18"),
    ];

    [TestMethod]
    public void Old_GNU() =>
        Check(
            new RawTar().Block(Old("sp", 18, 6, false, (3, 4), (12, 2), (18, 0))).Data("abcdxy").File("after").End(),
            512
        );

    [TestMethod]
    public void Old_GNU_with_more_runs_than_the_header_holds()
    {
        var runs = Enumerable.Range(0, 30).Select(i => (i * 10L, 1L)).ToArray();
        var block = new byte[512];
        var second = new byte[512];
        Descriptors(block, 0, runs[4..25]);
        block[504] = 1;
        Descriptors(second, 0, runs[25..]);
        var content = string.Concat(Enumerable.Range(0, 30).Select(i => (char)('A' + i)));
        var all = TarText.ReadAll(
            new RawTar()
                .Block(Old("sp", 300, 30, true, runs[..4]))
                .Block(block)
                .Block(second)
                .Data(content)
                .File("after")
                .End()
        );
        Assert.AreEqual(
            string.Concat(content.Select(letter => letter + "\0\0\0\0\0\0\0\0\0")),
            Encoding.Latin1.GetString(all[0].Content)
        );
        Assert.AreEqual(
            (300L, 30L, 1536L, 30),
            (all[0].Entry.Size, all[0].Entry.StoredSize, all[0].Entry.DataOffset, all[0].Entry.Sparse!.Count)
        );
        Assert.AreEqual("after", all[1].Entry.Name.Units);
    }

    [TestMethod]
    public void PAX_0_0() =>
        Check(
            new RawTar()
                .Pax(
                    ("GNU.sparse.size", "18"),
                    ("GNU.sparse.numblocks", "2"),
                    ("GNU.sparse.offset", "3"),
                    ("GNU.sparse.numbytes", "4"),
                    ("GNU.sparse.offset", "12"),
                    ("GNU.sparse.numbytes", "2")
                )
                .File("sp", "abcdxy")
                .File("after")
                .End(),
            1536
        );

    [TestMethod]
    public void PAX_0_1() =>
        Check(
            new RawTar()
                .Pax(
                    ("GNU.sparse.size", "18"),
                    ("GNU.sparse.numblocks", "2"),
                    ("GNU.sparse.map", "3,4,12,2"),
                    ("GNU.sparse.name", "sp")
                )
                .File("GNUSparseFile.0/sp", "abcdxy")
                .File("after")
                .End(),
            1536
        );

    [TestMethod]
    public void PAX_1_0() =>
        Check(
            new RawTar()
                .Pax(Form10)
                .File("GNUSparseFile.0/sp", "2\n3\n4\n12\n2\n".PadRight(512, '\0') + "abcdxy")
                .File("after")
                .End(),
            2048
        );

    [TestMethod]
    public void A_map_of_several_blocks_is_read_whole()
    {
        var runs = Enumerable.Range(0, 500).Select(i => i * 1000L).ToArray();
        var map = $"500\n{string.Concat(runs.Select(at => $"{at}\n1\n"))}";
        map = map.PadRight((map.Length + 511) / 512 * 512, '\0');
        var all = TarText.ReadAll(
            new RawTar()
                .Pax(
                    ("GNU.sparse.major", "1"),
                    ("GNU.sparse.minor", "0"),
                    ("GNU.sparse.name", "sp"),
                    ("GNU.sparse.realsize", "500000")
                )
                .File("x", map + new string('z', 500))
                .File("after")
                .End()
        );
        Assert.HasCount(500, all[0].Entry.Sparse!);
        Assert.AreEqual((500_000, 500), (all[0].Content.Length, all[0].Content.Count(unit => unit == 'z')));
        Assert.AreEqual("after", all[1].Entry.Name.Units);
    }

    [TestMethod]
    public void A_file_that_is_one_hole_has_no_runs()
    {
        var (entry, content) = TarText.ReadOne(
            new RawTar().Pax(("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "0")).File("sp").End()
        );
        Assert.AreEqual(new string('\0', 9), content);
        Assert.IsEmpty(entry.Sparse!);
    }

    [TestMethod]
    public void Unread_content_is_skipped_by_its_stored_length()
    {
        var reader = new TarReader(
            new MemoryStream(
                new RawTar()
                    .Block(Old("huge", 1L << 40, 6, false, (3, 4), ((1L << 40) - 2, 2)))
                    .Data("abcdxy")
                    .File("after")
                    .End()
            ),
            TarText.Where
        );
        Assert.AreEqual(1L << 40, reader.Next()!.Size);
        Assert.AreEqual("after", reader.Next()!.Name.Units);
    }

    [TestMethod]
    [DataRow("3,4,5,2", "6", DisplayName = "runs overlap")]
    [DataRow("12,2,3,4", "6", DisplayName = "runs descend")]
    [DataRow("3,4,17,2", "6", DisplayName = "a run ends behind the file")]
    [DataRow("3,4,12", "6", DisplayName = "a run has no length")]
    [DataRow("3,4,12,3", "6", DisplayName = "more data than stored")]
    [DataRow("3,4", "6", DisplayName = "less data than stored")]
    [DataRow("3,9223372036854775807,12,2", "6", DisplayName = "a run overflows")]
    public void Maps_that_do_not_fit_are_refused(string map, string stored)
    {
        var content = "abcdxy"[..int.Parse(stored, System.Globalization.CultureInfo.InvariantCulture)];
        var refused = TarText.Refused(
            new RawTar().Pax(("GNU.sparse.size", "18"), ("GNU.sparse.map", map)).File("sp", content).End()
        );
        Assert.AreEqual("ITT2016", refused.Code, refused.Message);
    }

    [TestMethod]
    [DataRow("2\n3\n4\n12\n", DisplayName = "too few lines")]
    [DataRow("x\n", DisplayName = "no number")]
    [DataRow("-1\n", DisplayName = "negative")]
    [DataRow("99999999999\n", DisplayName = "too many runs claimed")]
    [DataRow("1\n000000000000000000000001\n1\n", DisplayName = "a line too long")]
    public void Maps_in_the_content_are_checked_line_by_line(string map)
    {
        var refused = TarText.Refused(new RawTar().Pax(Form10).File("x", map.PadRight(512, '\0') + "abcdxy").End());
        Assert.AreEqual("ITT2016", refused.Code, refused.Message);
    }

    [TestMethod]
    public void Records_that_make_no_map_are_refused()
    {
        Expect(("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0"), ("GNU.sparse.size", "5"));
        Expect(("GNU.sparse.name", "renamed"));
        Expect(("GNU.sparse.size", "5"));
        Expect(("GNU.sparse.map", "0,5"));
        Expect(("GNU.sparse.size", "5"), ("GNU.sparse.numblocks", "7"), ("GNU.sparse.map", "0,5"));
        Expect(("GNU.sparse.size", "5"), ("GNU.sparse.numbytes", "5"));
        Expect(("GNU.sparse.size", "5"), ("GNU.sparse.newer", "1"));
        Assert.AreEqual(
            "ITT2016",
            TarText.Refused(new RawTar().Pax(Form10).Block(RawTar.Header("d/", '5')).End()).Code
        );
        Assert.AreEqual("ITT2016", TarText.Refused(new RawTar().Block(RawTar.Header("sp", 'S')).End()).Code);

        static void Expect(params (string, string)[] records)
        {
            var refused = TarText.Refused(new RawTar().Pax(records).File("f", "hello").End());
            Assert.AreEqual("ITT2016", refused.Code, refused.Message);
        }
    }

    [TestMethod]
    public void A_map_that_goes_on_behind_the_end_is_truncated()
    {
        var refused = TarText.Refused(new RawTar().Block(Old("sp", 18, 6, true, (3, 4))).ToArray());
        Assert.AreEqual("ITT2003", refused.Code);
        Assert.Contains("\"sp\"", refused.Message);
        var endless = new byte[512];
        endless[504] = 1;
        var tar = new RawTar().Block(Old("sp", 18, 6, true, (3, 4)));
        for (var i = 0; i < 3000; i++)
        {
            tar.Block(endless);
        }

        Assert.AreEqual("ITT2016", TarText.Refused(tar.ToArray()).Code);
    }

    private static void Check(byte[] tar, long dataOffset)
    {
        foreach (var source in (Stream[])[new MemoryStream(tar), TarText.Trickle(tar, 3)])
        {
            var all = TarText.ReadAll(source);
            Assert.AreEqual(Expanded, Encoding.Latin1.GetString(all[0].Content));
            Assert.AreEqual(
                ("sp", 18L, 6L, dataOffset),
                (all[0].Entry.Name.Units, all[0].Entry.Size, all[0].Entry.StoredSize, all[0].Entry.DataOffset)
            );
            Assert.AreEqual(
                "3+4 12+2",
                string.Join(' ', all[0].Entry.Sparse!.Select(run => $"{run.Offset}+{run.Length}"))
            );
            Assert.AreEqual("after", all[1].Entry.Name.Units);
        }
    }

    private static byte[] Old(
        string name,
        long realSize,
        long stored,
        bool extended,
        params (long Offset, long Length)[] runs
    ) =>
        RawTar.Header(
            name,
            'S',
            stored,
            magic: "ustar  \0",
            change: block =>
            {
                Descriptors(block, 386, runs);
                block[482] = extended ? (byte)1 : (byte)0;
                Number(block, 483, realSize);
            }
        );

    private static void Descriptors(byte[] block, int at, (long Offset, long Length)[] runs)
    {
        foreach (var (offset, length) in runs)
        {
            Number(block, at, offset);
            Number(block, at + 12, length);
            at += 24;
        }
    }

    private static void Number(byte[] block, int at, long value)
    {
        if (value >> 33 == 0)
        {
            RawTar.Put(block, at, Convert.ToString(value, 8).PadLeft(11, '0') + "\0");
        }
        else
        {
            RawTar.Base256(value, 12).CopyTo(block, at);
        }
    }
}
