using System.Globalization;
using System.Text;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Prints values as Go's fmt does. Untrusted text is escaped.</summary>
internal static class GoText
{
    /// <summary>
    /// A value as <c>%v</c> prints it. The recursion ends after a few levels: values are made by this program.
    /// </summary>
    public static string Format(object? value) =>
        value switch
        {
            null => "<nil>",
            string text => UntrustedText.ShowAll(text),
            SafeText safe => safe.Text,
            bool flag => flag ? "true" : "false",
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number => GoFloat.Format(number),
            TimeValue time => FormatTime(time.Time),
            ListValue list => $"[{string.Join(' ', (list.Items ?? []).Select(Format))}]",
            MapValue map => "map["
                + string.Join(
                    ' ',
                    (map.Entries ?? []).Select(entry => $"{UntrustedText.ShowAll(entry.Key)}:{Format(entry.Value)}")
                )
                + "]",
            RecordValue record => $"{{{string.Join(' ', record.Fields.Select(field => Format(field.Value)))}}}",
            NoValue => "<no value>",
            _ => throw new NotSupportedException($"{value.GetType()} is no value of a template"),
        };

    /// <summary>The Go type of a value.</summary>
    public static string GetTypeName(object? value) =>
        value switch
        {
            null => "<nil>",
            string or SafeText => "string",
            bool => "bool",
            long => "int",
            double => "float64",
            TimeValue => "time.Time",
            ListValue => "[]string",
            MapValue => "map[string]string",
            RecordValue record => record.Type,
            _ => "interface {}",
        };

    /// <summary>
    /// <c>2026-11-23 16:34:10 +0000 UTC</c>, as Go's <c>time.Time</c> prints itself. Always UTC, so that the output is
    /// the same everywhere.
    /// </summary>
    public static string FormatTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " +0000 UTC";

    /// <summary>Go's <c>strconv.Quote</c>. The result is safe to print.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(
                rune.Value switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\a' => "\\a",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    '\v' => "\\v",
                    < 0x20 or 0x7f => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                    _ when IsPrint(rune) => rune.ToString(),
                    <= 0xffff => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                    _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
                }
            );
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPrint(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
