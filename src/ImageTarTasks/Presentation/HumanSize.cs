using System.Globalization;

namespace ImageTarTasks.Presentation;

/// <summary>Sizes as go-units' <c>HumanSizeWithPrecision</c> prints them: base 1000, some significant digits.</summary>
internal static class HumanSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

    /// <summary>
    /// <c>1.23MB</c>. Rounding can reach the next power of ten, which Go then writes with an exponent: 999500 is
    /// <c>1e+03kB</c>, as Docker shows it.
    /// </summary>
    /// <param name="bytes">The size.</param>
    /// <param name="digits">Significant digits: 3 in tables, 4 in progress and in virtual sizes.</param>
    public static string Format(long bytes, int digits = 3)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return FormatSignificant(value, digits) + Units[unit];
    }

    /// <summary>Go's <c>%.Ng</c>: ties to even, trailing zeros cut.</summary>
    private static string FormatSignificant(double value, int digits)
    {
        var scientific = value.ToString($"e{digits - 1}", CultureInfo.InvariantCulture);
        var e = scientific.IndexOf('e', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = scientific.AsSpan(0, e).TrimEnd('0').TrimEnd('.');
        return exponent >= digits
            ? string.Create(CultureInfo.InvariantCulture, $"{mantissa}e+{exponent:00}")
            : double.Parse(scientific, CultureInfo.InvariantCulture)
                .ToString("0.#########", CultureInfo.InvariantCulture);
    }
}
