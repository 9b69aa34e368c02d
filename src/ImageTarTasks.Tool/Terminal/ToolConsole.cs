using System.Text;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>
/// The three standard streams of the process, and whether they are terminals. Tests use other streams.
/// </summary>
internal sealed class ToolConsole : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly StandardOutputStream _output;

    /// <summary>Creates a console over any streams.</summary>
    public ToolConsole(Stream input, StandardOutputStream output, Stream errors)
    {
        Input = input;
        _output = output;
        Out = new StreamWriter(output, Utf8, bufferSize: 16 * 1024, leaveOpen: true) { NewLine = "\n" };
        Errors = new StreamWriter(errors, Utf8, bufferSize: 1024, leaveOpen: true) { NewLine = "\n", AutoFlush = true };
    }

    /// <summary>Standard input.</summary>
    public Stream Input { get; }

    /// <summary>
    /// Standard output as lines. It is buffered: call <see cref="Flush"/> at the end, and before bytes are written to
    /// <see cref="Output"/>.
    /// </summary>
    public TextWriter Out { get; }

    /// <summary>Standard error as lines.</summary>
    public TextWriter Errors { get; }

    /// <summary>Standard output as bytes.</summary>
    public Stream Output => _output;

    /// <summary>Whether the reader of standard output is gone.</summary>
    public bool OutputIsClosed => _output.IsClosed;

    /// <summary>Whether standard input is a terminal.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether standard error is a terminal. Progress is drawn only on a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Reads the width of the terminal in columns; null when there is no terminal.</summary>
    public Func<int?> Width { get; init; } = () => null;

    /// <summary>Opens the standard streams of this process.</summary>
    public static ToolConsole ForCurrentProcess() =>
        new(Console.OpenStandardInput(), StandardOutputStream.OpenProcessOutput(), Console.OpenStandardError())
        {
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = () => Console.IsOutputRedirected && Console.IsErrorRedirected ? null : Console.WindowWidth,
        };

    /// <summary>Creates the streams that a task uses.</summary>
    public StandardStreams CreateStandardStreams() =>
        new(Input, Output, new ConsoleReporter(this))
        {
            InputIsTerminal = InputIsTerminal,
            OutputIsTerminal = OutputIsTerminal,
            Width = Width(),
        };

    /// <summary>Writes the buffered lines to standard output.</summary>
    /// <exception cref="OutputClosedException">The reader of standard output is gone.</exception>
    public void Flush() => Out.Flush();

    /// <summary>Closes standard error. Lines on standard output that are not flushed are lost.</summary>
    public void Dispose() => Errors.Dispose();
}
