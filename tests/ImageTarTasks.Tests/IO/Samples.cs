using System.Diagnostics;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.IO;

/// <summary>Contents, third-party programs that compress them, and the decoder called the short way.</summary>
internal static class Samples
{
    public static ContentLocation Where { get; } = new("sample.tar");

    /// <summary>Something between text and noise, the same every time.</summary>
    public static byte[] Content(int size, int seed = 1)
    {
        var random = new Random(seed);
        var content = new byte[size];
        for (var i = 0; i < size; i++)
        {
            content[i] = (byte)(random.Next(4) == 0 ? random.Next(256) : "the quick brown fox "[i % 20]);
        }

        return content;
    }

    /// <summary>What a program writes for <paramref name="input"/>; its failure fails the test.</summary>
    public static byte[] Run(string program, string arguments, byte[] input)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var write = Task.Run(() =>
        {
            using var stdin = process.StandardInput.BaseStream;
            stdin.Write(input);
        });
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        write.Wait();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return output.ToArray();
    }

    public static byte[] Encode(byte[] content, CompressionKind kind, int? level = null)
    {
        var target = new MemoryStream();
        using (var encoder = StreamCompression.OpenEncoder(target, kind, level, leaveOpen: true))
        {
            encoder.Write(content);
        }

        return target.ToArray();
    }

    public static byte[] Decode(byte[] compressed, long? maxPlainSize = null) =>
        Decode(new MemoryStream(compressed), maxPlainSize);

    public static byte[] Decode(Stream compressed, long? maxPlainSize = null)
    {
        using var decoder = StreamCompression.OpenDecoder(compressed, Where, maxPlainSize: maxPlainSize);
        var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>
    /// Asserts that decoding fails with <paramref name="code"/> (null: any of 21xx) and words that name the format.
    /// </summary>
    public static string Refused(byte[] compressed, string? code = null, long? maxPlainSize = null)
    {
        var failure = Assert.ThrowsExactly<ImageTarException>(() => Decode(compressed, maxPlainSize)).Diagnostic;
        StringAssert.StartsWith(failure.Code, code ?? "ITT21");
        Assert.AreEqual("sample.tar", failure.File);
        return failure.Message;
    }

    public static byte[] Join(params byte[][] parts) => parts.SelectMany(part => part).ToArray();

    public static string Text(byte[] content) => Encoding.UTF8.GetString(content);
}

/// <summary>A pipe: not seekable, and each read gives a few bytes only.</summary>
internal sealed class Trickle(byte[] content, int most = 3) : Stream
{
    private int _at;
    private int _step;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = Math.Min(Math.Min(count, content.Length - _at), 1 + (_step++ % most));
        content.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
        _at += read;
        return read;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
