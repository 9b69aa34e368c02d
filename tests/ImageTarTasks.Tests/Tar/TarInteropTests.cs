using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsCheck;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Tests.Support;
using Formats = System.Formats.Tar;

namespace ImageTarTasks.Tests.Tar;

/// <summary>The reader and the writer against other programs' writers and readers.</summary>
[TestClass]
public sealed class TarInteropTests
{
    private static readonly string LongName = string.Join('/', Enumerable.Repeat(new string('l', 60), 5));

    /// <summary>What <see cref="MakeTree"/> makes, as the reader shall see it: kind, name, size and target.</summary>
    private static readonly string[] Tree =
    [
        "Directory t/ 0 ",
        "Directory t/dir/ 0 ",
        "File t/dir/file 5 ",
        "Fifo t/fifo 0 ",
        "File t/gr\u00fcn \u4e16 3 ",
        "HardLink t/hard 0 t/dir/file",
        "SymbolicLink t/link 0 dir/file",
        $"File t/{LongName} 4 ",
        $"SymbolicLink t/longlink 0 {LongName}",
        "File t/sparse 1048580 ",
    ];

    [TestMethod]
    [RequiresProgram("tar")]
    [DataRow("gnu", "")]
    [DataRow("gnu", "--sparse")]
    [DataRow("oldgnu", "")]
    [DataRow("posix", "")]
    [DataRow("posix", "--sparse --sparse-version=0.0")]
    [DataRow("posix", "--sparse --sparse-version=0.1")]
    [DataRow("posix", "--sparse --sparse-version=1.0")]
    public void What_GNU_tar_writes_is_read(string format, string options)
    {
        using var folder = new TestFolder();
        MakeTree(folder);
        Check(Run("tar", $"-c --format={format} {options} --sort=name -C {folder.Root} t"));
    }

    [TestMethod]
    [RequiresProgram("bsdtar")]
    [DataRow("--format=gnutar")]
    [DataRow("--format=pax")]
    [DataRow("")]
    public void What_bsdtar_writes_is_read(string format)
    {
        using var folder = new TestFolder();
        MakeTree(folder);
        Check(Run("bsdtar", $"-c {format} -f - -C {folder.Root} t"));
    }

    [TestMethod]
    [RequiresProgram("python3")]
    [DataRow("GNU_FORMAT")]
    [DataRow("PAX_FORMAT")]
    public void What_python_writes_is_read(string format)
    {
        using var folder = new TestFolder();
        MakeTree(folder);
        var script = folder["make.py"];
        File.WriteAllText(
            script,
            $"import sys, tarfile\nt = tarfile.open(fileobj=sys.stdout.buffer, mode='w|', "
                + $"format=tarfile.{format})\nt.add('{folder.Root}/t', 't')\nt.close()\n"
        );
        Check(Run("python3", script));
    }

    [TestMethod]
    [RequiresProgram("tar")]
    public void A_ustar_of_GNU_tar_is_written_again_byte_by_byte()
    {
        using var folder = new TestFolder();
        MakeTree(folder, long100: true);
        var tar = Run(
            "tar",
            $"-c --format=ustar --blocking-factor=1 --owner=:1234 --group=:77 --sort=name -C {folder.Root} t"
        );
        var again = TarRoundTripTests.Write(TarText.ReadAll(tar));
        Assert.AreEqual(tar.Length, tar.AsSpan().CommonPrefixLength(again));
        Assert.HasCount(tar.Length, again);
    }

    [TestMethod]
    [RequiresProgram("tar")]
    public void GNU_tar_reads_what_is_written()
    {
        using var folder = new TestFolder();
        var written = Everything();
        File.WriteAllBytes(folder["t.tar"], TarRoundTripTests.Write(written));
        var listed = Encoding
            .UTF8.GetString(
                Run(
                    "tar",
                    $"-t --quoting-style=literal --verbose --numeric-owner --full-time --utc -f {folder["t.tar"]}"
                )
            )
            .TrimEnd()
            .Split('\n');
        Assert.HasCount(written.Count, listed);
        foreach (var (entry, line) in written.Select(pair => pair.Entry).Zip(listed))
        {
            Assert.Contains($" {entry.Uid}/{entry.Gid} ", line);
            Assert.Contains($" {entry.Name.ToText()}", line);
            Assert.Contains(entry.LinkName.ToText(), line);
            Assert.Contains(
                entry.ModificationTime.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                line
            );
        }
    }

