namespace ImageTarTasks.Bytes;

/// <summary>
/// Compresses blocks of one size side by side and writes them in order. Where the content is cut does not depend on the number of
/// threads, so neither do the bytes.
/// </summary>
internal abstract class ParallelEncoder(Stream target, bool leaveOpen, int blockSize, int windowSize, int threads) : CompressingStream(target, leaveOpen, blockSize)
{
    private readonly Queue<Task<BlockEncoder>> _running = new();
    private readonly Stack<BlockEncoder> _free = new();
    private readonly byte[] _window = new byte[windowSize];
    private int _windowLength;

    /// <summary>Blocks begun so far.</summary>
    protected int Blocks { get; private set; }

    protected sealed override void Compress(ReadOnlySpan<byte> block)
    {
        Begin(block);
        if (block.IsEmpty && Blocks > 0)
        {
            return;
        }

        while (_running.Count > threads)
        {
            WriteOldest();
        }

        if (!_free.TryPop(out var encoder))
        {
            encoder = NewBlock();
        }

        encoder.Set(_window.AsSpan(0, _windowLength), block);
        _running.Enqueue(threads == 1 ? Task.FromResult(encoder.Run()) : Task.Run(encoder.Run));
        Blocks++;
        _windowLength = Math.Min(block.Length, windowSize);
        block[^_windowLength..].CopyTo(_window);
    }

    protected sealed override void Finish()
    {
        while (_running.Count > 0)
        {
            WriteOldest();
        }

        End();
    }

    protected override void Release()
    {
        // Only after a failure is anything still running: it ends by itself, and is not used again.
        _running.Clear();
        while (_free.TryPop(out var encoder))
        {
            encoder.Dispose();
        }
    }

    /// <summary>Told each block before it is compressed; the last one may be empty.</summary>
    protected abstract void Begin(ReadOnlySpan<byte> block);

    /// <summary>Writes a compressed block.</summary>
    protected virtual void WriteBlock(ReadOnlySpan<byte> compressed) => Target.Write(compressed);

    /// <summary>Writes what ends the format.</summary>
    protected abstract void End();

    /// <summary>One more of those that run side by side.</summary>
    protected abstract BlockEncoder NewBlock();

    private void WriteOldest()
    {
        var encoder = _running.Dequeue().GetAwaiter().GetResult();
        _free.Push(encoder);
        WriteBlock(encoder.Compressed);
    }
}

/// <summary>Compresses a block on whatever thread; used again and again.</summary>
internal abstract class BlockEncoder(int capacity) : IDisposable
{
    private readonly byte[] _content = new byte[capacity];
    private int _window;
    private int _length;

    /// <summary>The result.</summary>
    public abstract ReadOnlySpan<byte> Compressed { get; }

    /// <summary>Copies what is to be compressed and what stands before it.</summary>
    public void Set(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content)
    {
        window.CopyTo(_content);
        content.CopyTo(_content.AsSpan(window.Length));
        _window = window.Length;
        _length = window.Length + content.Length;
    }

    /// <summary>Compresses.</summary>
    public BlockEncoder Run()
    {
        Run(_content.AsSpan(0, _window), _content.AsSpan(_window, _length - _window));
        return this;
    }

    public abstract void Dispose();

    protected abstract void Run(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content);
}
