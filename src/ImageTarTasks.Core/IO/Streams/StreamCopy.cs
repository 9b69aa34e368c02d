using System.Buffers;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>The one copy loop.</summary>
internal static class StreamCopy
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Copies what is left of <paramref name="from"/> into <paramref name="to"/>; the number of bytes is returned.</summary>
    /// <param name="from">Read to its end.</param>
    /// <param name="to">Written, not flushed.</param>
    /// <param name="cancellation">Looked at before every buffer.</param>
    /// <param name="onBytes">Told the number of bytes so far after every buffer.</param>
    public static long Copy(Stream from, Stream to, CancellationToken cancellation, Action<long>? onBytes = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long count = 0;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var read = from.Read(buffer.AsSpan());
                if (read == 0)
                {
                    return count;
                }

                to.Write(buffer.AsSpan(0, read));
                count += read;
                onBytes?.Invoke(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
