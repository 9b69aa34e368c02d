using System.Diagnostics;
using ImageTarTasks.Core.Diagnostics;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ImageTarTasks.Reporting;

/// <summary>
/// Writes to MSBuild's log, which any thread may do. The overloads used here do not treat text as a format string.
/// </summary>
internal sealed class BuildReporter(TaskLoggingHelper log) : ITaskReporter
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _progressLock = new();
    private readonly Stopwatch _sinceProgress = Stopwatch.StartNew();

    public void Result(string line) => log.LogMessage(MessageImportance.High, LineSanitizer.Sanitize(line));

    public void Summary(string line) => log.LogMessage(MessageImportance.High, LineSanitizer.Sanitize(line));

    public bool Confirm(IReadOnlyList<string> lines, string question) => true;

    public void Detail(string line) => log.LogMessage(MessageImportance.Low, LineSanitizer.Sanitize(line));

    public void Warn(Diagnostic diagnostic) =>
        log.LogWarning(
            null,
            diagnostic.Code,
            diagnostic.Code,
            HelpLink(diagnostic),
            diagnostic.File,
            0,
            0,
            0,
            0,
            LineSanitizer.Sanitize(diagnostic.Message)
        );

    public void Note(Diagnostic diagnostic) =>
        log.LogMessage(
            null,
            diagnostic.Code,
            diagnostic.Code,
            diagnostic.File,
            0,
            0,
            0,
            0,
            MessageImportance.High,
            LineSanitizer.Sanitize(diagnostic.Message)
        );

    public void Error(Diagnostic diagnostic) =>
        log.LogError(
            null,
            diagnostic.Code,
            diagnostic.Code,
            HelpLink(diagnostic),
            diagnostic.File,
            0,
            0,
            0,
            0,
            LineSanitizer.Sanitize(diagnostic.Message)
        );

    /// <summary>
    /// MSBuild has no progress display. A Low message from time to time shows in a diagnostic log that work goes on.
    /// </summary>
    public void Progress(string step, string action, long current, long? total)
    {
        lock (_progressLock)
        {
            if (_sinceProgress.Elapsed < ProgressInterval || !log.LogsMessagesOfImportance(MessageImportance.Low))
            {
                return;
            }

            _sinceProgress.Restart();
        }

        Detail(ProgressText.Format(step, action, current, total));
    }

    private static string HelpLink(Diagnostic diagnostic) =>
        $"docs/reference/diagnostics.md#{diagnostic.Code.ToLowerInvariant()}";
}
