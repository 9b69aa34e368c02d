using System.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace ImageTarTasks.Bytes;

/// <summary>
/// One Zstandard frame with a checksum, without a content size (it is not known). The library compresses parts of one size side by side;
/// the bytes do not depend on the number of threads.
/// </summary>
internal sealed class ZstdEncoder : CompressingStream
{
    /// <summary>libzstd's default.</summary>
    public const int DefaultLevel = 3;

    /// <summary>Bytes a thread compresses at a time; the library's default of four windows takes more memory and gains nothing.</summary>
    private const int JobSize = 4 * 1024 * 1024;

    private readonly Compressor _compressor;
    private readonly byte[] _out = new byte[128 * 1024];

    public ZstdEncoder(Stream target, int level, bool leaveOpen, int threads)
        : base(target, leaveOpen, blockSize: 128 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, Compressor.MaxCompressionLevel);
        _compressor = new Compressor(level);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_nbWorkers, threads);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_jobSize, JobSize);
    }

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        while (!block.IsEmpty)
        {
            _compressor.WrapStream(block, _out, out var consumed, out var written, isFinalBlock: false);
            block = block[consumed..];
            Target.Write(_out.AsSpan(0, written));
        }
    }

    protected override void Finish()
    {
        OperationStatus status;
        do
        {
            status = _compressor.FlushStream(_out, out var written, isFinalBlock: true);
            Target.Write(_out.AsSpan(0, written));
        }
        while (status != OperationStatus.Done);
    }

    protected override void Release() => _compressor.Dispose();
}
