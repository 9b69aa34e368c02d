using System.Globalization;

namespace ImageTarTasks.Reporting;

/// <summary>Progress in Docker's words and units: <c>e3c855d44764: Loading layer  2.048kB/75.27MB</c>.</summary>
internal static class ProgressText
{
    private const int BarWidth = 50;
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>One line; with a bar when <paramref name="showBar"/> is set and the total is known.</summary>
    public static string Format(string step, string action, long current, long? total, bool showBar = false)
    {
        if (total is not { } all || current > all)
        {
            return $"{step}: {action} {FormatSize(current), 8}";
        }

        var filled = all == 0 ? BarWidth : (int)Math.Min(BarWidth, (double)current / all * 100 / 2);
        var drawn =
            filled == BarWidth
                ? new string('=', BarWidth)
                : new string('=', Math.Max(0, filled)) + ">" + new string(' ', BarWidth - filled - 1);
        return $"{step}: {action} {(showBar ? $"[{drawn}] " : "")}{FormatSize(current), 8}/{FormatSize(all)}";
    }

    /// <summary>Base 1000, four significant digits, as Docker's <c>HumanSize</c> with <c>%.4g</c>.</summary>
    private static string FormatSize(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString("G4", CultureInfo.InvariantCulture) + Units[unit];
    }
}
