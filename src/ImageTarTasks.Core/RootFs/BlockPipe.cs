using System.Runtime.ExceptionServices;

namespace ImageTarTasks.RootFs;

/// <summary>
/// A bounded pipe between two threads: one writes to <see cref="Writer"/>, the other reads from <see cref="Reader"/>; neither gets far
/// ahead. A failure on one side reaches the other.
/// </summary>
internal sealed class BlockPipe : IDisposable
{
    private const int BlockSize = 256 * 1024;
    private const int MaxBlocks = 8;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _free = new(MaxBlocks);
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<ArraySegment<byte>> _blocks = new();
    private readonly CancellationTokenSource _abandoned = new();
    private ExceptionDispatchInfo? _failure;
    private byte[] _filling = new byte[BlockSize];
    private int _used;
    private ArraySegment<byte> _reading;
    private bool _ended;

    public BlockPipe()
    {
        Writer = new WriteEnd(this);
        Reader = new ReadEnd(this);
    }

    /// <summary>Where one thread writes.</summary>
    public Stream Writer { get; }

    /// <summary>Where the other thread reads; a failure of the writer is thrown in place of the end.</summary>
    public Stream Reader { get; }

    /// <summary>Says that all is written.</summary>
    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public void Complete()
    {
        Flush();
        Enqueue(default);
    }

    /// <summary>Says that no more is written because of a failure, and returns that; a reader still there gets it too.</summary>
    public ExceptionDispatchInfo Fail(Exception failure)
    {
        _failure = ExceptionDispatchInfo.Capture(failure);
        TryEnqueue(default);
        return _failure;
    }

    /// <summary>Says that nobody reads any more: the writer gets <see cref="OperationCanceledException"/>.</summary>
    public void Abandon() => _abandoned.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _free.Dispose();
        _filled.Dispose();
        _abandoned.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, BlockSize - _used)];
            piece.CopyTo(_filling.AsSpan(_used));
            _used += piece.Length;
            bytes = bytes[piece.Length..];
            if (_used == BlockSize)
            {
                Flush();
            }
        }
    }

    private void Flush()
    {
        if (_used > 0)
        {
            Enqueue(new ArraySegment<byte>(_filling, 0, _used));
            _filling = new byte[BlockSize];
            _used = 0;
        }
    }

    private void Enqueue(ArraySegment<byte> block)
    {
        if (!TryEnqueue(block))
        {
            throw new OperationCanceledException(_abandoned.Token);
        }
    }

    private bool TryEnqueue(ArraySegment<byte> block)
    {
        try
        {
            _free.Wait(_abandoned.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        lock (_gate)
        {
            _blocks.Enqueue(block);
        }

        _filled.Release();
        return true;
    }

    private int Read(Span<byte> target)
    {
        if (_reading.Count == 0 && !_ended)
        {
            _filled.Wait();
            lock (_gate)
            {
                _reading = _blocks.Dequeue();
            }

            _free.Release();
            _ended = _reading.Array is null;
        }

        if (_ended)
        {
            _failure?.Throw();
            return 0;
        }

        var read = Math.Min(target.Length, _reading.Count);
        _reading.AsSpan(0, read).CopyTo(target);
        _reading = _reading[read..];
        return read;
    }

    private abstract class End : Stream
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    private sealed class WriteEnd(BlockPipe pipe) : End
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => pipe.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);

        public override void Flush()
        {
        }
    }

    private sealed class ReadEnd(BlockPipe pipe) : End
    {
        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override int Read(byte[] buffer, int offset, int count) => pipe.Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => pipe.Read(buffer);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
