using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ImageTarTasks.Bytes;

/// <summary>One gzip member, RFC 1952, without name, time (0) and operating system (255): the header is ours because the runtime's names the platform.</summary>
internal sealed class GzipEncoder : CompressingStream
{
    /// <summary>zlib's default.</summary>
    public const int DefaultLevel = 6;

    private readonly Crc32 _crc = new();
    private readonly DeflateStream _deflate;
    private uint _size;
    private bool _headerWritten;

    public GzipEncoder(Stream target, int level, bool leaveOpen)
        : base(target, leaveOpen) =>
        _deflate = new DeflateStream(target, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        if (!_headerWritten)
        {
            _headerWritten = true;
            Target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        }

        _crc.Append(block);
        _size += (uint)block.Length;
        _deflate.Write(block);
    }

    protected override void Finish()
    {
        _deflate.Dispose();
        if (_size == 0 && _crc.GetCurrentHashAsUInt32() == 0)
        {
            // The runtime writes nothing at all for no content; this is deflate's empty final block.
            Target.Write([0x03, 0x00]);
        }

        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _size);
        Target.Write(trailer);
    }

    protected override void Release()
    {
        // Disposing writes what is left, so after a failure it would fail again: the finaliser of its native handle frees it.
    }
}
