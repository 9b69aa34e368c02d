using System.Text;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>The three streams of the process and what is known about them; tests put others in their place.</summary>
internal sealed class ToolConsole : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly StandardOutputStream _output;

    /// <summary>A console over any streams.</summary>
    public ToolConsole(Stream input, StandardOutputStream output, Stream errors)
    {
        Input = input;
        _output = output;
        Out = new StreamWriter(output, Utf8, bufferSize: 16 * 1024, leaveOpen: true) { NewLine = "\n" };
        Errors = new StreamWriter(errors, Utf8, bufferSize: 1024, leaveOpen: true) { NewLine = "\n", AutoFlush = true };
    }

    /// <summary>Standard input.</summary>
    public Stream Input { get; }

    /// <summary>Lines on standard output. Buffered: <see cref="Flush"/> before bytes go to <see cref="Output"/> and at the end.</summary>
    public TextWriter Out { get; }

    /// <summary>Lines on standard error.</summary>
    public TextWriter Errors { get; }

    /// <summary>Bytes on standard output.</summary>
    public Stream Output => _output;

    /// <summary>Whether the reader of standard output went away.</summary>
    public bool OutputIsClosed => _output.IsClosed;

    /// <summary>Whether a person types standard input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Whether a person reads standard output.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether a person reads standard error: progress is drawn only then.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The width of the terminal in columns; asked for only when one is there.</summary>
    public Func<int?> Width { get; init; } = () => null;

    /// <summary>The console of this process.</summary>
    public static ToolConsole ForCurrentProcess() => new(Console.OpenStandardInput(), StandardOutputStream.OpenProcessOutput(), Console.OpenStandardError())
    {
        InputIsTerminal = !Console.IsInputRedirected,
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Width = () => Console.IsOutputRedirected && Console.IsErrorRedirected ? null : Console.WindowWidth,
    };

    /// <summary>What a task gets to see of it.</summary>
    public StandardStreams CreateStandardStreams() => new(Input, Output, new ConsoleReporter(this))
    {
        InputIsTerminal = InputIsTerminal,
        OutputIsTerminal = OutputIsTerminal,
        Width = Width(),
    };

    /// <summary>Sends the lines written so far.</summary>
    /// <exception cref="OutputClosedException">Nobody reads them.</exception>
    public void Flush() => Out.Flush();

    /// <summary>Ends the process' writing; lines nobody flushed are dropped with their reader.</summary>
    public void Dispose() => Errors.Dispose();
}
