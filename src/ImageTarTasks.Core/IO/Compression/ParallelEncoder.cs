using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// Compresses blocks of one size in parallel and writes them in order. Writes are gathered into blocks, and a flush
/// before the end does nothing. So the borders of the blocks, and therefore the bytes, depend neither on the sizes of
/// the writes nor on the number of threads.
/// </summary>
/// <param name="target">Receives the compressed bytes.</param>
/// <param name="leaveOpen">Whether the target stays open.</param>
/// <param name="windowSize">The number of bytes before a block that its encoder needs.</param>
/// <param name="threads">The number of blocks that are compressed at once.</param>
/// <param name="encoders">The pool of encoders.</param>
/// <param name="ownsEncoders">Whether the pool is disposed with this stream.</param>
internal abstract class ParallelEncoder(
    Stream target,
    bool leaveOpen,
    int windowSize,
    int threads,
    BlockEncoders encoders,
    bool ownsEncoders
) : ForwardWriteStream
{
    /// <summary>
    /// The version of the bytes that this code makes of the same content with the same libraries. Increase it with
    /// every change that changes them.
    /// </summary>
    public const int Version = 1;

    private readonly Queue<(BlockEncoder Encoder, Task Work)> _running = new();
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
                GiveBackAll();
                if (!leaveOpen)
                {
                    target.Dispose();
                }
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Called with each block before it is compressed. Only the last block may be short or empty.</summary>
    protected abstract void Begin(ReadOnlySpan<byte> block);

    /// <summary>Writes a compressed block.</summary>
    protected virtual void WriteBlock(ReadOnlySpan<byte> compressed) => Target.Write(compressed);

    /// <summary>Writes the end of the format.</summary>
    protected abstract void End();

    /// <summary>One that is free to be filled; when all are at work, that of the oldest block.</summary>
    private BlockEncoder Take()
    {
        while (_running.Count > threads)
        {
            WriteOldest();
        }

        return encoders.Take();
    }

    /// <summary>Begins with the block that has been filled.</summary>
    private void Compress()
    {
        var encoder = _filling!;
        var block = encoder.Content;
        Begin(block);
        encoder.SetWindow(_window.AsSpan(0, _windowLength));
        _windowLength = Math.Min(block.Length, windowSize);
        block[^_windowLength..].CopyTo(_window);
        var work = new Task(encoder.Run);
        _running.Enqueue((encoder, work));
        _filling = null;
        if (threads == 1)
        {
            work.RunSynchronously();
        }
        else
        {
            work.Start(TaskScheduler.Default);
        }

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
        var (encoder, work) = _running.Peek();
        work.GetAwaiter().GetResult();
        WriteBlock(encoder.Compressed);
        _running.Dequeue();
        encoders.Return(encoder);
    }

    /// <summary>Waits for encoders and returns them to the pool. Only after a failure are there any left.</summary>
    private void GiveBackAll()
    {
        foreach (var (encoder, work) in _running)
        {
            work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            encoders.Return(encoder);
        }

        _running.Clear();
        if (_filling is not null)
        {
            encoders.Return(_filling);
            _filling = null;
        }

        if (ownsEncoders)
        {
            encoders.Dispose();
        }
    }
}

/// <summary>Compresses one block after another, on any thread.</summary>
internal abstract class BlockEncoder(int blockSize, int windowSize) : IDisposable
{
    private readonly byte[] _content = new byte[blockSize];
    private readonly byte[] _window = new byte[windowSize];
    private int _length;
    private int _windowLength;

    /// <summary>The content of the block.</summary>
    public ReadOnlySpan<byte> Content => _content.AsSpan(0, _length);

    /// <summary>Whether the block is full.</summary>
    public bool IsFull => _length == _content.Length;

    /// <summary>The result.</summary>
    public abstract ReadOnlySpan<byte> Compressed { get; }

    /// <summary>Takes as much of <paramref name="content"/> as fits and returns the number of bytes taken.</summary>
    public int Fill(ReadOnlySpan<byte> content)
    {
        var part = Math.Min(content.Length, _content.Length - _length);
        content[..part].CopyTo(_content.AsSpan(_length));
        _length += part;
        return part;
    }

    /// <summary>Sets the content before the block.</summary>
    public void SetWindow(ReadOnlySpan<byte> window)
    {
        window.CopyTo(_window);
        _windowLength = window.Length;
    }

    /// <summary>Empties the block.</summary>
    public void Clear() => _length = 0;

    /// <summary>Compresses.</summary>
    public void Run() => Run(_window.AsSpan(0, _windowLength), Content);

    public abstract void Dispose();

    protected abstract void Run(ReadOnlySpan<byte> window, ReadOnlySpan<byte> content);
}