    [TestMethod]
    [RequiresProgram("bsdtar")]
    public void Bsdtar_reads_what_is_written_even_names_that_are_not_UTF8()
    {
        using var folder = new TestFolder();
        var written = Everything();
        var odd = ByteString.FromBytes([(byte)'o', 0xff, 0xfe, (byte)'d', .. Enumerable.Repeat((byte)'d', 120)]);
        written.Add(
            (
                new TarEntry
                {
                    Name = odd,
                    Kind = TarEntryKind.File,
                    Size = 3,
                },
                "odd"u8.ToArray()
            )
        );
        File.WriteAllBytes(folder["t.tar"], TarRoundTripTests.Write(written));
        // bsdtar writes what it read as ustar-or-PAX again; what we read from that is what it understood.
        var again = TarText.ReadAll(Run("bsdtar", $"-c --format=pax -f - @{folder["t.tar"]}"));
        Assert.AreEqual(
            string.Join('\n', written.Select(pair => TarText.Show(pair.Entry))),
            string.Join('\n', again.Select(pair => TarText.Show(pair.Entry)))
        );
        foreach (var (expected, got) in written.Zip(again))
        {
            Assert.AreEqual(expected.Entry.Name, got.Entry.Name);
            CollectionAssert.AreEqual(expected.Content, got.Content);
        }
    }

    [TestMethod]
    public void System_Formats_Tar_reads_what_is_written()
    {
        foreach (var (expected, content) in Everything())
        {
            if (expected.Uid > int.MaxValue || expected.Xattrs.Count > 0)
            {
                continue; // It overflows, and takes a newline in a value for the end of the record.
            }

            using var reader = new Formats.TarReader(new MemoryStream(TarRoundTripTests.Write([(expected, content)])));
            var got = reader.GetNextEntry()!;
            Assert.AreEqual(expected.Name.ToText(), got.Name);
            Assert.AreEqual(expected.LinkName.ToText(), got.LinkName ?? "");
            Assert.AreEqual((expected.Uid, expected.Gid, expected.Mode), (got.Uid, got.Gid, (int)got.Mode));
            // It makes doubles of times.
            Assert.AreEqual(
                0,
                (expected.ModificationTime.ToDateTimeOffset() - got.ModificationTime).TotalSeconds,
                0.001
            );
            Assert.AreEqual(expected.Size, got.Length);
            if (
                got is Formats.PosixTarEntry
                {
                    EntryType: Formats.TarEntryType.BlockDevice or Formats.TarEntryType.CharacterDevice
                } device
            )
            {
                Assert.AreEqual(
                    ((int)expected.DeviceMajor, (int)expected.DeviceMinor),
                    (device.DeviceMajor, device.DeviceMinor)
                );
            }
        }
    }

