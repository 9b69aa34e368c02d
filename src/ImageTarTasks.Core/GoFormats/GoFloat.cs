using System.Globalization;

namespace ImageTarTasks.Core.GoFormats;

/// <summary>Floating-point numbers as Go writes them: the shortest digits that mean the same number.</summary>
public static class GoFloat
{
    /// <summary>As <c>%v</c> and <c>%g</c>: with an exponent below 1e-4 and from 1e+06 on.</summary>
    public static string Format(double number) => Format(number, -4, 6, "00");

    /// <summary>As encoding/json: with an exponent below 1e-6 and from 1e+21 on.</summary>
    public static string FormatJson(double number) => Format(number, -6, 21, "0");

    private static string Format(double number, int smallest, int largest, string exponentFormat)
    {
        if (number == 0 || !double.IsFinite(number))
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        // The shortest digits, wherever .NET puts the point: d.ddddE+xxx.
        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 16; digits++)
        {
            var shorter = number.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture).Equals(number))
            {
                scientific = shorter;
                break;
            }
        }

        var split = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(
            scientific.AsSpan(split + 1),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture
        );
        if (exponent >= smallest && exponent < largest)
        {
            return decimal.Parse(scientific, NumberStyles.Float, CultureInfo.InvariantCulture)
                .ToString(CultureInfo.InvariantCulture);
        }

        var sign = exponent < 0 ? "-" : "+";
        var power = Math.Abs(exponent).ToString(exponentFormat, CultureInfo.InvariantCulture);
        return $"{scientific[..split]}e{sign}{power}";
    }
}
