using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Reading;

namespace ImageTarTasks.Tests.Tar;

/// <summary>What the reader refuses, with the code, the entry and the offset it names.</summary>
[TestClass]
public sealed class TarRefusalTests
{
    [TestMethod]
    [DataRow("", "empty")]
    [DataRow("x", "text")]
    [DataRow("<!DOCTYPE html><html><body>404", "HTML")]
    [DataRow("\n <?xml version='1.0'?>", "XML")]
    [DataRow("{\"errors\":[]}", "JSON")]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:00", "git-lfs pointer")]
    [DataRow("PK\u0003\u0004rest", "zip")]
    [DataRow("\u0004\u0022\u004d\u0018rest", "lz4")]
    [DataRow("\u001f\u008brest", "gzip once more")]
    [DataRow("\u001f\u009drest", "compress (.Z)")]
    [DataRow("070701rest", "cpio")]
    [DataRow("FROM alpine\nRUN true\n", "text, beginning with \"FROM alpine\\nRUN true\\n\"")]
    [DataRow("\u0001\u0002\u0003", "only 3 bytes")]
    public void What_is_no_tar_is_called_by_its_name(string bytes, string what)
    {
        var refused = TarText.Refused(Encoding.Latin1.GetBytes(bytes));
        Assert.AreEqual("ITT2001", refused.Code);
        Assert.Contains(what, refused.Message);
        var longer = TarText.Refused(Encoding.Latin1.GetBytes(bytes.PadRight(2000, 'x')));
        Assert.AreEqual("ITT2001", longer.Code);
    }

    [TestMethod]
    public void A_wrong_checksum_is_refused_first_and_later()
    {
        var bad = RawTar.Header("bad");
        bad[150] ^= 1;
        Expect("ITT2002", "\"bad\"", new RawTar().Block(bad).End());
        Expect("ITT2002", "offset 1024", new RawTar().File("f", "x").Block(bad).End());
        var empty = RawTar.Header("bad");
        RawTar.Put(empty, 148, "        ");
        Expect("ITT2002", "\"bad\"", new RawTar().Block(empty).End());
    }

