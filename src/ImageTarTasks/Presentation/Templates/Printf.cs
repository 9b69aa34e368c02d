using System.Globalization;
using System.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>
/// Go's <c>fmt.Sprintf</c> for the values of templates: <c>%v %s %q %d %x %X %o %b %c %t %f %e %g %T %%</c> with flags,
/// width and precision.
/// </summary>
internal static class Printf
{
    /// <summary>
    /// The bounds of width and precision, as in Go. A number in a template must not allocate all memory.
    /// </summary>
    private const int MaxWidth = 1_000_000;

    /// <summary>Formats values. Errors are part of the result, as in Go: <c>%!d(string=x)</c>.</summary>
    public static string Format(string format, IReadOnlyList<object?> arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            var directive = Directive.Read(format, ref at);
            if (at == format.Length)
            {
                text.Append("%!(NOVERB)");
                break;
            }

            text.Append(
                directive.Verb == '%' ? "%"
                : next == arguments.Count ? $"%!{directive.Verb}(MISSING)"
                : directive.FormatValue(arguments[next++])
            );
        }

        if (next < arguments.Count)
        {
            var extra = arguments
                .Skip(next)
                .Select(argument =>
                    argument is null ? "<nil>" : $"{GoText.GetTypeName(argument)}={GoText.Format(argument)}"
                );
            text.Append(CultureInfo.InvariantCulture, $"%!(EXTRA {string.Join(", ", extra)})");
        }

        return text.ToString();
    }

    private readonly record struct Directive(
        char Verb,
        bool Left,
        bool Plus,
        bool Zero,
        bool Space,
        int Width,
        int? Precision
    )
    {
        /// <summary>
        /// Reads the directive after a %. <paramref name="position"/> is then at the verb, or at the end.
        /// </summary>
        public static Directive Read(string format, ref int position)
        {
            var directive = default(Directive);
            for (position++; position < format.Length; position++)
            {
                switch (format[position])
                {
                    case '-':
                        directive = directive with { Left = true };
                        continue;
                    case '+':
                        directive = directive with { Plus = true };
                        continue;
                    case '0':
                        directive = directive with { Zero = true };
                        continue;
                    case ' ':
                        directive = directive with { Space = true };
                        continue;
                    case '#':
                        continue;
                }

                break;
            }

            directive = directive with { Width = ReadNumber(format, ref position) };
            if (position < format.Length && format[position] == '.')
            {
                position++;
                directive = directive with { Precision = ReadNumber(format, ref position) };
            }

            return position < format.Length ? directive with { Verb = format[position] } : directive;
        }

        public string FormatValue(object? value) =>
            (Verb, value) switch
            {
                ('T', _) => Pad(GoText.GetTypeName(value)),
                ('v', null) => Pad("<nil>"),
                (_, ListValue list) => $"[{string.Join(' ', (list.Items ?? []).Select(FormatValue))}]",
                (_, MapValue map) => $"map[{string.Join(' ', (map.Entries ?? []).Select(FormatEntry))}]",
                (_, RecordValue record) =>
                    $"{{{string.Join(' ', record.Fields.Select(field => field.Value).Select(FormatValue))}}}",
                ('v' or 's', string or SafeText or TimeValue) => Pad(ApplyPrecision(GoText.Format(value))),
                ('q', string text) => Pad(GoText.Quote(text)),
                ('q', SafeText safe) => Pad(GoText.Quote(safe.Text)),
                ('x', string or SafeText) => Pad(
                    Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Functions.RequireText(value)))
                ),
                ('X', string or SafeText) => Pad(
                    Convert.ToHexString(Encoding.UTF8.GetBytes(Functions.RequireText(value)))
                ),
                ('v' or 't', bool) => Pad(GoText.Format(value)),
                ('v' or 'd', long number) => Number(number, Magnitude(number).ToString(CultureInfo.InvariantCulture)),
                ('x', long number) => Number(number, Radix(number, "x")),
                ('X', long number) => Number(number, Radix(number, "X")),
                ('b', long number) => Number(number, Radix(number, "b")),
                ('o', long number) => Number(number, Octal(number)),
                ('c', long number) => Pad(
                    number is >= 0 and <= int.MaxValue && Rune.IsValid((int)number)
                        ? GoText.Format(new Rune((int)number).ToString())
                        : "\ufffd"
                ),
                ('v' or 'g', double) => Pad(GoText.Format(value)),
                ('f' or 'F', double number) => Pad(number.ToString($"F{Precision ?? 6}", CultureInfo.InvariantCulture)),
                ('e', double number) => Pad(
                    number.ToString($"0.{new string('0', Precision ?? 6)}e+00", CultureInfo.InvariantCulture)
                ),
                _ => value is null
                    ? $"%!{Verb}(<nil>)"
                    : $"%!{Verb}({GoText.GetTypeName(value)}={GoText.Format(value)})",
            };

        private static int ReadNumber(string format, ref int position)
        {
            var number = 0;
            for (; position < format.Length && char.IsAsciiDigit(format[position]); position++)
            {
                number = Math.Min(MaxWidth, number * 10 + (format[position] - '0'));
            }

            return number;
        }

        private static string Radix(long number, string radix) =>
            Magnitude(number).ToString(radix, CultureInfo.InvariantCulture);

        private static string Octal(long number)
        {
            var digits = "";
            for (var rest = Magnitude(number); rest > 0 || digits.Length == 0; rest >>= 3)
            {
                digits = (char)('0' + (rest & 7)) + digits;
            }

            return digits;
        }

        private static ulong Magnitude(long number) => number < 0 ? (ulong)-(number + 1) + 1 : (ulong)number;

        private string FormatEntry(KeyValuePair<string, object?> entry) =>
            $"{FormatValue(entry.Key)}:{FormatValue(entry.Value)}";

        /// <summary>Formats a number with zeros between the sign and the digits.</summary>
        private string Number(long number, string digits)
        {
            var sign =
                number < 0 ? "-"
                : Plus ? "+"
                : Space ? " "
                : "";
            digits = digits.PadLeft(Precision ?? 0, '0');
            return Zero && !Left && Precision is null
                ? sign + digits.PadLeft(Math.Max(0, Width - sign.Length), '0')
                : Pad(sign + digits);
        }

        private string ApplyPrecision(string text) =>
            Precision is { } most ? string.Concat(text.EnumerateRunes().Take(most)) : text;

        private string Pad(string text)
        {
            var blanks = new string(' ', Math.Max(0, Width - text.EnumerateRunes().Count()));
            return Left ? text + blanks : blanks + text;
        }
    }
}
