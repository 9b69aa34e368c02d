using System.Globalization;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Options;

/// <summary>A number of bytes as people write it: <c>4096</c>, <c>512MiB</c>, <c>1.5 GB</c>.</summary>
internal readonly partial record struct ByteSize(long Bytes)
{
    private static readonly string[] Prefixes = ["", "K", "M", "G", "T", "P"];

    /// <summary>
    /// Parses a number and a unit: B, kB to PB (powers of 1000), KiB to PiB (powers of 1024), in any case; no unit is
    /// bytes.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1011.</exception>
    public static ByteSize Parse(string option, string text)
    {
        var match = SizePattern().Match(text);
        if (!match.Success)
        {
            throw UsageDiagnostics.InvalidSize(option, text);
        }

        var power = Array.IndexOf(Prefixes, match.Groups["prefix"].Value.ToUpperInvariant());
        decimal bytes = match.Groups["binary"].Success ? 1024 : 1000;
        bytes = power == 0 ? 1 : Enumerable.Repeat(bytes, power).Aggregate((a, b) => a * b);
        var number = decimal.Parse(
            match.Groups["number"].Value,
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture
        );
        if (number > long.MaxValue / bytes)
        {
            throw UsageDiagnostics.InvalidSize(option, text);
        }

        return new ByteSize((long)decimal.Floor(number * bytes));
    }

    // 15 digits are more than any size has, and fewer than overflow the arithmetic.
    [GeneratedRegex(
        @"\A\s*(?<number>[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?:(?<prefix>[kmgtp]?)(?<binary>(?<=[kmgtp])i)?b)?\s*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex SizePattern();
}
