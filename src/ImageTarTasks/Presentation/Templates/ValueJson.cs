using System.Buffers;
using System.Globalization;
using System.Text;
using ImageTarTasks.Core.GoFormats;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Values as JSON, in Go's bytes.</summary>
internal static class ValueJson
{
    /// <summary>
    /// One line, or several when <paramref name="indent"/> is given. <c>&lt; &gt; &amp;</c> stay as they are, but in
    /// rows of listings.
    /// </summary>
    public static string Write(object? value, string? indent = null)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Write(new GoJsonWriter(bytes, indent, escapeHtml: value is RecordValue { IsRow: true }), value);
        return EscapeUnsafe(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>
    /// Values are made by this program and no deeper than their types: the recursion ends after a few levels.
    /// </summary>
    private static void Write(GoJsonWriter json, object? value)
    {
        switch (value)
        {
            case bool flag:
                json.Boolean(flag);
                break;
            case long number:
                json.Number(number);
                break;
            case string text:
                json.String(text);
                break;
            case SafeText safe:
                json.String(safe.Text);
                break;
            case TimeValue time:
                json.String(GoTime.Format(time.Time));
                break;
            case double number:
                // No value of ours is one; a literal of the template may be.
                json.Raw(Encoding.ASCII.GetBytes(GoFloat.FormatJson(number)));
                break;
            case ListValue { Items: { } items }:
                json.BeginArray();
                foreach (var item in items)
                {
                    Write(json, item);
                }

                json.EndArray();
                break;
            case MapValue { Entries: { } entries }:
                WriteMembers(json, entries);
                break;
            case RecordValue record:
                WriteMembers(
                    json,
                    record.IsRow ? record.Fields.OrderBy(field => field.Key, StringComparer.Ordinal) : record.Fields
                );
                break;
            default:
                json.Null();
                break;
        }
    }

    private static void WriteMembers(GoJsonWriter json, IEnumerable<KeyValuePair<string, object?>> members)
    {
        json.BeginObject();
        foreach (var (name, value) in members)
        {
            json.Name(name);
            Write(json, value);
        }

        json.EndObject();
    }

    /// <summary>
    /// JSON that means the same and that nothing has to be escaped in afterwards: what Go writes raw but a terminal or
    /// a CI system would act upon (DEL, C1 controls, directional marks, <c>##[</c>) becomes an escape of JSON.
    /// </summary>
    private static string EscapeUnsafe(string json)
    {
        var printable = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            var unit = json[i];
            if (
                unit
                    is (>= '\x7f' and <= '\x9f')
                        or '\u200e'
                        or '\u200f'
                        or '\ufeff'
                        or (>= '\u202a' and <= '\u202e')
                        or (>= '\u2066' and <= '\u2069')
                || (unit == '#' && i > 0 && json[i - 1] == '#')
            )
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
            else
            {
                printable.Append(unit);
            }
        }

        return printable.ToString();
    }
}
