using System.Text;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;

namespace ImageTarTasks.Tests.Tar;

/// <summary>What the reader accepts, dialect by dialect.</summary>
[TestClass]
public sealed class TarReaderTests
{
    [TestMethod]
    public void A_plain_file_has_all_its_fields()
    {
        var tar = new RawTar()
            .Block(
                RawTar.Header(
                    "d/f",
                    size: 5,
                    change: block =>
                    {
                        RawTar.Put(block, 100, "0104755\0");
                        RawTar.Put(block, 108, "0001750\0");
                        RawTar.Put(block, 116, "0000144\0");
                        RawTar.Put(block, 265, "somebody\0");
                    }
                )
            )
            .Data("hello")
            .End();
        var (entry, content) = TarText.ReadOne(tar);
        Assert.AreEqual("File d/f 9ed 1000:100 5 1700000000.0 ->  0,0 []", TarText.Show(entry));
        Assert.AreEqual((0L, 512L, 5L), (entry.HeaderOffset, entry.DataOffset, entry.StoredSize));
        Assert.AreEqual("hello", content);
    }

    [TestMethod]
    [DataRow('0', "f", TarEntryKind.File)]
    [DataRow('\0', "f", TarEntryKind.File)]
    [DataRow('7', "f", TarEntryKind.File)]
    [DataRow('5', "d", TarEntryKind.Directory)]
    [DataRow('\0', "d/", TarEntryKind.Directory)]
    [DataRow('0', "d/", TarEntryKind.Directory)]
    [DataRow('1', "h", TarEntryKind.HardLink)]
    [DataRow('2', "s", TarEntryKind.SymbolicLink)]
    [DataRow('3', "c", TarEntryKind.CharacterDevice)]
    [DataRow('4', "b", TarEntryKind.BlockDevice)]
    [DataRow('6', "p", TarEntryKind.Fifo)]
    public void Each_type_is_its_kind(char type, string name, TarEntryKind kind)
    {
        var (entry, _) = TarText.ReadOne(
            new RawTar().Block(RawTar.Header(name, type, link: "target", change: Device)).End()
        );
        Assert.AreEqual(kind, entry.Kind);
        Assert.AreEqual(
            kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink ? "target" : "",
            entry.LinkName.Units
        );
        Assert.AreEqual(
            kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice ? (8u, 1u) : (0u, 0u),
            (entry.DeviceMajor, entry.DeviceMinor)
        );

        static void Device(byte[] block)
        {
            RawTar.Put(block, 329, "0000010\0");
            RawTar.Put(block, 337, "0000001\0");
        }
    }

    [TestMethod]
    public void Fields_of_100_bytes_need_no_NUL_and_a_ustar_prefix_goes_before_the_name()
    {
        var name = new string('n', 100);
        Assert.AreEqual(name, TarText.ReadOne(new RawTar().Block(RawTar.Header(name)).End()).Entry.Name.Units);
        Assert.AreEqual(
            "pre/fix/name",
            TarText.ReadOne(new RawTar().Block(RawTar.Header("name", prefix: "pre/fix")).End()).Entry.Name.Units
        );
    }

    [TestMethod]
    public void What_GNU_v7_and_star_keep_in_the_place_of_the_prefix_is_no_prefix()
    {
        Assert.AreEqual(
            "f",
            TarText
                .ReadOne(new RawTar().Block(RawTar.Header("f", magic: "ustar  \0", prefix: "14524770400")).End())
                .Entry.Name.Units
        );
        Assert.AreEqual(
            "f",
            TarText
                .ReadOne(new RawTar().Block(RawTar.Header("f", magic: "", prefix: "whatever")).End())
                .Entry.Name.Units
        );
        var star = RawTar.Header(
            "f",
            prefix: "p",
            change: block =>
            {
                RawTar.Put(block, 345 + 131, "14524770400 14524770400 ");
                RawTar.Put(block, 508, "tar\0");
            }
        );
        Assert.AreEqual("p/f", TarText.ReadOne(new RawTar().Block(star).End()).Entry.Name.Units);
    }

