using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Store.Files;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>
/// A file that is being staged. Failures of the disk become ITT3006, so that they are not reported as errors of the
/// content.
/// </summary>
internal sealed class StagingStream : Stream
{
    private const int Buffer = 128 * 1024;

    private readonly FileStream _file;
    private readonly WriteBackHint _writeBack;

    public StagingStream(FileStream file)
    {
        _file = file;
        _writeBack = new WriteBackHint(file.SafeFileHandle);
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => _file.Position = value;
    }

    /// <summary>Creates a file that is written in blocks of 128 KiB.</summary>
    public static Stream Create(StoreFiles files, string path) =>
        new BufferedStream(new StagingStream(files.Create(path)), Buffer);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _file.Write(buffer);
            _writeBack.Wrote(buffer.Length);
        }
        catch (IOException e)
        {
            throw StoreDiagnostics.StoreIo("write", _file.Name, e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => _file.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => _file.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => _file.Seek(offset, origin);

    public override void SetLength(long value) => _file.SetLength(value);

    public override void Flush() => _file.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }
}
