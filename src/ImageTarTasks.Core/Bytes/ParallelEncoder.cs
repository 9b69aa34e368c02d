namespace ImageTarTasks.Bytes;

/// <summary>
/// Compresses blocks of one size side by side and writes them in order. Writes are gathered into blocks, and flushing does nothing before the end: where
/// the content is cut depends neither on how it was written nor on the number of threads, so neither do the bytes.
/// </summary>
internal abstract class ParallelEncoder(Stream target, bool leaveOpen, int windowSize, int threads) : ForwardWriteStream
{
    private readonly Queue<Task<BlockEncoder>> _running = new();
    private readonly Stack<BlockEncoder> _free = new();
    private readonly byte[] _window = new byte[windowSize];
    private int _windowLength;
    private BlockEncoder? _filling;
    private bool _closed;

    public override bool CanWrite => !_closed;

    /// <summary>Where compressed bytes go.</summary>
    protected Stream Target => target;

    /// <summary>Blocks begun so far.</summary>
    protected int Blocks { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        while (!buffer.IsEmpty)
        {
            _filling ??= Take();
            buffer = buffer[_filling.Fill(buffer)..];
            if (_filling.IsFull)
            {
                Compress();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            try
            {
                Finish();
                target.Flush();
            }
            finally
            {
                // Only after a failure is anything still running: it ends by itself, and is not used again.
                _running.Clear();
                _filling?.Dispose();
                while (_free.TryPop(out var encoder))
                {
                    encoder.Dispose();
                }

                if (!leaveOpen)
                {
                    target.Dispose();
                }
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Told each block before it is compressed; only the last one may be short, or empty.</summary>
    protected abstract void Begin(ReadOnlySpan<byte> block);

    /// <summary>Writes a compressed block.</summary>
    protected virtual void WriteBlock(ReadOnlySpan<byte> compressed) => Target.Write(compressed);

    /// <summary>Writes what ends the format.</summary>
    protected abstract void End();

    /// <summary>One more of those that run side by side.</summary>
    protected abstract BlockEncoder NewBlock();

    /// <summary>One that is free to be filled; when all are at work, that of the oldest block.</summary>
    private BlockEncoder Take()
    {
        while (_running.Count > threads)
        {
            WriteOldest();
        }

        return _free.TryPop(out var encoder) ? encoder : NewBlock();
    }

    /// <summary>Begins with the block that has been filled.</summary>
    private void Compress()
    {
        var encoder = _filling!;
        _filling = null;
        var block = encoder.Content;
        Begin(block);
        encoder.SetWindow(_window.AsSpan(0, _windowLength));
        _windowLength = Math.Min(block.Length, windowSize);
        block[^_windowLength..].CopyTo(_window);
        _running.Enqueue(threads == 1 ? Task.FromResult(encoder.Run()) : Task.Run(encoder.Run));
        Blocks++;
    }

    private void Finish()
    {
        // Nothing at all is a block, too.
        if (_filling is not null || Blocks == 0)
        {
            _filling ??= Take();
            Compress();
        }

        while (_running.Count > 0)
        {
            WriteOldest();
        }

        End();
    }

    private void WriteOldest()
    {
        var encoder = _running.Dequeue().GetAwaiter().GetResult();
        WriteBlock(encoder.Compressed);
        encoder.Clear();
        _free.Push(encoder);
    }
}

/// <summary>Compresses a block on whatever thread; used again and again.</summary>
internal abstract class BlockEncoder(int blockSize, int windowSize) : IDisposable
{
    private readonly byte[] _content = new byte[blockSize];
    private readonly byte[] _window = new byte[windowSize];
    private int _length;
    private int _windowLength;

    /// <summary>What has been filled in.</summary>
    public ReadOnlySpan<byte> Content => _content.AsSpan(0, _length);

    /// <summary>Whether there is no room left.</summary>
    public bool IsFull => _length == _content.Length;

    /// <summary>The result.</summary>
    public abstract ReadOnlySpan<byte> Compressed { get; }

    /// <summary>Takes as much of <paramref name="content"/> as there is room for, and says how much that is.</summary>
    public int Fill(ReadOnlySpan<byte> content)
    {
        var part = Math.Min(content.Length, _content.Length - _length);
        content[..part].CopyTo(_content.AsSpan(_length));
        _length += part;
        return part;
    }

    /// <summary>Sets what stands before the block.</summary>
    public void SetWindow(ReadOnlySpan<byte> window)
    {
        window.CopyTo(_window);
        _windowLength = window.Length;
    }

    /// <summary>Makes room for another block.</summary>
    public void Clear() => _length = 0;

    /// <summary>Compresses.</summary>
    public BlockEncoder Run()
    {
        Run(_window.AsSpan(0, _windowLength), Content);
        return this;
    }

    public abstract void Dispose();

    protected abstract void Run(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content);
}
