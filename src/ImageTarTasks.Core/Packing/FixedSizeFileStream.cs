using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.Packing;

/// <summary>A file of a known size; fails when it turns out to have grown or shrunk.</summary>
internal sealed class FixedSizeFileStream(FileStream file, long size) : ForwardReadStream
{
    private long _at;

    /// <inheritdoc/>
    public override long Length => size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            var read = file.Read(buffer);
            _at += read;
            return (read == 0 && _at < size) || _at > size ? throw PackingDiagnostics.FileChanged(file.Name) : read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(file.Name, e.Message, e);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
