using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.IO.Compression.Gzip;

/// <summary>
/// Writes one gzip member, RFC 1952, without name, with time 0 and operating system 255. The header is ours because the
/// runtime's header names the platform. Blocks are compressed in parallel, as pigz does: each has the content before it
/// as its window, and each ends at a byte boundary.
/// </summary>
internal sealed class GzipEncoder(Stream target, int level, bool leaveOpen, int threads, BlockEncoders? shared = null)
    : ParallelEncoder(target, leaveOpen, WindowSize, threads, shared ?? NewEncoders(level), shared is null)
{
    /// <summary>zlib's default.</summary>
    public const int DefaultLevel = 6;

    private const int BlockSize = 1024 * 1024;

    /// <summary>How far deflate looks back.</summary>
    private const int WindowSize = 32 * 1024;

    private readonly Crc32 _crc = new();
    private uint _size;

    /// <summary>Encoders of blocks for a level, to be shared.</summary>
    public static BlockEncoders NewEncoders(int level)
    {
        var options = new ZLibCompressionOptions { CompressionLevel = level };
        return new BlockEncoders(() => new DeflateBlock(options));
    }

    protected override void Begin(ReadOnlySpan<byte> block)
    {
        if (Blocks == 0)
        {
            Target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        }

        _crc.Append(block);
        _size += (uint)block.Length;
    }

    protected override void End()
    {
        // An empty final block of deflate ends the stream. The other blocks do not know which of them is the last.
        Target.Write([0x03, 0x00]);
        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _size);
        Target.Write(trailer);
    }

    /// <summary>Produces whole bytes of deflate blocks; none of them is the final block.</summary>
    private sealed class DeflateBlock(ZLibCompressionOptions options) : BlockEncoder(BlockSize, WindowSize)
    {
        private readonly Collector _compressed = new();

        public override ReadOnlySpan<byte> Compressed => _compressed.Bytes;

        public override void Dispose() => _compressed.Dispose();

        protected override void Run(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content)
        {
            _compressed.Clear();
            using var deflate = new DeflateStream(_compressed, options, leaveOpen: true);
            if (!window.IsEmpty)
            {
                // The runtime has no call to set a dictionary, so the window is compressed first and that output
                // dropped. It costs a thirtieth.
                _compressed.IsOpen = false;
                deflate.Write(window);
                deflate.Flush();
            }

            _compressed.IsOpen = true;
            deflate.Write(content);

            // A sync flush: ends at a byte, and keeps the stream open for the next block.
            deflate.Flush();
            _compressed.IsOpen = false;
        }
    }

    /// <summary>Keeps the bytes that are written while it is open.</summary>
    private sealed class Collector : ForwardWriteStream
    {
        private byte[] _bytes = new byte[256 * 1024];
        private int _count;

        public bool IsOpen { get; set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

        public override long Length => _count;

        public override long Position
        {
            get => _count;
            set => throw new NotSupportedException();
        }

        public void Clear() => _count = 0;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsOpen)
            {
                return;
            }

            if (_bytes.Length - _count < buffer.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + buffer.Length));
            }

            buffer.CopyTo(_bytes.AsSpan(_count));
            _count += buffer.Length;
        }
    }
}