    [TestMethod]
    public void Numbers_may_be_padded_ended_and_encoded_in_the_ways_of_old_programs()
    {
        var tar = new RawTar()
            .Block(
                RawTar.Header(
                    "f",
                    change: block =>
                    {
                        RawTar.Put(block, 100, "   644 \0");
                        RawTar.Put(block, 108, "\0\0\0\0\0\0\0\0");
                        RawTar.Base256(uint.MaxValue, 8).CopyTo(block, 116);
                        RawTar.Put(block, 124, "          0 ");
                        RawTar.Base256(-100, 12).CopyTo(block, 136);
                    }
                )
            )
            .End();
        Assert.AreEqual("File f 1a4 0:4294967295 0 -100.0 ->  0,0 []", TarText.Show(TarText.ReadOne(tar).Entry));
    }

    [TestMethod]
    public void A_size_in_base_256_is_read()
    {
        var tar = new RawTar()
            .Block(RawTar.Header("f", change: block => RawTar.Base256(5, 12).CopyTo(block, 124)))
            .Data("hello")
            .File("after", "z")
            .End();
        var all = TarText.ReadAll(tar);
        Assert.AreEqual("hello", Encoding.Latin1.GetString(all[0].Content));
        Assert.AreEqual("after", all[1].Entry.Name.Units);
    }

    [TestMethod]
    public void A_checksum_of_signed_characters_is_right_too()
    {
        var block = RawTar.Header("caf\u00e9");
        RawTar.Put(block, 148, "        ");
        var signed = block.Sum(unit => (int)(sbyte)unit);
        RawTar.Put(block, 148, Convert.ToString(signed, 8).PadLeft(6, '0') + "\0 ");
        Assert.AreEqual("caf\u00e9", TarText.ReadOne(new RawTar().Block(block).End()).Entry.Name.Units);
    }

    [TestMethod]
    public void PAX_records_override_the_header()
    {
        var tar = new RawTar()
            .Pax(
                ("path", "real/name"),
                ("uid", "4000000000"),
                ("gid", "3000000"),
                ("mtime", "-100.25"),
                ("atime", "1"),
                ("comment", "x"),
                ("VENDOR.y", "z")
            )
            .File("short", "hello")
            .End();
        var (entry, content) = TarText.ReadOne(tar);
        Assert.AreEqual("File real/name 1a4 4000000000:3000000 5 -101.750000000 ->  0,0 []", TarText.Show(entry));
        Assert.AreEqual((0L, 1536L), (entry.HeaderOffset, entry.DataOffset));
        Assert.AreEqual("hello", content);
    }

    [TestMethod]
    public void The_last_of_equal_PAX_keys_wins_and_an_empty_value_takes_the_key_back()
    {
        var (entry, _) = TarText.ReadOne(
            new RawTar()
                .Pax(
                    ("path", "first"),
                    ("path", "second"),
                    ("uid", "7"),
                    ("uid", ""),
                    ("mtime", "1"),
                    ("mtime", ""),
                    ("uname", "")
                )
                .File("f")
                .End()
        );
        Assert.AreEqual("File second 1a4 0:0 0 1700000000.0 ->  0,0 []", TarText.Show(entry));
    }

    [TestMethod]
    [DataRow("1.5", 1L, 500_000_000)]
    [DataRow("1.9999999999", 1L, 999_999_999)]
    [DataRow("5.", 5L, 0)]
    [DataRow("-0.5", -1L, 500_000_000)]
    [DataRow("-100", -100L, 0)]
    [DataRow("-62135596801.5", -62135596802L, 500_000_000)]
    public void PAX_times_have_fractions_and_signs(string text, long seconds, int nanoseconds) =>
        Assert.AreEqual(
            new TarTime(seconds, nanoseconds),
            TarText.ReadOne(new RawTar().Pax(("mtime", text)).File("f").End()).Entry.ModificationTime
        );

