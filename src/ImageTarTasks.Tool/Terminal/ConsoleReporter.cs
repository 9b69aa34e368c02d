using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>Results on standard output, everything else on standard error in the form problem matchers know: <c>origin : error CODE: message</c>.</summary>
internal sealed class ConsoleReporter(ToolConsole console) : ITaskReporter
{
    private readonly ProgressDisplay? _progress = console.ErrorIsTerminal ? new ProgressDisplay(console.Errors, console.Width() ?? 80) : null;

    public void Result(string line)
    {
        _progress?.LeaveAsIs();
        console.Out.WriteLine(SafeLine.Of(line));
        if (console.OutputIsTerminal)
        {
            console.Out.Flush();
        }
    }

    /// <summary>Docker says nothing there either.</summary>
    public void Summary(string line)
    {
    }

    public void Detail(string line)
    {
    }

    public void Warn(Diagnostic diagnostic) => Tell(diagnostic, "warning");

    public void Note(Diagnostic diagnostic) => Tell(diagnostic, "message");

    public void Error(Diagnostic diagnostic) => Tell(diagnostic, "error");

    public void Progress(string step, string action, long current, long? total) => _progress?.Show(step, action, current, total);

    private void Tell(Diagnostic diagnostic, string severity)
    {
        _progress?.LeaveAsIs();

        // Results that came before this are above it when both streams are one terminal or one log.
        console.Out.Flush();
        console.Errors.WriteLine(SafeLine.Of(diagnostic.Format(severity)));
    }
}
