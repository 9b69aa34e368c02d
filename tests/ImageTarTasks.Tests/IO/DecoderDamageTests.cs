using CsCheck;
using ICSharpCode.SharpZipLib.BZip2;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;
using static ImageTarTasks.Tests.IO.Samples;

namespace ImageTarTasks.Tests.IO;

/// <summary>Every stream that is not whole is refused, by name; nothing else escapes.</summary>
[TestClass]
public class DecoderDamageTests
{
    private const string XzHex =
        "fd377a585a000004e6d6b4460200210116000000742fe5a3e0001a000e5d00341949ee8def8c8a713c097b00000000008da5c46bcb90a32300012a1befb088c51fb6f37d010000000004595a";

    private static readonly byte[] Plain = Content(150);

    /// <summary>A small stream of each format; two members, so that damage may hit the second.</summary>
    private static readonly (string Name, byte[] Bytes)[] Valid =
    [
        (
            "gzip",
            Join(Encode(Plain, CompressionKind.Gzip), GzipWithEveryHeaderField(Encode(Plain, CompressionKind.Gzip)))
        ),
        ("bzip2", Join(Bzip2(Plain), Bzip2(Plain))),
        ("xz", Join(XzOfHello, XzOfHello)),
        ("zstd", Join(Encode(Plain, CompressionKind.Zstd), Encode(Plain, CompressionKind.Zstd))),
    ];

    /// <summary>"hello, hello, hello, hello\n" by xz 5.2 with CRC-64.</summary>
    private static byte[] XzOfHello => Convert.FromHexString(XzHex);

