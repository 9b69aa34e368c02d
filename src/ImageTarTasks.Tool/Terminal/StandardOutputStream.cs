using ImageTarTasks.Core.IO.Streams;
using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>Whoever read the standard output went away; nobody is left to be told anything.</summary>
internal sealed class OutputClosedException : OperationCanceledException
{
    /// <summary>Made of what the system said.</summary>
    public OutputClosedException(IOException cause)
        : base("the reader of the output went away", cause)
    {
    }
}

/// <summary>
/// Standard output as bytes. A pipe whose reader went away ends the verb by <see cref="OutputClosedException"/>: the framework's console stream takes
/// every byte as written then, and a verb would work on for nobody and call it success.
/// </summary>
internal sealed class StandardOutputStream(Stream inner) : ForwardWriteStream
{
    private const int BrokenPipe = 32;

    /// <summary>Whether the reader went away.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The standard output of this process.</summary>
    public static StandardOutputStream OpenProcessOutput()
    {
        if (!OperatingSystem.IsWindows())
        {
            // A file keeps the console's stream: a FileStream would write at offsets of its own and not move the one that other writers of the file share.
            var direct = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!direct.CanSeek)
            {
                return new StandardOutputStream(direct);
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
