using System.Buffers;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Copies streams. This is the only copy loop in the project.</summary>
internal static class StreamCopy
{
    private const int BufferSize = 256 * 1024;

    /// <summary>
    /// Copies the rest of <paramref name="from"/> into <paramref name="to"/> and returns the number of bytes.
    /// </summary>
    /// <param name="from">Read to its end.</param>
    /// <param name="to">Written, not flushed.</param>
    /// <param name="cancellationToken">Checked before every buffer.</param>
    /// <param name="onBytes">Receives the number of bytes so far after every buffer.</param>
    public static long Copy(Stream from, Stream to, CancellationToken cancellationToken, Action<long>? onBytes = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long count = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
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
