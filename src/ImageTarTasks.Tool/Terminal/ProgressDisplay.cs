using System.Diagnostics;
using System.Globalization;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Tool.Terminal;

/// <summary>
/// Docker's progress lines on a terminal: one per step, drawn again in place. A step that was drawn less than 100 ms ago waits, unless it is complete.
/// Steps may go on in several threads.
/// </summary>
internal sealed class ProgressDisplay(TextWriter terminal, int width)
{
    private const int MinWidthForBar = 110;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, int> _lineByStep = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private TimeSpan _nextDraw = TimeSpan.Zero;

    /// <summary>Draws how far a step is.</summary>
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
            var text = LineSanitizer.Sanitize(ProgressText.Format(step, action, current, total, showBar: width > MinWidthForBar));
            if (isNew)
            {
                _lineByStep.Add(step, _lineByStep.Count);
                terminal.Write(text + "\n");
                return;
            }

            var up = (_lineByStep.Count - line).ToString(CultureInfo.InvariantCulture);
            terminal.Write($"\e[{up}A\e[2K\r{text}\r\e[{up}B");
        }
    }

    /// <summary>Other lines come now: what is drawn stays, and further progress begins below.</summary>
    public void StartNewBlock()
    {
        lock (_lock)
        {
            _lineByStep.Clear();
        }
    }
}