    [TestMethod]
    public void What_System_Formats_Tar_writes_is_read_as_it_reads_it() =>
        Gen.Select(
                Gen.Enum<Formats.TarEntryFormat>().Where(format => format != Formats.TarEntryFormat.Unknown),
                Gen.Int[0, 5],
                Gen.Select(
                    Gen.String[Gen.Char['a', 'z'], 1, 40],
                    Gen.String[Gen.Char['a', 'ü'].Where(unit => char.IsLetter(unit)), 1, 30]
                ).Array[1, 4],
                Gen.Int[0, 2_000_000],
                Gen.Long[0, 8_000_000_000],
                Gen.Byte.Array[0, 600]
            )
            .Sample(
                (format, kind, parts, id, time, content) =>
                {
                    var name = string.Join('/', parts.Select(part => part.Item1 + part.Item2));
                    var tar = new MemoryStream();
                    using (var writer = new Formats.TarWriter(tar, format, leaveOpen: true))
                    {
                        var entry = Entry(format, kind, name);
                        (entry.Uid, entry.Gid) = (id, id / 2);
                        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(time);
                        if (kind == 0)
                        {
                            entry.DataStream = new MemoryStream(content);
                        }
                        else if (kind is 2 or 3)
                        {
                            entry.LinkName = "target/" + name;
                        }

                        try
                        {
                            writer.WriteEntry(entry);
                        }
                        catch (ArgumentException)
                        {
                            return; // A name that its ustar or v7 cannot hold.
                        }
                    }

                    tar.Position = 0;
                    using var oracle = new Formats.TarReader(tar, leaveOpen: true);
                    var expected = oracle.GetNextEntry(copyData: true)!;
                    var got = Assert.ContainsSingle(TarText.ReadAll(tar.ToArray()));
                    Assert.AreEqual(
                        (
                            expected.Name,
                            expected.LinkName ?? "",
                            (long)expected.Uid,
                            (long)expected.Gid,
                            expected.ModificationTime,
                            (int)expected.Mode,
                            expected.Length
                        ),
                        (
                            got.Entry.Name.ToText(),
                            got.Entry.LinkName.ToText(),
                            got.Entry.Uid,
                            got.Entry.Gid,
                            got.Entry.ModificationTime.ToDateTimeOffset(),
                            got.Entry.Mode,
                            got.Entry.Size
                        )
                    );
                    CollectionAssert.AreEqual(kind == 0 ? content : [], got.Content);
                },
                iter: 300
            );

    private static Formats.TarEntry Entry(Formats.TarEntryFormat format, int kind, string name)
    {
        Formats.TarEntryType[] types =
        [
            format == Formats.TarEntryFormat.V7 ? Formats.TarEntryType.V7RegularFile : Formats.TarEntryType.RegularFile,
            Formats.TarEntryType.Directory,
            Formats.TarEntryType.SymbolicLink,
            Formats.TarEntryType.HardLink,
            format == Formats.TarEntryFormat.V7 ? Formats.TarEntryType.Directory : Formats.TarEntryType.Fifo,
            format == Formats.TarEntryFormat.V7 ? Formats.TarEntryType.Directory : Formats.TarEntryType.BlockDevice,
        ];
        return format switch
        {
            Formats.TarEntryFormat.V7 => new Formats.V7TarEntry(types[kind], name),
            Formats.TarEntryFormat.Ustar => new Formats.UstarTarEntry(types[kind], name),
            Formats.TarEntryFormat.Pax => new Formats.PaxTarEntry(types[kind], name),
            _ => new Formats.GnuTarEntry(types[kind], name),
        };
    }

