using ImageTarTasks.Core.Store.Files;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>
/// Content of a session: a blob or an index. Small content stays in memory until an image needs it, because an archive
/// may have hundreds of thousands of small members that none needs. Everything else is a file of the session.
/// </summary>
internal sealed class StagedContent
{
    private readonly StoreFiles _files;
    private readonly string _path;
    private readonly StagingMemory? _memory;
    private byte[]? _bytes;

    /// <summary>Content that is in a file of the session.</summary>
    public StagedContent(StoreFiles files, string path) => (_files, _path) = (files, path);

    /// <summary>Content in memory, and the path of the file it may become.</summary>
    public StagedContent(StoreFiles files, string path, byte[] bytes, StagingMemory memory)
        : this(files, path) => (_bytes, _memory) = (bytes, memory);

    /// <summary>The path of the file. Content in memory is written to it first.</summary>
    /// <exception cref="Diagnostics.ImageTarException">ITT3006.</exception>
    public string ToFile()
    {
        if (_bytes is { } bytes)
        {
            using (var file = new StagingStream(_files.Create(_path)))
            {
                file.Write(bytes);
            }

            Forget();
        }

        return _path;
    }

    /// <summary>All bytes. The caller knows that they are few.</summary>
    /// <exception cref="Diagnostics.ImageTarException">ITT3006.</exception>
    public byte[] ReadAll() => _bytes ?? StoreFiles.Run("read", _path, () => File.ReadAllBytes(_path));

    /// <summary>Opens the content as a layer index with a function that may return null.</summary>
    public T? Open<T>(Func<Stream, T?> open)
        where T : class =>
        _bytes is { } bytes
            ? open(new MemoryStream(bytes, writable: false))
            : StoreFiles.Run("read", _path, () => open(StoreFiles.OpenShared(_path)));

    /// <summary>Frees the memory or deletes the file.</summary>
    public void Discard(StoreSession session)
    {
        if (_bytes is null)
        {
            session.Discard(_path);
        }

        Forget();
    }

    private void Forget()
    {
        if (_bytes is { } bytes)
        {
            _memory!.Release(bytes.Length);
            _bytes = null;
        }
    }
}

/// <summary>The memory for the small content of one session.</summary>
internal sealed class StagingMemory
{
    /// <summary>Content of more bytes is a file.</summary>
    public const int LargestContent = 64 * 1024;

    private const int All = 32 * 1024 * 1024;

    private int _free = All;

    /// <summary>Takes memory for content; false when there is not enough.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _free, -bytes) >= 0)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives memory back.</summary>
    public void Release(int bytes) => Interlocked.Add(ref _free, bytes);
}

/// <summary>Receives content of a session, in memory while it is small.</summary>
internal sealed class StagingBuffer(StoreFiles files, string path, StagingMemory memory) : Stream
{
    private MemoryStream _small = new();
    private Stream? _file;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_file is null && _small.Length + buffer.Length > StagingMemory.LargestContent)
        {
            WriteToFile();
        }

        (_file ?? _small).Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>The content, complete.</summary>
    /// <exception cref="Diagnostics.ImageTarException">ITT3006.</exception>
    public StagedContent Finish()
    {
        if (_file is null && memory.TryTake((int)_small.Length))
        {
            return new StagedContent(files, path, _small.ToArray(), memory);
        }

        if (_file is null)
        {
            WriteToFile();
        }

        _file!.Dispose();
        return new StagedContent(files, path);
    }

    public override void Flush() => _file?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void WriteToFile()
    {
        _file = StagingStream.Create(files, path);
        _file.Write(_small.GetBuffer().AsSpan(0, (int)_small.Length));
        _small = new MemoryStream();
    }
}
