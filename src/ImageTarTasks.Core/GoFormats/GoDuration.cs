using System.Buffers;
using System.Globalization;

namespace ImageTarTasks.Core.GoFormats;

/// <summary>Durations as Go writes them (<c>1m30s</c>, <c>1.5h</c>, <c>-2us</c>), in nanoseconds.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Parses a duration. On failure returns false and the reason in Go's words.</summary>
    public static bool TryParse(string text, out long nanoseconds, out string reason)
    {
        nanoseconds = 0;
        reason = $"time: invalid duration \"{text}\"";
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var total = 0m;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept(NumberCharacters);
            var number = length < 0 ? rest : rest[..length];
            if (
                number.IsEmpty
                || number is "."
                || number.Count('.') > 1
                || number.Length > 20
                || !decimal.TryParse(
                    number,
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var amount
                )
            )
            {
                return false;
            }

            if (length < 0)
            {
                reason = $"time: missing unit in duration \"{text}\"";
                return false;
            }

            rest = rest[length..];
            length = rest.IndexOfAny(NumberCharacters);
            var unit = length < 0 ? rest : rest[..length];
            rest = rest[unit.Length..];
            if (Unit(unit) is not { } scale)
            {
                reason = $"time: unknown unit \"{unit}\" in duration \"{text}\"";
                return false;
            }

            // The product of the two might not fit even into a decimal.
            if (amount > long.MaxValue / scale)
            {
                return false;
            }

            total += decimal.Truncate(amount * scale);
            if (total > long.MaxValue)
            {
                return false;
            }
        }

        nanoseconds = negative ? -(long)total : (long)total;
        return true;
    }

    private static decimal? Unit(ReadOnlySpan<char> unit) =>
        unit switch
        {
            "ns" => 1m,
            "us" or "\u00b5s" or "\u03bcs" => 1000m,
            "ms" => 1000_000m,
            "s" => 1000_000_000m,
            "m" => 60_000_000_000m,
            "h" => 3600_000_000_000m,
            _ => null,
        };
}
