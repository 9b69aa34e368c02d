using System.Globalization;

namespace ImageTarTasks.Presentation;

/// <summary>Ages as go-units' <c>HumanDuration</c> prints them.</summary>
internal static class HumanAge
{
    /// <summary>The longest duration of Go, 292 years. Longer ages are shown as this one.</summary>
    private static readonly TimeSpan MaxGoDuration = TimeSpan.FromMicroseconds(long.MaxValue / 1000);

    /// <summary><c>About an hour</c>, <c>3 weeks</c>... A future time is <c>Less than a second</c>.</summary>
    public static string Format(TimeSpan age)
    {
        age = age > MaxGoDuration ? MaxGoDuration : age;
        if (age.TotalSeconds < 1)
        {
            return "Less than a second";
        }

        if (age.TotalSeconds < 60)
        {
            return (long)age.TotalSeconds == 1 ? "1 second" : FormatCount((long)age.TotalSeconds, "seconds");
        }

        if (age.TotalMinutes < 60)
        {
            return (long)age.TotalMinutes == 1 ? "About a minute" : FormatCount((long)age.TotalMinutes, "minutes");
        }

        var hours = (long)(age.TotalHours + 0.5);
        return hours switch
        {
            1 => "About an hour",
            < 48 => FormatCount(hours, "hours"),
            < 24 * 7 * 2 => FormatCount(hours / 24, "days"),
            < 24 * 30 * 2 => FormatCount(hours / 24 / 7, "weeks"),
            < 24 * 365 * 2 => FormatCount(hours / 24 / 30, "months"),
            _ => FormatCount((long)age.TotalHours / 24 / 365, "years"),
        };
    }

    private static string FormatCount(long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {unit}");
}
