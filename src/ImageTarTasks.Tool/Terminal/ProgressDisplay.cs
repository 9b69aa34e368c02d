using System.Diagnostics;
using System.Globalization;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>
/// Draws Docker's progress lines on a terminal: one line per step, updated in place. The display draws at most once in
/// 100 ms, except for new and complete steps. Several threads may report steps at once.
/// </summary>
internal sealed class ProgressDisplay(TextWriter terminal, int width)
{
    private const int MinWidthForBar = 110;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, int> _lineByStep = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private TimeSpan _nextDraw = TimeSpan.Zero;

    /// <summary>Draws the progress of a step.</summary>
    public void Show(string step, string action, long current, long? total)
    {
        lock (_lock)
        {
            var isNew = !_lineByStep.TryGetValue(step, out var line);
            if (!isNew && current != total && _clock.Elapsed < _nextDraw)
            {
                return;
            }

            _nextDraw = _clock.Elapsed + Interval;
            var showBar = width > MinWidthForBar;
            var text = LineSanitizer.Sanitize(ProgressText.Format(step, action, current, total, showBar));
            if (isNew)
            {
                _lineByStep.Add(step, _lineByStep.Count);
                terminal.Write(text + "\n");
                return;
            }

            var linesUp = (_lineByStep.Count - line).ToString(CultureInfo.InvariantCulture);
            terminal.Write($"\e[{linesUp}A\e[2K\r{text}\r\e[{linesUp}B");
        }
    }

    /// <summary>Lets the drawn lines stay as they are; further progress goes to new lines below.</summary>
    public void StartNewBlock()
    {
        lock (_lock)
        {
            _lineByStep.Clear();
        }
    }
}
