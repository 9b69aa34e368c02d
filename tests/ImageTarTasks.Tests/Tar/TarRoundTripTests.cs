using System.Text;
using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Tar;

[TestClass]
public sealed class TarRoundTripTests
{
    private static readonly Gen<ByteString> Component = Gen.OneOf(
        Gen.String[Gen.Char['a', 'z'], 1, 255].Select(ByteString.FromText),
        Gen.Byte.Where(unit => unit is not (0 or (byte)'/')).Array[1, 60].Select(bytes => ByteString.FromBytes(bytes)),
        Gen.String[Gen.Char['ä', 'ÿ'], 1, 100].Select(ByteString.FromText)
    );

    private static readonly Gen<ByteString> Name = Component
        .Array[1, 6]
        .Select(parts => ByteString.FromUnits(string.Join('/', parts.Select(part => part.Units))));

    private static readonly Gen<long> Id = Gen.OneOf(
        Gen.Long[0, 70_000],
        OneOf(0L, 2_097_151, 2_097_152, 4_000_000_000, uint.MaxValue)
    );

    private static readonly Gen<TarTime> Time = Gen.Select(
        Gen.OneOf(
            Gen.Long[0, 2_000_000_000],
            Gen.Long[-100_000_000_000, 100_000_000_000],
            OneOf(-1L, 0, 0x1_ffff_ffff, 0x2_0000_0000)
        ),
        Gen.OneOf(Gen.Const(0), Gen.Int[0, 999_999_999], OneOf(500_000_000, 1)),
        (seconds, nanoseconds) => new TarTime(seconds, nanoseconds)
    );

