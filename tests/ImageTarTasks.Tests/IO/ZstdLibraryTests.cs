using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Compression.Zstd;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.IO;

/// <summary>libzstd and its managed port, where both are here, cannot be told from each other.</summary>
[TestClass]
[RequiresNativeZstd]
public sealed class ZstdLibraryTests
{
    private static readonly ManagedZstd Managed = new();

    private static readonly NativeZstd? Native = NativeZstd.TryLoad();

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(9)]
    [DataRow(19)]
    public void Both_write_the_same_bytes(int level) =>
        Content.Sample(
            content =>
                Assert.IsTrue(Encode(Native!, content, level).AsSpan().SequenceEqual(Encode(Managed, content, level))),
            iter: 40,
            threads: 1
        );

    [TestMethod]
    public void Both_write_the_same_bytes_of_several_frames()
    {
        // More than one frame of 4 MiB, neither noise nor zeros.
        var content = new byte[9_000_001];
        for (var i = 0; i < content.Length; i++)
        {
            content[i] = (byte)((i * 31 / 7) ^ (i >> 11) ^ (i % 257 == 0 ? i >> 3 : 0));
        }

        Assert.IsTrue(Encode(Native!, content, 3).AsSpan().SequenceEqual(Encode(Managed, content, 3)));
    }

    [TestMethod]
    public void Both_read_sound_and_damaged_content_alike() =>
        Gen.Select(Content, Gen.Int[0, 5_000], Gen.Byte, Gen.Int[0, 5_000])
            .Sample(
                (content, at, with, cut) =>
                {
                    var bytes = Encode(Native!, content, 3);
                    bytes[at % bytes.Length] ^= with;
                    bytes = cut % 3 == 0 ? bytes[..(cut % bytes.Length)] : bytes;
                    Assert.AreEqual(Decode(Managed, bytes), Decode(Native!, bytes));
                },
                iter: 500
            );

    /// <summary>Runs, text and noise, up to some hundred kilobytes.</summary>
    private static readonly Gen<byte[]> Content = Gen.OneOf(
            Gen.Byte.Array[0, 3000],
            Gen.Select(Gen.Byte, Gen.Int[1, 40_000], (value, count) => Enumerable.Repeat(value, count).ToArray()),
            Gen.Byte[97, 101]
                .Array[10, 2000]
                .Select(word => Enumerable.Repeat(word, 20).SelectMany(bytes => bytes).ToArray())
        )
        .Array[0, 8]
        .Select(parts => parts.SelectMany(part => part).ToArray());

    private static byte[] Encode(ZstdLibrary library, byte[] content, int level)
    {
        using var target = new MemoryStream();
        using (var encoder = new ZstdEncoder(target, level, leaveOpen: true, threads: 1, library))
        {
            encoder.Write(content);
        }

        return target.ToArray();
    }

    /// <summary>The hash of what comes out, or the message of why nothing does.</summary>
    private static string Decode(ZstdLibrary library, byte[] bytes)
    {
        using var input = new CompressedInput(new MemoryStream(bytes), new ContentLocation("z"), leaveOpen: false);
        input.Format = CompressionKind.Zstd;
        using var decoder = new ZstdDecoder(input, library);
        using var content = new MemoryStream();
        try
        {
            var buffer = new byte[10_000];
            int read;
            while ((read = decoder.Read(buffer)) > 0)
            {
                content.Write(buffer, 0, read);
            }
        }
        catch (ImageTarException refused)
        {
            return refused.Message;
        }

        return Digest.Of(content.ToArray()).Value;
    }
}

/// <summary>
/// The test runs only where the package has libzstd for the platform. On Linux with glibc on x64 and arm64 it has, so
/// there nothing is left out.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresNativeZstdAttribute : ConditionBaseAttribute
{
    public RequiresNativeZstdAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "no libzstd for this platform";

    public override string GroupName => nameof(RequiresNativeZstdAttribute);

    public override bool IsConditionMet => ZstdLibrary.Best is NativeZstd;
}
