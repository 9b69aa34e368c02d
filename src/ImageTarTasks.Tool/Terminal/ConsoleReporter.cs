using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>
/// Writes results to standard output. Writes diagnostics to standard error in MSBuild's format, which problem matchers
/// know: <c>origin : error CODE: message</c>.
/// </summary>
internal sealed class ConsoleReporter(ToolConsole console) : ITaskReporter
{
    /// <summary>Bytes of an answer that are read.</summary>
    private const int MaxAnswer = 100;

    private readonly ProgressDisplay? _progress = console.ErrorIsTerminal
        ? new ProgressDisplay(console.Errors, console.Width() ?? 80)
        : null;

    /// <summary>Keeps lines whole and in order.</summary>
    private readonly Lock _lock = new();

    public void Result(string line)
    {
        lock (_lock)
        {
            _progress?.StartNewBlock();
            console.Out.WriteLine(LineSanitizer.Sanitize(line));
            if (console.OutputIsTerminal)
            {
                console.Out.Flush();
            }
        }
    }

    /// <summary>Writes nothing, as Docker does.</summary>
    public void Summary(string line) { }

    /// <summary>
    /// Writes the question to standard output and reads one line of standard input, be it a terminal or not, as Docker
    /// does. Only <c>y</c> means yes.
    /// </summary>
    public bool Confirm(IReadOnlyList<string> lines, string question)
    {
        lock (_lock)
        {
            _progress?.StartNewBlock();
            foreach (var line in lines)
            {
                console.Out.WriteLine(LineSanitizer.Sanitize(line));
            }

            console.Out.Write($"{LineSanitizer.Sanitize(question)} [y/N] ");
            console.Out.Flush();
        }

        var answer = new List<byte>();
        var letter = new byte[1];
        while (answer.Count < MaxAnswer && console.Input.Read(letter) == 1 && letter[0] != (byte)'\n')
        {
            answer.Add(letter[0]);
        }

        return Encoding.UTF8.GetString([.. answer]).Trim() is "y" or "Y";
    }

    public void Detail(string line) { }

    public void Warn(Diagnostic diagnostic) => WriteDiagnostic(diagnostic, "warning");

    public void Note(Diagnostic diagnostic) => WriteDiagnostic(diagnostic, "message");

    public void Error(Diagnostic diagnostic) => WriteDiagnostic(diagnostic, "error");

    public void Progress(string step, string action, long current, long? total)
    {
        if (_progress is null)
        {
            return;
        }

        lock (_lock)
        {
            _progress.Show(step, action, current, total);
        }
    }

    private void WriteDiagnostic(Diagnostic diagnostic, string severity)
    {
        lock (_lock)
        {
            _progress?.StartNewBlock();

            // Results stay above the diagnostics that follow them when both streams go to one terminal or log.
            console.Out.Flush();
            console.Errors.WriteLine(LineSanitizer.Sanitize(diagnostic.Format(severity)));
        }
    }
}