    public static IEnumerable<object[]> Formats => Valid.Select(valid => new object[] { valid.Name });

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void A_stream_cut_anywhere_is_truncated(string format)
    {
        var valid = BytesOf(format);
        var whole = Decode(valid);
        for (var length = 0; length < valid.Length; length++)
        {
            var cut = valid[..length];
            if (StreamCompression.Detect(cut) == CompressionKind.None)
            {
                ByteAssert.AreEqual(cut, Decode(cut), "shorter than the magic: plain");
            }
            else if (length == valid.Length / 2 && format != "gzip")
            {
                ByteAssert.AreEqual(
                    whole[..(whole.Length / 2)],
                    Decode(cut),
                    "the first member is a stream of its own"
                );
            }
            else if (format != "gzip" || length != Encode(Plain, CompressionKind.Gzip).Length)
            {
                var message = Refused(cut);
                StringAssert.StartsWith(message, format + ": ");
                StringAssert.Contains(message, $"at byte ");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void A_flipped_bit_is_noticed_or_changes_nothing(string format)
    {
        var valid = BytesOf(format);
        var whole = Decode(valid);
        for (var bit = 0; bit < valid.Length * 8; bit++)
        {
            var flipped = (byte[])valid.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.IsTrue(SameOrRefused(flipped, whole), $"bit {bit}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void Bytes_after_the_end_are_refused(string format)
    {
        var valid = BytesOf(format);
        foreach (
            var trailing in new byte[][] { [1], [0, 0, 0, 1], "garbage that is no member"u8.ToArray(), new byte[3] }
        )
        {
            if (format == "gzip" && trailing.All(b => b == 0))
            {
                ByteAssert.AreEqual(Decode(valid), Decode(Join(valid, trailing)));
            }
            else
            {
                StringAssert.StartsWith(Refused(Join(valid, trailing)), format + ": ");
            }
        }
    }

    [TestMethod]
    public void Zeros_may_pad_gzip_and_by_fours_xz()
    {
        var gzip = BytesOf("gzip");
        ByteAssert.AreEqual(Decode(gzip), Decode(Join(gzip, new byte[100_000])));
        Refused(Join(gzip, new byte[100_000], [1]), "ITT2104");
        Refused(Join(gzip, new byte[10], gzip), "ITT2104");

        var xz = XzOfHello;
        ByteAssert.AreEqual(Decode(xz), Decode(Join(xz, new byte[100_000])));
        ByteAssert.AreEqual(Join(Decode(xz), Decode(xz)), Decode(Join(xz, new byte[8], xz)));
        Refused(Join(xz, new byte[7], xz), "ITT2102");
        Refused(Join(xz, new byte[100_001]), "ITT2102");
    }

    [TestMethod]
    public void Random_damage_gives_the_same_bytes_or_a_coded_error() =>
        Gen.Select(
                Gen.Int[0, 3],
                Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 6],
                Gen.Int[0, 2000],
                Gen.Int[1, 40]
            )
            .Sample(
                (format, changes, cut, most) =>
                {
                    var bytes = (byte[])Valid[format].Bytes.Clone();
                    var whole = Decode(bytes);
                    foreach (var (at, value) in changes)
                    {
                        bytes[at % bytes.Length] = value;
                    }

                    return SameOrRefused(cut < bytes.Length ? bytes[..cut] : bytes, whole, most);
                },
                iter: 4000,
                threads: 2
            );

    [TestMethod]
    public void Random_bytes_behind_a_magic_give_a_coded_error_or_plain_bytes() =>
        Gen.Select(Gen.Int[0, 3], Gen.Byte.Array[0, 200])
            .Sample(
                (format, noise) =>
                    SameOrRefused(
                        Join(
                            Valid[format].Bytes[
                                ..(
                                    format == 1 ? 10
                                    : format == 2 ? 12
                                    : 4
                                )
                            ],
                            noise
                        ),
                        null
                    ),
                iter: 4000,
                threads: 2
            );

    [TestMethod]
    public void Reading_on_after_a_failure_fails_again()
    {
        var valid = BytesOf("gzip");
        using var decoder = StreamCompression.OpenDecoder(new MemoryStream(valid[..^1]), Where);
        var first = Assert.ThrowsExactly<ImageTarException>(() => decoder.CopyTo(Stream.Null));
        Assert.AreSame(first, Assert.ThrowsExactly<ImageTarException>(() => decoder.ReadByte()));
    }

    [TestMethod]
    public void A_source_that_fails_is_told_as_unreadable()
    {
        foreach (var (_, valid) in Valid.Append(("plain", Plain)))
        {
            using var decoder = StreamCompression.OpenDecoder(new Failing(valid[..20]), Where);
            Assert.AreEqual(
                "ITT1009",
                Assert.ThrowsExactly<ImageTarException>(() => decoder.CopyTo(Stream.Null)).Diagnostic.Code
            );
        }
    }

    [TestMethod]
    public void Content_compressed_twice_is_refused()
    {
        foreach (var (name, valid) in Valid)
        {
            StringAssert.Contains(Refused(Encode(valid, CompressionKind.Gzip), "ITT2108"), $"({name})");
            StringAssert.Contains(Refused(Encode(valid, CompressionKind.Zstd), "ITT2108"), $"({name})");
        }
    }

    [TestMethod]
    public void More_than_max_unpacked_is_refused_also_when_plain()
    {
        foreach (var kind in new[] { CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstd })
        {
            var compressed = Encode(Content(5000), kind);
            StringAssert.Contains(Refused(compressed, "ITT2107", maxPlainSize: 4999), "max-unpacked");
            Assert.HasCount(5000, Decode(compressed, maxPlainSize: 5000));
        }
    }

    [TestMethod]
    [RequiresProgram("zstd")]
    [RequiresProgram("bzip2")]
    [RequiresProgram("xz")]
    [RequiresProgram("gzip")]
    [DataRow("zstd", "-q -c", true)]
    [DataRow("gzip", "-c", false)]
    public void A_bomb_stops_at_the_ratio_that_gzip_of_zeros_cannot_reach(
        string program,
        string arguments,
        bool refused
    )
    {
        var zeros = new byte[Limits.ExpansionFloor + (20 << 20)];
        using var decoder = StreamCompression.OpenDecoder(new MemoryStream(Run(program, arguments, zeros)), Where);
        if (refused)
        {
            var failure = Assert
                .ThrowsExactly<ImageTarException>(() => StreamCopy.Copy(decoder, Stream.Null, CancellationToken.None))
                .Diagnostic;
            Assert.AreEqual("ITT2106", failure.Code);
            StringAssert.Contains(failure.Message, "max-unpacked");
        }
        else
        {
            Assert.AreEqual(zeros.LongLength, StreamCopy.Copy(decoder, Stream.Null, CancellationToken.None));
        }
    }

    [TestMethod]
    [RequiresProgram("zstd")]
    public void Zstd_that_needs_a_dictionary_is_refused()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder["dictionary"], Content(10_000));
        byte[] frameNamingDictionary = [0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x07, 0x01, 0x09, 0x00, 0x00, 0x61];
        StringAssert.Contains(Refused(frameNamingDictionary, "ITT2105"), "a dictionary");
    }

    private static bool SameOrRefused(byte[] bytes, byte[]? whole, int most = 4096)
    {
        try
        {
            var plain = Decode(new Trickle(bytes, most));
            return whole is null
                || StreamCompression.Detect(bytes) == CompressionKind.None
                || whole.AsSpan().StartsWith(plain);
        }
        catch (ImageTarException failure)
        {
            return failure.Diagnostic.Code.StartsWith("ITT21", StringComparison.Ordinal);
        }
    }

    private static byte[] BytesOf(string format) => Valid.Single(valid => valid.Name == format).Bytes;

    private static byte[] Bzip2(byte[] content)
    {
        var target = new MemoryStream();
        using (var encoder = new BZip2OutputStream(target, 1) { IsStreamOwner = false })
        {
            encoder.Write(content);
        }

        return target.ToArray();
    }

    /// <summary>The member with extra field, name, comment and header CRC.</summary>
    private static byte[] GzipWithEveryHeaderField(byte[] member)
    {
        byte[] header =
        [
            0x1f,
            0x8b,
            8,
            0x1f,
            1,
            2,
            3,
            4,
            2,
            3,
            5,
            0,
            (byte)'e',
            (byte)'x',
            1,
            0,
            9,
            .. "name\0comment\0"u8,
        ];
        var crc = System.IO.Hashing.Crc32.HashToUInt32(header);
        return Join(header, [(byte)crc, (byte)(crc >> 8)], member[10..]);
    }

    private sealed class Failing(byte[] content) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) =>
            Position < Length ? base.Read(buffer) : throw new IOException("the disk is on fire");
    }
}
