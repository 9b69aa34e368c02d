using ImageTarTasks.Core.IO.Streams;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>
/// Standard output as bytes. A write to a pipe whose reader is gone throws <see cref="OutputClosedException"/>, which
/// ends the verb. The console stream of .NET would ignore that error, and the verb would go on and report success.
/// </summary>
internal sealed class StandardOutputStream(Stream inner) : ForwardWriteStream
{
    /// <summary>EPIPE of Linux and macOS.</summary>
    private const int BrokenPipe = 32;

    /// <summary>Whether the reader of the pipe is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Opens the standard output of this process.</summary>
    public static StandardOutputStream OpenProcessOutput()
    {
        if (!OperatingSystem.IsWindows())
        {
            // A FileStream over a regular file keeps its own offset, so it would overwrite what other processes write
            // to the file. The console stream uses the offset they share.
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek)
            {
                return new StandardOutputStream(pipe);
            }
        }

        return new StandardOutputStream(Console.OpenStandardOutput());
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (IOException failure) when (failure.HResult == BrokenPipe)
        {
            IsClosed = true;
            throw new OutputClosedException(failure);
        }
    }

    public override void Flush() => inner.Flush();
}
