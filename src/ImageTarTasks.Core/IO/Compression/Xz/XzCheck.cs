using System.Buffers.Binary;
using System.Security.Cryptography;
using Crc32 = System.IO.Hashing.Crc32;

namespace ImageTarTasks.Core.IO.Compression.Xz;

/// <summary>The check of a block's content: none, CRC-32, CRC-64 or SHA-256 (format 2.1.1.2).</summary>
internal abstract class XzCheck(CompressedInput input, int size) : IDisposable
{
    /// <summary>Bytes the check takes in the stream.</summary>
    public int Size => size;

    /// <summary>The check that stream flags name.</summary>
    public static XzCheck Create(byte kind, CompressedInput input) =>
        kind switch
        {
            0x00 => new None(input),
            0x01 => new Crc32Check(input),
            0x04 => new Crc64Check(input),
            0x0a => new Sha256Check(input),
            _ => throw input.Unsupported($"check type {kind}"),
        };

    /// <summary>Adds content.</summary>
    public abstract void Append(ReadOnlySpan<byte> content);

    /// <summary>Takes the stored check from the input and compares it.</summary>
    public void Compare()
    {
        Span<byte> stored = stackalloc byte[32];
        Span<byte> computed = stackalloc byte[32];
        input.TakeExactly(stored[..size]);
        Finish(computed[..size]);
        if (!stored[..size].SequenceEqual(computed[..size]))
        {
            throw input.CheckFailed("the check of a block's content");
        }
    }

    /// <summary>Frees the hash, if any.</summary>
    public abstract void Dispose();

    protected abstract void Finish(Span<byte> computed);

    private sealed class None(CompressedInput input) : XzCheck(input, 0)
    {
        public override void Dispose() { }

        public override void Append(ReadOnlySpan<byte> content) { }

        protected override void Finish(Span<byte> computed) { }
    }

    private sealed class Crc32Check(CompressedInput input) : XzCheck(input, 4)
    {
        private readonly Crc32 _crc = new();

        public override void Dispose() { }

        public override void Append(ReadOnlySpan<byte> content) => _crc.Append(content);

        protected override void Finish(Span<byte> computed) => _crc.GetCurrentHash(computed);
    }

    private sealed class Crc64Check(CompressedInput input) : XzCheck(input, 8)
    {
        private readonly Crc64 _crc = new();

        public override void Dispose() { }

        public override void Append(ReadOnlySpan<byte> content) => _crc.Append(content);

        protected override void Finish(Span<byte> computed) =>
            BinaryPrimitives.WriteUInt64LittleEndian(computed, _crc.Value);
    }

    private sealed class Sha256Check(CompressedInput input) : XzCheck(input, 32)
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override void Append(ReadOnlySpan<byte> content) => _hash.AppendData(content);

        public override void Dispose() => _hash.Dispose();

        protected override void Finish(Span<byte> computed) => _hash.GetCurrentHash(computed);
    }
}
