using System.Globalization;
using System.Text.RegularExpressions;

namespace ImageTarTasks.Core.GoFormats;

/// <summary>Points in time as Go writes them to JSON: RFC 3339 with a fraction as long as needed.</summary>
public static partial class GoTime
{
    /// <summary>
    /// <c>2026-11-23T16:28:27.0861587Z</c>: trailing zeros of the fraction, and a bare dot, cut; <c>Z</c> for UTC.
    /// </summary>
    public static string Format(DateTimeOffset time)
    {
        var zone = time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture);
        return time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + zone;
    }

    /// <summary>
    /// Parses; digits below 100 ns are dropped. False when the text is not such a time or outside the years 1 to 9999.
    /// </summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (Grammar().Match(text) is not { Success: true } match)
        {
            return false;
        }

        // .NET takes seven digits of a fraction, Go writes nine.
        var fraction = match.Groups["fraction"].Value.PadRight(7, '0')[..7];
        return DateTimeOffset.TryParseExact(
            $"{match.Groups["seconds"].Value}.{fraction}{match.Groups["zone"].Value}",
            "yyyy-MM-ddTHH:mm:ss.fffffffK",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out time
        );
    }

    [GeneratedRegex(
        @"\A(?<seconds>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
            + @"(?:[.,](?<fraction>[0-9]+))?(?<zone>Z|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Grammar();
}
