using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.IO.Hashing;

namespace ImageTarTasks.Bytes;

/// <summary>
/// One gzip member, RFC 1952, without name, time (0) and operating system (255): the header is ours because the runtime's names the platform.
/// Blocks are compressed side by side, as pigz does it: each with the content before it as its window, and ending at a byte. The
/// blocks have one size, so the bytes do not depend on the number of threads.
/// </summary>
internal sealed class GzipEncoder(Stream target, int level, bool leaveOpen, int threads) : CompressingStream(target, leaveOpen, BlockSize)
{
    /// <summary>zlib's default.</summary>
    public const int DefaultLevel = 6;

    private const int BlockSize = 1024 * 1024;

    /// <summary>How far deflate looks back.</summary>
    private const int WindowSize = 32 * 1024;

    private readonly Crc32 _crc = new();
    private readonly Queue<Task<GzipBlock>> _running = new();
    private readonly Stack<GzipBlock> _free = new();
    private readonly byte[] _window = new byte[WindowSize];
    private int _windowLength;
    private uint _size;
    private bool _headerWritten;

    protected override void Compress(ReadOnlySpan<byte> block)
    {
        WriteHeader();
        if (block.IsEmpty)
        {
            return;
        }

        _crc.Append(block);
        _size += (uint)block.Length;
        while (_running.Count > threads)
        {
            WriteOldest();
        }

        if (!_free.TryPop(out var job))
        {
            job = new GzipBlock(WindowSize + BlockSize, level);
        }

        job.Set(_window.AsSpan(0, _windowLength), block);
        _running.Enqueue(threads == 1 ? Task.FromResult(job.Run()) : Task.Run(job.Run));
        _windowLength = Math.Min(block.Length, WindowSize);
        block[^_windowLength..].CopyTo(_window);
    }

    protected override void Finish()
    {
        while (_running.Count > 0)
        {
            WriteOldest();
        }

        // Deflate's empty final block: the others do not know which of them is the last.
        Target.Write([0x03, 0x00]);
        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _size);
        Target.Write(trailer);
    }

    protected override void Release()
    {
        // Only after a failure is anything still running, and it ends by itself.
        _running.Clear();
    }

    private void WriteHeader()
    {
        if (!_headerWritten)
        {
            _headerWritten = true;
            Target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        }
    }

    private void WriteOldest()
    {
        var job = _running.Dequeue().GetAwaiter().GetResult();
        Target.Write(job.Compressed);
        _free.Push(job);
    }
}

/// <summary>A block of content on its way through deflate.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The collector holds nothing to dispose of.")]
internal sealed class GzipBlock(int capacity, int level)
{
    private readonly byte[] _content = new byte[capacity];
    private readonly Collector _compressed = new();
    private int _window;
    private int _length;

    /// <summary>Whole bytes of deflate blocks, none of them the final one.</summary>
    public ReadOnlySpan<byte> Compressed => _compressed.Bytes;

    /// <summary>Copies what is to be compressed and what stands before it.</summary>
    public void Set(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content)
    {
        window.CopyTo(_content);
        content.CopyTo(_content.AsSpan(window.Length));
        _window = window.Length;
        _length = window.Length + content.Length;
    }

    /// <summary>Compresses.</summary>
    public GzipBlock Run()
    {
        _compressed.Clear();
        using var deflate = new DeflateStream(_compressed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);
        if (_window > 0)
        {
            // There is no call to set a dictionary. Compressing it costs a thirtieth, and what comes out was written before.
            _compressed.IsOpen = false;
            deflate.Write(_content, 0, _window);
            deflate.Flush();
        }

        _compressed.IsOpen = true;
        deflate.Write(_content, _window, _length - _window);

        // A sync flush: ends at a byte, and keeps the stream open for the next block.
        deflate.Flush();
        _compressed.IsOpen = false;
        return this;
    }

    /// <summary>Keeps what is written while it is open.</summary>
    private sealed class Collector : Stream
    {
        private byte[] _bytes = new byte[256 * 1024];
        private int _count;

        public bool IsOpen { get; set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _count;

        public override long Position { get => _count; set => throw new NotSupportedException(); }

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

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