    [TestMethod]
    public void Names_stay_bytes()
    {
        Assert.AreEqual("a\u00ff\u00feb", TarText.ReadOne(new RawTar().File("a\u00ff\u00feb").End()).Entry.Name.Units);
        var (entry, _) = TarText.ReadOne(
            new RawTar().Pax(("hdrcharset", "BINARY"), ("path", "a\u00ff\u00feb")).File("f").End()
        );
        Assert.AreEqual("a\u00ff\u00feb", entry.Name.Units);
    }

    [TestMethod]
    public void Xattrs_are_bytes_ordered_by_name_and_other_programs_spellings_are_left_out()
    {
        var (entry, _) = TarText.ReadOne(
            new RawTar()
                .Pax(
                    ("SCHILY.xattr.user.z", ""),
                    ("SCHILY.xattr.user.a", "old"),
                    ("LIBARCHIVE.xattr.user.b", "%%%"),
                    ("SCHILY.xattr.security.capability", "\u0001\0\n=\u00ff"),
                    ("SCHILY.xattr.user.a", "1")
                )
                .File("f")
                .End()
        );
        Assert.AreEqual(
            "security.capability=01000A3DFF, user.a=31, user.z=",
            string.Join(", ", entry.Xattrs.Select(x => $"{x.Name}={Convert.ToHexString(x.Value.ToBytes())}"))
        );
    }

    [TestMethod]
    public void GNU_long_names_and_targets_apply_to_the_next_entry_only()
    {
        var name = string.Join('/', Enumerable.Repeat("name", 40));
        var target = string.Join('/', Enumerable.Repeat("goal", 40));
        var all = TarText.ReadAll(
            new RawTar()
                .GnuLong('K', target)
                .GnuLong('L', name)
                .Block(RawTar.Header(name[..100], '2', link: target[..100], magic: "ustar  \0"))
                .GnuLong('K', target)
                .File("plain", "P")
                .File("after")
                .End()
        );
        Assert.AreEqual(
            (name, target, 0L),
            (all[0].Entry.Name.Units, all[0].Entry.LinkName.Units, all[0].Entry.HeaderOffset)
        );
        Assert.AreEqual(("plain", ""), (all[1].Entry.Name.Units, all[1].Entry.LinkName.Units));
        Assert.AreEqual("after", all[2].Entry.Name.Units);
    }

    [TestMethod]
    public void A_GNU_long_name_ends_at_its_first_NUL() =>
        Assert.AreEqual(
            "0123456789",
            TarText.ReadOne(new RawTar().GnuLong('L', "0123456789\0more").File("f").End()).Entry.Name.Units
        );

    [TestMethod]
    public void A_global_PAX_header_is_passed_over()
    {
        var global = RawTar.Record("comment", "0123abc") + RawTar.Record("mtime", "1600000000");
        var all = TarText.ReadAll(new RawTar().PaxText(global, 'g').File("a").Pax(("path", "b")).File("x").End());
        Assert.AreEqual("a b", string.Join(' ', all.Select(pair => pair.Entry.Name.Units)));
        Assert.AreEqual(1_700_000_000, all[0].Entry.ModificationTime.Seconds);
    }

    [TestMethod]
    public void Of_two_PAX_headers_the_later_counts_where_that_decides_nothing_about_the_file()
    {
        var (entry, _) = TarText.ReadOne(new RawTar().Pax(("mtime", "1.5")).Pax(("path", "p")).File("f").End());
        Assert.AreEqual(("p", 1_700_000_000L), (entry.Name.Units, entry.ModificationTime.Seconds));
    }

    [TestMethod]
    public void A_volume_label_is_passed_over() =>
        Assert.AreEqual(
            "f",
            TarText
                .ReadOne(new RawTar().Block(RawTar.Header("LABEL", 'V', magic: "ustar  \0")).File("f").End())
                .Entry.Name.Units
        );