    /// <summary>Entries that need every kind of record.</summary>
    private static List<(TarEntry Entry, byte[] Content)> Everything()
    {
        var time = new TarTime(1_700_000_000);
        List<TarEntry> entries =
        [
            New("d/", TarEntryKind.Directory),
            New("d/f", TarEntryKind.File),
            New("d/h", TarEntryKind.HardLink, "d/f"),
            New("d/s", TarEntryKind.SymbolicLink, "f"),
            New("d/c", TarEntryKind.CharacterDevice) with
            {
                DeviceMajor = 5,
                DeviceMinor = 1,
            },
            New("d/b", TarEntryKind.BlockDevice) with
            {
                DeviceMajor = 259,
                DeviceMinor = 65537,
            },
            New("d/p", TarEntryKind.Fifo),
            New("d/ids", TarEntryKind.File) with
            {
                Uid = 2_097_152,
                Gid = 4_000_000,
            },
            New("d/bigids", TarEntryKind.File) with
            {
                Uid = 4_000_000_000,
                Gid = 4_294_967_294,
            },
            New("d/old", TarEntryKind.File) with
            {
                ModificationTime = new TarTime(-86_401),
            },
            New("d/fraction", TarEntryKind.File) with
            {
                ModificationTime = new TarTime(1_700_000_000, 123_456_789),
            },
            New("d/far", TarEntryKind.File) with
            {
                ModificationTime = new TarTime(10_000_000_000),
            },
            New("d/gr\u00fcn", TarEntryKind.SymbolicLink, "\u4e16\u754c"),
            New("d/" + LongName, TarEntryKind.File),
            New("d/" + LongName[..150], TarEntryKind.Directory),
            New("d/longlink", TarEntryKind.SymbolicLink, LongName),
            New("d/xattr", TarEntryKind.File) with
            {
                Xattrs =
                [
                    new Xattr(ByteString.FromText("user.bytes"), ByteString.FromBytes([0, 1, 10, 255])),
                    new Xattr(ByteString.FromText("user.text"), ByteString.FromText("t")),
                ],
            },
        ];
        return entries.ConvertAll(entry => (entry, entry.Kind == TarEntryKind.File ? "hello"u8.ToArray() : []));

        TarEntry New(string name, TarEntryKind kind, string link = "") =>
            new()
            {
                Name = ByteString.FromText(kind == TarEntryKind.Directory && name[^1] != '/' ? name + "/" : name),
                Kind = kind,
                Mode = 0x1ed,
                Uid = 1000,
                Gid = 100,
                ModificationTime = time,
                LinkName = ByteString.FromText(link),
                Size = kind == TarEntryKind.File ? 5 : 0,
            };
    }

    private static void MakeTree(TestFolder folder, bool long100 = false)
    {
        File.WriteAllText(folder["t/dir/file"], "hello");
        File.CreateSymbolicLink(folder["t/link"], "dir/file");
        Run("ln", $"{folder["t/dir/file"]} {folder["t/hard"]}");
        Run("mkfifo", folder["t/fifo"]);
        using (var sparse = File.Create(folder["t/sparse"]))
        {
            sparse.Position = 1_048_576;
            sparse.Write("data"u8);
        }

        if (long100)
        {
            File.WriteAllText(folder[$"t/{LongName[..121]}/f"], "long");
            return;
        }

        File.WriteAllText(folder["t/gr\u00fcn \u4e16"], "\u4e16");
        File.WriteAllText(folder[$"t/{LongName}"], "long");
        File.CreateSymbolicLink(folder["t/longlink"], LongName);
    }

    private static void Check(byte[] tar)
    {
        var all = TarText.ReadAll(tar);
        // Which of two names of a file comes first, and is the file, is the order of the archive; directories of the
        // long name are not listed.
        var shown = all.Where(pair =>
                !(
                    pair.Entry.Kind == TarEntryKind.Directory
                    && pair.Entry.Name.Units.Contains("/ll", StringComparison.Ordinal)
                )
            )
            .Select(pair =>
                $"{pair.Entry.Kind} {pair.Entry.Name.ToText()} {pair.Entry.Size} {pair.Entry.LinkName.ToText()}"
            )
            .Select(line =>
                line.Replace("File t/hard 5 ", "HardLink t/hard 0 t/dir/file", StringComparison.Ordinal)
                    .Replace("HardLink t/dir/file 0 t/hard", "File t/dir/file 5 ", StringComparison.Ordinal)
            );
        Assert.AreEqual(
            string.Join('\n', Tree),
            string.Join('\n', shown.OrderBy(line => line.Split(' ')[1], StringComparer.Ordinal))
        );
        var sparse = Assert.ContainsSingle(all.Where(pair => pair.Entry.Name.Units == "t/sparse"));
        Assert.AreEqual("data", Encoding.ASCII.GetString(sparse.Content.AsSpan(1_048_576)));
        Assert.IsFalse(sparse.Content.AsSpan(0, 1_048_576).ContainsAnyExcept((byte)0));
    }

    private static byte[] Run(string program, string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["LC_ALL"] = "C.UTF-8" },
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return output.ToArray();
    }
}