    private static readonly Gen<IReadOnlyList<Xattr>> Xattrs = Gen.Frequency(
        (3, Gen.Const<IReadOnlyList<Xattr>>([])),
        (
            1,
            Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 20], Gen.Byte.Array[0, 300], (name, value) => (name, value))
                .Array[1, 3]
                .Select(pairs =>
                    (IReadOnlyList<Xattr>)
                        [
                            .. pairs
                                .GroupBy(pair => pair.name, StringComparer.Ordinal)
                                .OrderBy(group => group.Key, StringComparer.Ordinal)
                                .Select(group => new Xattr(
                                    ByteString.FromText("user." + group.Key),
                                    ByteString.FromBytes(group.First().value)
                                )),
                        ]
                )
        )
    );

    private static readonly Gen<(TarEntry Entry, byte[] Content)> Entry = Gen.Select(
        Name,
        Gen.Enum<TarEntryKind>(),
        Gen.Int[0, 0xfff],
        Id,
        Id,
        Time,
        Xattrs,
        Gen.Select(Name, Gen.UInt[0, 3_000_000], Gen.Byte.Array[0, 1500]),
        (name, kind, mode, uid, gid, time, xattrs, rest) =>
        {
            var (link, device, content) = rest;
            var isLink = kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink;
            var isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
            return (
                new TarEntry
                {
                    Name = kind == TarEntryKind.Directory ? ByteString.FromUnits(name.Units + "/") : name,
                    Kind = kind,
                    Mode = mode,
                    Uid = uid,
                    Gid = gid,
                    Size = kind == TarEntryKind.File ? content.Length : 0,
                    ModificationTime = time,
                    LinkName = isLink ? link : default,
                    DeviceMajor = isDevice ? device : 0,
                    DeviceMinor = isDevice ? 3_000_000 - device : 0,
                    Xattrs = xattrs,
                },
                kind == TarEntryKind.File ? content : []
            );
        }
    );

    private static readonly Gen<(TarEntry Entry, byte[] Content)[]> Entries = Entry.Array[0, 12];

    [TestMethod]
    public void What_is_written_is_read_again() =>
        Entries.Sample(
            entries =>
            {
                var read = TarText.ReadAll(Write(entries));
                Assert.HasCount(entries.Length, read);
                foreach (var (wrote, got) in entries.Zip(read))
                {
                    Assert.AreEqual(TarText.Show(wrote.Entry), TarText.Show(got.Entry));
                    Assert.AreEqual(wrote.Entry.Name, got.Entry.Name);
                    Assert.AreEqual(wrote.Entry.LinkName, got.Entry.LinkName);
                    CollectionAssert.AreEqual(wrote.Content, got.Content);
                }
            },
            iter: 150
        );

    [TestMethod]
    public void It_does_not_matter_how_the_bytes_come_or_whether_content_is_read() =>
        Gen.Select(Entries, Gen.Int[1, 2000])
            .Sample(
                (entries, most) =>
                {
                    var tar = Write(entries);
                    var seeking = TarText.ReadAll(tar).ConvertAll(pair => pair.Entry);
                    var reader = new TarReader(TarText.Trickle(tar, most), TarText.Where);
                    foreach (var expected in seeking)
                    {
                        var got = reader.Next();
                        Assert.IsNotNull(got);
                        Assert.AreEqual(TarText.Show(expected), TarText.Show(got));
                        Assert.AreEqual(
                            (expected.HeaderOffset, expected.DataOffset),
                            (got.HeaderOffset, got.DataOffset)
                        );
                        _ = reader.Content.Read(new byte[most % 700]);
                    }

                    Assert.IsNull(reader.Next());
                    Assert.AreEqual(tar.Length, reader.Position);
                },
                iter: 100
            );

    [TestMethod]
    public void A_layer_index_gives_back_every_entry() =>
        Entries.Sample(
            entries =>
            {
                var read = TarText.ReadAll(Write(entries)).ConvertAll(pair => pair.Entry);
                using var index = LayerIndexTests.IndexOf(read);
                var back = index.ReadEntries().ToList();
                Assert.HasCount(read.Count, back);
                foreach (var (expected, got) in read.Zip(back))
                {
                    Assert.AreEqual(TarText.Show(expected), TarText.Show(got));
                    Assert.AreEqual(
                        (expected.HeaderOffset, expected.DataOffset, expected.StoredSize),
                        (got.HeaderOffset, got.DataOffset, got.StoredSize)
                    );
                }
            },
            iter: 100
        );

    [TestMethod]
    public void Damaged_bytes_give_entries_or_a_coded_error() =>
        Gen.Select(
                Entries,
                Gen.Select(
                    Gen.Int[0, int.MaxValue],
                    Gen.OneOf(Gen.Byte, OneOf((byte)0, (byte)'0', (byte)' ', (byte)0x80, (byte)0xff))
                ).Array[1, 8],
                Gen.Bool,
                Gen.Int[0, int.MaxValue]
            )
            .Sample(
                (entries, changes, seal, cut) =>
                {
                    var tar = Write(entries);
                    foreach (var (at, value) in changes)
                    {
                        tar[at % tar.Length] = value;
                        var block = at % tar.Length / 512 * 512;
                        if (seal && Encoding.ASCII.GetString(tar, block + 257, 5) == "ustar")
                        {
                            RawTar.Sealed(tar[block..(block + 512)]).CopyTo(tar, block);
                        }
                    }

                    try
                    {
                        TarText.ReadAll(cut % 3 == 0 ? tar[..(cut % tar.Length)] : tar);
                    }
                    catch (ImageTarException refused)
                    {
                        Assert.StartsWith("ITT20", refused.Diagnostic.Code);
                    }
                },
                iter: 500
            );

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    internal static byte[] Write(IEnumerable<(TarEntry Entry, byte[] Content)> entries)
    {
        var tar = new MemoryStream();
        var writer = new TarWriter(tar);
        foreach (var (entry, content) in entries)
        {
            writer.Add(entry, new MemoryStream(content));
        }

        writer.Finish();
        Assert.AreEqual(tar.Length, writer.Position);
        return tar.ToArray();
    }
}