    [TestMethod]
    public void A_PAX_size_counts_where_the_header_says_none_and_the_content_is_no_entry()
    {
        var all = TarText.ReadAll(
            new RawTar().Pax(("size", "5")).Block(RawTar.Header("f")).Data("hello").File("after").End()
        );
        Assert.AreEqual("hello", Encoding.Latin1.GetString(all[0].Content));
        Assert.AreEqual("after", all[1].Entry.Name.Units);
        all = TarText.ReadAll(
            new RawTar().Pax(("size", "600")).Block(RawTar.Header("f")).Data(new byte[600]).File("after").End()
        );
        Assert.AreEqual(("600", "after"), ($"{all[0].Content.Length}", all[1].Entry.Name.Units));
    }

    [TestMethod]
    public void A_PAX_size_from_8_GiB_on_is_what_ustar_cannot_say()
    {
        var reader = new TarReader(
            new MemoryStream(
                new RawTar().Pax(("size", "8589934592")).Block(RawTar.Header("big")).Data("start").ToArray()
            ),
            TarText.Where
        );
        Assert.AreEqual(8589934592, reader.Next()!.Size);
    }

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(1, true)]
    [DataRow(2, true)]
    [DataRow(20, true)]
    public void The_end_may_be_marked_or_just_be_there(int zeroBlocks, bool marked)
    {
        var reader = new TarReader(
            new MemoryStream(new RawTar().File("f", "x").Zeros(zeroBlocks).ToArray()),
            TarText.Where
        );
        Assert.IsNotNull(reader.Next());
        Assert.IsNull(reader.Next());
        Assert.IsNull(reader.Next());
        Assert.AreEqual(marked, reader.HasEndMarker);
        Assert.AreEqual(1024 + (512 * Math.Min(zeroBlocks, 2)), reader.Position);
    }

    [TestMethod]
    public void Nothing_after_the_end_is_read()
    {
        var source = new MemoryStream(new RawTar().File("f").Zeros(2).File("after").ToArray());
        var reader = new TarReader(source, TarText.Where);
        Assert.AreEqual("f", reader.Next()!.Name.Units);
        Assert.IsNull(reader.Next());
        Assert.AreEqual((1536L, 1536L), (reader.Position, source.Position));
    }

    [TestMethod]
    public void Content_ends_with_its_entry_and_is_over_when_the_reader_moves_on()
    {
        var reader = new TarReader(new MemoryStream(new RawTar().File("a", "hello").File("b").End()), TarText.Where);
        reader.Next();
        var content = reader.Content;
        var buffer = new byte[100];
        Assert.AreEqual(5, content.ReadAtLeast(buffer, 100, throwOnEndOfStream: false));
        Assert.AreEqual(-1, content.ReadByte());
        reader.Next();
        Assert.ThrowsExactly<InvalidOperationException>(() => content.ReadByte());
    }

    [TestMethod]
    public void A_tar_is_known_by_its_first_block()
    {
        Assert.IsTrue(TarReader.LooksLikeTar(RawTar.Header("f")));
        Assert.IsTrue(TarReader.LooksLikeTar(RawTar.Header("f", magic: "")));
        Assert.IsTrue(TarReader.LooksLikeTar(new byte[512]));
        Assert.IsFalse(TarReader.LooksLikeTar(RawTar.Header("f").AsSpan(..511)));
        var damaged = RawTar.Header("f");
        damaged[0]++;
        Assert.IsFalse(TarReader.LooksLikeTar(damaged));
    }

    [TestMethod]
    public void Cancelling_stops_between_blocks()
    {
        var reader = new TarReader(new MemoryStream(new RawTar().File("f").End()), TarText.Where);
        Assert.ThrowsExactly<OperationCanceledException>(() => reader.Next(new CancellationToken(canceled: true)));
    }
}
