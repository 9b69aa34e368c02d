using ZstdSharp;
using ZstdSharp.Unsafe;

namespace ImageTarTasks.Core.IO.Compression.Zstd;

/// <summary>
/// Writes several Zstandard frames in a row, each with its content size and a checksum. Every decoder reads them as one
/// content (RFC 8878, 3). The frames are compressed in parallel.
/// </summary>
internal sealed unsafe class ZstdEncoder : ParallelEncoder
{
    /// <summary>libzstd's default.</summary>
    public const int DefaultLevel = 3;

    /// <summary>
    /// Twice the window of the default level. A frame that cannot see the one before it is less than a hundredth
    /// larger.
    /// </summary>
    private const int BlockSize = 4 * 1024 * 1024;

    private const int Checksum = 4;

    private readonly byte[] _held = new byte[Checksum];
    private bool _holds;

    public ZstdEncoder(
        Stream target,
        int level,
        bool leaveOpen,
        int threads,
        ZstdLibrary library,
        BlockEncoders? shared = null
    )
        : base(target, leaveOpen, windowSize: 0, threads, shared ?? NewEncoders(level, library), shared is null) { }

    /// <summary>A pool of encoders for a level.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static BlockEncoders NewEncoders(int level, ZstdLibrary library)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, Compressor.MaxCompressionLevel);
        return new BlockEncoders(() => new Frame(level, library));
    }

    protected override void Begin(ReadOnlySpan<byte> block) { }

    /// <summary>
    /// Writes the last bytes of a frame together with the next frame, or at the end. An output that stops before that
    /// ends inside a frame, so no decoder accepts a part as the whole.
    /// </summary>
    protected override void WriteBlock(ReadOnlySpan<byte> compressed)
    {
        End();
        Target.Write(compressed[..^Checksum]);
        compressed[^Checksum..].CopyTo(_held);
        _holds = true;
    }

    protected override void End()
    {
        if (_holds)
        {
            _holds = false;
            Target.Write(_held);
        }
    }

    private sealed class Frame : BlockEncoder
    {
        private readonly ZstdLibrary _library;
        private readonly ZstdContext _context;
        private byte[] _compressed = [];
        private int _length;

        public Frame(int level, ZstdLibrary library)
            : base(BlockSize, windowSize: 0)
        {
            _library = library;
            _context = library.NewEncoder();
            library.SetParameter(_context.Pointer, ZSTD_cParameter.ZSTD_c_compressionLevel, level);
            library.SetParameter(_context.Pointer, ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        }

        public override ReadOnlySpan<byte> Compressed => _compressed.AsSpan(0, _length);

        public override void Dispose() => _context.Dispose();

        protected override void Run(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content)
        {
            var bound = Compressor.GetCompressBound(content.Length);
            if (_compressed.Length < bound)
            {
                _compressed = new byte[bound];
            }

            fixed (byte* source = content)
            fixed (byte* target = _compressed)
            {
                var length = _library.Compress(
                    _context.Pointer,
                    target,
                    (nuint)_compressed.Length,
                    source,
                    (nuint)content.Length
                );
                _length = !Methods.ZSTD_isError(length)
                    ? (int)length
                    : throw new InvalidOperationException($"zstd: {Methods.ZSTD_getErrorName(length)}");
            }
        }
    }
}