    [TestMethod]
    [DataRow(100, "rwxr-xr ", "ITT2004", "mode")]
    [DataRow(108, "9999999\0", "ITT2004", "uid")]
    [DataRow(116, "     -1\0", "ITT2004", "gid")]
    [DataRow(124, "0000000x000\0", "ITT2004", "size")]
    [DataRow(136, "not-a-time\0\0", "ITT2004", "mtime")]
    [DataRow(
        124,
        "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe\u0000",
        "ITT2005",
        "size field is -512"
    )]
    [DataRow(
        124,
        "\u0080\u0000\u0000\u0000\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
        "ITT2005",
        "size field is 9223372036854775807"
    )]
    [DataRow(124, "\u0080\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "ITT2004", "size")]
    [DataRow(108, "\u0080\u0000\u0001\u0000\u0000\u0000\u0000\u0000", "ITT2005", "uid")]
    [DataRow(108, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "ITT2005", "uid field is -1")]
    public void Numbers_that_are_none_or_impossible_are_refused(int at, string field, string code, string words) =>
        Expect(
            code,
            words.Replace(" field", "", StringComparison.Ordinal),
            new RawTar().Block(RawTar.Header("carrier", change: block => RawTar.Put(block, at, field))).End()
        );

    [TestMethod]
    public void A_device_needs_numbers() =>
        Expect(
            "ITT2004",
            "devmajor",
            new RawTar().Block(RawTar.Header("dev", '3', change: block => RawTar.Put(block, 329, "zzzzzzz\0"))).End()
        );

    [TestMethod]
    [DataRow("size", "0x10")]
    [DataRow("size", "-1")]
    [DataRow("size", "9223372036854775808")]
    [DataRow("uid", "root")]
    [DataRow("gid", "+1")]
    [DataRow("mtime", "nan")]
    [DataRow("mtime", "1e3")]
    [DataRow("mtime", "-")]
    [DataRow("mtime", "1.2.3")]
    [DataRow("mtime", "99999999999999999999")]
    [DataRow("GNU.sparse.size", "x")]
    public void PAX_numbers_are_digits(string key, string value) =>
        Expect("ITT2004", key.Split('.')[0], new RawTar().Pax((key, value)).File("f").End());

    [TestMethod]
    public void A_faulty_PAX_header_is_named_by_its_entry()
    {
        Expect(
            "ITT2004",
            "\"carrier\"",
            new RawTar().File("before", "x").Pax(("size", "0x10")).File("carrier", "y").End()
        );
        Expect("ITT2006", "\"carrier\"", new RawTar().PaxText("3 a").File("carrier").End());
        Expect("ITT2004", "\"PaxHeaders/x\"", new RawTar().Pax(("size", "0x10")).ToArray());
        Expect("ITT2004", "\"PaxHeaders/x\"", new RawTar().Pax(("size", "0x10")).GnuLong('L', "carrier").End());
        Expect("ITT2003", "a header", new RawTar().Pax(("mtime", "1")).Block(new byte[100]).ToArray());
    }

    [TestMethod]
    public void PAX_ids_end_where_Linux_ends() =>
        Expect("ITT2005", "4294967296", new RawTar().Pax(("uid", "4294967296")).File("f").End());

    [TestMethod]
    [DataRow("path=x\n")]
    [DataRow(" 8 path=x\n")]
    [DataRow("+9 path=x\n")]
    [DataRow("-9 path=x\n")]
    [DataRow("99 path=x\n")]
    [DataRow("9 path=xy\n")]
    [DataRow("10 path=x\n1")]
    [DataRow("99999999999999999999 path=x\n")]
    [DataRow("7 pathx\n")]
    [DataRow("5 =x\n")]
    [DataRow("3 \n")]
    [DataRow("2 \n")]
    [DataRow("10 pa\0th=x\n")]
    [DataRow("9 path=x\0")]
    [DataRow("\0\0\0")]
    public void PAX_records_have_exact_lengths(string records) =>
        Expect("ITT2006", "PAX", new RawTar().PaxText(records).File("f").End());

    [TestMethod]
    [DataRow("path", "a\0b")]
    [DataRow("linkpath", "a\0b")]
    [DataRow("GNU.sparse.name", "a\0b")]
    [DataRow("path", "")]
    [DataRow("linkpath", "")]
    [DataRow("size", "")]
    public void PAX_values_on_which_readers_differ_are_refused(string key, string value) =>
        Expect("ITT2007", key, new RawTar().Pax((key, value)).File("f").End());

    [TestMethod]
    public void Extensions_that_contradict_each_other_or_extend_nothing_are_refused()
    {
        Expect("ITT2008", "two long names", new RawTar().GnuLong('L', "a").GnuLong('L', "b").File("f").End());
        Expect("ITT2008", "two long link", new RawTar().GnuLong('K', "a").GnuLong('K', "b").File("f").End());
        Expect("ITT2008", "names", new RawTar().Pax(("path", "a")).GnuLong('L', "b").File("f").End());
        Expect("ITT2008", "two PAX", new RawTar().Pax(("path", "a")).Pax(("linkpath", "b")).File("f").End());
        Expect("ITT2008", "two PAX", new RawTar().Pax(("size", "5")).Pax(("mtime", "1")).File("f").End());
        Expect("ITT2008", "no entry", new RawTar().Pax(("path", "a")).End());
        Expect("ITT2008", "no entry", new RawTar().GnuLong('L', "a").ToArray());
        Expect(
            "ITT2008",
            "global",
            new RawTar().Pax(("path", "a")).PaxText(RawTar.Record("comment", "c"), 'g').File("f").End()
        );
    }

    [TestMethod]
    [DataRow('x')]
    [DataRow('g')]
    [DataRow('L')]
    [DataRow('K')]
    public void Extensions_are_bounded_whatever_they_claim(char type) =>
        Expect("ITT2009", "1073741824", new RawTar().Block(RawTar.Header("x", type, 1L << 30)).ToArray());

    [TestMethod]
    [DataRow('D')]
    [DataRow('M')]
    [DataRow('N')]
    [DataRow('Z')]
    [DataRow('8')]
    [DataRow('s')]
    [DataRow('\u00ff')]
    public void Other_types_are_refused_by_name(char type)
    {
        var shown = type == '\u00ff' ? "'\\xFF'" : $"'{type}'";
        Expect("ITT2010", shown, new RawTar().Block(RawTar.Header("odd", type)).End());
    }

    [TestMethod]
    [DataRow('1', "hard link")]
    [DataRow('2', "symbolic link")]
    [DataRow('3', "device")]
    [DataRow('4', "device")]
    [DataRow('5', "directory")]
    [DataRow('6', "fifo")]
    [DataRow('V', "volume label")]
    public void Only_files_have_content(char type, string word) =>
        Expect(
            "ITT2011",
            word,
            new RawTar().Block(RawTar.Header("odd", type, 512, link: "x")).Block(RawTar.Header("smuggled")).End()
        );

    [TestMethod]
    public void Impossible_names_are_refused()
    {
        Expect("ITT2012", "empty", new RawTar().File("").End());
        Expect(
            "ITT2012",
            "4097 bytes",
            new RawTar().Pax(("path", string.Concat(Enumerable.Repeat("a/", 2048)) + "b")).File("f").End()
        );
        Expect(
            "ITT2012",
            "component of 256",
            new RawTar().Pax(("path", "d/" + new string('c', 256) + "/f")).File("f").End()
        );
        Expect("ITT2012", "empty", new RawTar().GnuLong('L', "").File("f").End());
        Assert.AreEqual(
            4096,
            TarText
                .ReadOne(
                    new RawTar().Pax(("path", string.Concat(Enumerable.Repeat("a/", 2047)) + "bc")).File("f").End()
                )
                .Entry.Name.Length
        );
        Assert.AreEqual(
            257,
            TarText.ReadOne(new RawTar().Pax(("path", "d/" + new string('c', 255))).File("f").End()).Entry.Name.Length
        );
    }

    [TestMethod]
    public void Impossible_targets_are_refused()
    {
        Expect("ITT2013", "empty", new RawTar().Block(RawTar.Header("s", '2')).End());
        Expect("ITT2013", "empty", new RawTar().Block(RawTar.Header("h", '1')).End());
        Expect(
            "ITT2013",
            "4096 bytes",
            new RawTar().Pax(("linkpath", new string('t', 4096))).Block(RawTar.Header("s", '2')).End()
        );
        Assert.AreEqual(
            4095,
            TarText
                .ReadOne(new RawTar().Pax(("linkpath", new string('t', 4095))).Block(RawTar.Header("s", '2')).End())
                .Entry.LinkName.Length
        );
    }

    [TestMethod]
    public void Sizes_that_show_other_entries_to_other_readers_are_refused()
    {
        var smuggled = RawTar.Header("smuggled");
        Expect(
            "ITT2014",
            "carrier",
            new RawTar().Pax(("size", "512")).Block(RawTar.Header("carrier")).Block(smuggled).End()
        );
        Expect(
            "ITT2014",
            "\"carrier\"",
            new RawTar().Pax(("size", "1024")).Block(RawTar.Header("carrier", size: 512)).Data(new byte[1024]).End()
        );
        Expect(
            "ITT2014",
            "8589934592",
            new RawTar()
                .Pax(("size", "8589934592"))
                .Block(RawTar.Header("carrier", size: 512))
                .Data(new byte[1024])
                .End()
        );
        Expect("ITT2014", "\"file_a\"", new RawTar().Pax(("size", "2048")).GnuLong('L', "file_a").File("f", "x").End());
    }

    [TestMethod]
    [DataRow("path", "x")]
    [DataRow("linkpath", "x")]
    [DataRow("size", "5")]
    [DataRow("GNU.sparse.name", "x")]
    public void A_global_header_must_not_make_other_files_of_entries(string key, string value) =>
        Expect("ITT2015", key, new RawTar().PaxText(RawTar.Record(key, value), 'g').File("f").End());

    [TestMethod]
    public void Xattrs_are_bounded()
    {
        Expect("ITT2017", "65537", new RawTar().Pax(("SCHILY.xattr.user.x", new string('v', 65537))).File("f").End());
        Expect("ITT2017", "256 bytes", new RawTar().Pax(("SCHILY.xattr." + new string('n', 256), "v")).File("f").End());
        Expect("ITT2017", "0 bytes", new RawTar().Pax(("SCHILY.xattr.", "v")).File("f").End());
    }

    [TestMethod]
    public void Entries_after_one_zero_block_are_refused() =>
        Expect("ITT2018", "offset 1024", new RawTar().File("f").Zeros(1).File("g").End());

    [TestMethod]
    public void Every_cut_is_refused_but_those_between_entries_and_zero_blocks()
    {
        var tar = new RawTar()
            .File("a", "hello")
            .Pax(("mtime", "1.5"))
            .File("b", new string('x', 700))
            .GnuLong('L', "c")
            .File("short")
            .End();
        // After a, after b, after c, after one zero block, at the end.
        int[] clean = [1024, 1024 + 1024 + 512 + 1024, tar.Length - 1024, tar.Length - 512, tar.Length];
        foreach (
            var cut in Enumerable
                .Range(0, tar.Length + 1)
                .Where(cut => cut % 512 is 0 or 1 or 5 or 511 || cut % 61 == 0)
        )
        {
            foreach (var seekable in (bool[])[true, false])
            {
                try
                {
                    TarText.ReadAll(seekable ? new MemoryStream(tar[..cut]) : TarText.Trickle(tar[..cut], 333));
                    Assert.Contains(cut, clean, $"cut at {cut}");
                }
                catch (ImageTarException refused)
                {
                    Assert.DoesNotContain(cut, clean, $"cut at {cut}: {refused.Message}");
                    Assert.AreEqual(
                        cut < 512 ? "ITT2001"
                            : refused.Message.Contains("no entry follows", StringComparison.Ordinal) ? "ITT2008"
                            : "ITT2003",
                        refused.Diagnostic.Code
                    );
                }
            }
        }
    }

    [TestMethod]
    public void A_cut_behind_skipped_content_names_the_entry_whether_seeking_or_not()
    {
        var cut = new RawTar().Block(RawTar.Header("claims8g", size: 8L << 30)).Data(new byte[200_000]).ToArray();
        foreach (var source in (Stream[])[new MemoryStream(cut), TarText.Trickle(cut, 5000)])
        {
            var reader = new TarReader(source, TarText.Where.In("layer.tar"));
            Assert.AreEqual(8L << 30, reader.Next()!.Size);
            var refused = Assert.ThrowsExactly<ImageTarException>(() => reader.Next()).Diagnostic;
            Assert.AreEqual("ITT2003", refused.Code);
            Assert.Contains($"(member \"layer.tar\", entry \"claims8g\", offset {cut.Length})", refused.Message);
            Assert.AreEqual("test.tar", refused.File);
        }
    }

    [TestMethod]
    public void What_a_hostile_name_does_to_a_terminal_is_not_done() =>
        Expect(
            "ITT2011",
            "entry_was_here\\x1B[2J",
            new RawTar().Block(RawTar.Header("entry_was_here\u001b[2J", '5', 512)).End()
        );

    private static void Expect(string code, string words, byte[] tar)
    {
        var refused = TarText.Refused(tar);
        Assert.AreEqual(code, refused.Code, refused.Message);
        Assert.Contains(words, refused.Message);
    }
}
