using System.Globalization;

namespace ImageTarTasks.Presentation;

/// <summary>Ages as go-units' <c>HumanDuration</c> prints them.</summary>
internal static class HumanAge
{
    /// <summary>The longest duration Go has, 292 years: the age of the year 1 is no older.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(long.MaxValue / 1000);

    /// <summary><c>About an hour</c>, <c>3 weeks</c>...; a time to come is <c>Less than a second</c> old.</summary>
    public static string Of(TimeSpan age)
    {
        age = age > Longest ? Longest : age;
        if (age.TotalSeconds < 1)
        {
            return "Less than a second";
        }

        if (age.TotalSeconds < 60)
        {
            return (long)age.TotalSeconds == 1 ? "1 second" : Count((long)age.TotalSeconds, "seconds");
        }

        if (age.TotalMinutes < 60)
        {
            return (long)age.TotalMinutes == 1 ? "About a minute" : Count((long)age.TotalMinutes, "minutes");
        }

        var hours = (long)(age.TotalHours + 0.5);
        return hours switch
        {
            1 => "About an hour",
            < 48 => Count(hours, "hours"),
            < 24 * 7 * 2 => Count(hours / 24, "days"),
            < 24 * 30 * 2 => Count(hours / 24 / 7, "weeks"),
            < 24 * 365 * 2 => Count(hours / 24 / 30, "months"),
            _ => Count((long)age.TotalHours / 24 / 365, "years"),
        };
    }

    private static string Count(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}");
}
