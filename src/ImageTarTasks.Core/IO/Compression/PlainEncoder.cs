using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.IO.Compression;

/// <summary>No compression: writes through.</summary>
internal sealed class PlainEncoder(Stream target, bool leaveOpen) : ForwardWriteStream
{
    public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => target.Write(buffer);

    public override void WriteByte(byte value) => target.WriteByte(value);

    public override void Flush() => target.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
        {
            target.Dispose();
        }

        base.Dispose(disposing);
    }
}
