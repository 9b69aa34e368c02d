using System.Buffers;
using System.Runtime.ExceptionServices;

namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// A bounded pipe between two threads: one writes to <see cref="Writer"/>, the other reads from <see cref="Reader"/>;
/// neither gets far ahead. A failure on one side reaches the other after the bytes that were written before it.
/// </summary>
internal sealed class BlockPipe : IDisposable
{
    /// <summary>Large enough that handing over costs nothing, small enough to stay in the second level cache.</summary>
    public const int BlockSize = 256 * 1024;

    private const int MaxBlocks = 8;

    private readonly object _gate = new();
    private readonly Queue<ArraySegment<byte>> _filled = new(MaxBlocks);
    private readonly Stack<byte[]> _free = new(MaxBlocks);
    private int _made;
    private int _beingRead;
    private bool _ended;
    private bool _abandoned;
    private ExceptionDispatchInfo? _writerFailure;
    private ExceptionDispatchInfo? _readerFailure;

    // The writer's own, then the reader's own.
    private byte[]? _filling;
    private int _used;
    private ArraySegment<byte> _reading;

    public BlockPipe()
    {
        Writer = new WriteEnd(this);
        Reader = new ReadEnd(this);
    }

    /// <summary>Where one thread writes. Flushing it does nothing.</summary>
    public Stream Writer { get; }

    /// <summary>The stream of the reading thread. A failure of the writer is thrown in place of the end.</summary>
    public Stream Reader { get; }

    /// <summary>Says that all is written.</summary>
    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public void Complete()
    {
        PassOn();
        End(null);
    }

    /// <summary>Marks the end of the content, even when the reader is gone.</summary>
    public void End()
    {
        TryPassOn();
        End(null);
    }

    /// <summary>Ends the content with a failure and returns it. The reader gets it, too.</summary>
    public ExceptionDispatchInfo Fail(Exception failure)
    {
        var captured = ExceptionDispatchInfo.Capture(failure);
        TryPassOn();
        End(captured);
        return captured;
    }

    /// <summary>
    /// Ends the reading. The writer gets <paramref name="failure"/>, or <see cref="OperationCanceledException"/> when
    /// there is none.
    /// </summary>
    public void Abandon(Exception? failure = null)
    {
        lock (_gate)
        {
            _readerFailure ??= failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            _abandoned = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// The writer's: reads one block from <paramref name="source"/> and passes it on; false when the source has ended.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody reads any more.</exception>
    public bool Fill(Stream source)
    {
        _filling ??= TakeFree();
        while (_used < BlockSize)
        {
            var read = source.Read(_filling, _used, BlockSize - _used);
            if (read == 0)
            {
                PassOn();
                return false;
            }

            _used += read;
        }

        PassOn();
        return true;
    }

    /// <summary>
    /// Called by the writer: sends what is written and waits until the reader has read all of it and requests more.
    /// </summary>
    public void WaitUntilRead()
    {
        PassOn();
        lock (_gate)
        {
            while ((_filled.Count > 0 || _beingRead > 0) && !_abandoned)
            {
                Monitor.Wait(_gate);
            }

            ThrowIfAbandoned();
        }
    }

    /// <summary>The reader's: the next block, to be given back with <see cref="Return"/>; empty at the end.</summary>
    public ArraySegment<byte> Take()
    {
        lock (_gate)
        {
            while (_filled.Count == 0 && !_ended)
            {
                Monitor.Wait(_gate);
            }

            if (_filled.TryDequeue(out var block))
            {
                _beingRead++;
                return block;
            }
        }

        _writerFailure?.Throw();
        return default;
    }

    /// <summary>The reader's: a block that was <see cref="Take">taken</see> can be filled again.</summary>
    public void Return(ArraySegment<byte> block)
    {
        lock (_gate)
        {
            _beingRead--;
            _free.Push(block.Array!);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>When neither side uses it any more.</summary>
    public void Dispose()
    {
        if (_filling is not null)
        {
            _free.Push(_filling);
            _filling = null;
        }

        while (_free.TryPop(out var block))
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _filling ??= TakeFree();
            var piece = bytes[..Math.Min(bytes.Length, BlockSize - _used)];
            piece.CopyTo(_filling.AsSpan(_used));
            _used += piece.Length;
            bytes = bytes[piece.Length..];
            if (_used == BlockSize)
            {
                PassOn();
            }
        }
    }

    private int Read(Span<byte> target)
    {
        if (target.IsEmpty)
        {
            return 0;
        }

        if (_reading.Count == 0)
        {
            _reading = Take();
            if (_reading.Count == 0)
            {
                return 0;
            }
        }

        var read = Math.Min(target.Length, _reading.Count);
        _reading.AsSpan(0, read).CopyTo(target);
        if (read == _reading.Count)
        {
            Return(_reading);
            _reading = default;
        }
        else
        {
            _reading = _reading[read..];
        }

        return read;
    }

    private byte[] TakeFree()
    {
        lock (_gate)
        {
            while (_free.Count == 0 && _made == MaxBlocks && !_abandoned)
            {
                Monitor.Wait(_gate);
            }

            ThrowIfAbandoned();
            if (_free.TryPop(out var block))
            {
                return block;
            }

            _made++;
        }

        return ArrayPool<byte>.Shared.Rent(BlockSize);
    }

    private void PassOn()
    {
        if (!TryPassOn())
        {
            ThrowIfAbandoned();
        }
    }

    private bool TryPassOn()
    {
        lock (_gate)
        {
            if (_abandoned)
            {
                return false;
            }

            if (_used > 0)
            {
                _filled.Enqueue(new ArraySegment<byte>(_filling!, 0, _used));
                _filling = null;
                _used = 0;
                Monitor.PulseAll(_gate);
            }

            return true;
        }
    }

    private void End(ExceptionDispatchInfo? failure)
    {
        lock (_gate)
        {
            _writerFailure = failure;
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void ThrowIfAbandoned()
    {
        if (_abandoned)
        {
            _readerFailure?.Throw();
            throw new OperationCanceledException("nobody reads any more");
        }
    }

    private abstract class PipeEnd : Stream
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

    private sealed class WriteEnd(BlockPipe pipe) : PipeEnd
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => pipe.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);

        public override void Flush() { }
    }

    private sealed class ReadEnd(BlockPipe pipe) : PipeEnd
    {
        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override int Read(byte[] buffer, int offset, int count) => pipe.Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => pipe.Read(buffer);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
