using ImageTarTasks.Core.IO.Streams;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// A part of a file, read by offset, so that others may read the same file at the same time. The file stays open.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="start">The offset of its first byte.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="whenCut">
/// Makes the exception that is thrown when the file ends before; gets the number of bytes read.
/// </param>
internal sealed class FileRegion(SafeFileHandle file, long start, long length, Func<long, Exception> whenCut)
    : ForwardReadStream
{
    private long _position;

    public override long Length => length;

    public override int Read(Span<byte> buffer)
    {
        var want = (int)Math.Min(buffer.Length, length - _position);
        if (want == 0)
        {
            return 0;
        }

        var got = RandomAccess.Read(file, buffer[..want], start + _position);
        _position += got;
        return got > 0 ? got : throw whenCut(_position);
    }
}
