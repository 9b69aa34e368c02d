using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ImageTarTasks.Core.GoFormats;

/// <summary>
/// Writes JSON with the bytes of Go's encoding/json (1.22 and later), because digests are computed over these bytes:
/// compact, <c>&lt; &gt; &amp;</c>, U+2028 and U+2029 as escapes, other text as raw UTF-8. The caller decides the order
/// of keys; Go keeps the order of a struct's fields and sorts maps.
/// </summary>
/// <param name="output">Receives the bytes.</param>
/// <param name="indent">The indentation of one level, as <c>json.Indent</c> does; null for none.</param>
/// <param name="escapeHtml">
/// Whether <c>&lt; &gt; &amp;</c> are escaped; <c>docker inspect</c> does not escape them.
/// </param>
public sealed class GoJsonWriter(IBufferWriter<byte> output, string? indent = null, bool escapeHtml = true)
{
    private readonly Stack<bool> _levelHasItems = new();
    private bool _afterName;

    /// <summary>Begins an object.</summary>
    public void BeginObject() => Begin((byte)'{');

    /// <summary>Ends an object.</summary>
    public void EndObject() => End((byte)'}');

    /// <summary>Begins an array.</summary>
    public void BeginArray() => Begin((byte)'[');

    /// <summary>Ends an array.</summary>
    public void EndArray() => End((byte)']');

    /// <summary>Writes a key; its value must follow. Returns this writer.</summary>
    public GoJsonWriter Name(string key)
    {
        Separate();
        WriteQuoted(key);
        output.Write(indent is null ? ":"u8 : ": "u8);
        _afterName = true;
        return this;
    }

    /// <summary>Writes a string, or null.</summary>
    public void String(string? value)
    {
        Separate();
        if (value is null)
        {
            output.Write("null"u8);
        }
        else
        {
            WriteQuoted(value);
        }
    }

    /// <summary>Writes an array of strings, or null.</summary>
    public void Strings(IEnumerable<string>? values)
    {
        if (values is null)
        {
            Null();
            return;
        }

        BeginArray();
        foreach (var value in values)
        {
            String(value);
        }

        EndArray();
    }

    /// <summary>Writes an integer.</summary>
    public void Number(long value)
    {
        Separate();
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        output.Write(digits[..length]);
    }

    /// <summary>Writes true or false.</summary>
    public void Boolean(bool value)
    {
        Separate();
        output.Write(value ? "true"u8 : "false"u8);
    }

    /// <summary>Writes a value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Separate();
        output.Write(json);
    }

    /// <summary>Writes null.</summary>
    public void Null() => String(null);

    private void Begin(byte bracket)
    {
        Separate();
        output.Write([bracket]);
        _levelHasItems.Push(false);
    }

    private void End(byte bracket)
    {
        if (_levelHasItems.Pop())
        {
            NewLine();
        }

        output.Write([bracket]);
    }

    private void Separate()
    {
        if (_afterName)
        {
            _afterName = false;
            return;
        }

        if (_levelHasItems.Count == 0)
        {
            return;
        }

        if (_levelHasItems.Pop())
        {
            output.Write(","u8);
        }

        _levelHasItems.Push(true);
        NewLine();
    }

    private void NewLine()
    {
        if (indent is null)
        {
            return;
        }

        output.Write("\n"u8);
        for (var level = 0; level < _levelHasItems.Count; level++)
        {
            output.Write(Encoding.UTF8.GetBytes(indent));
        }
    }

    private void WriteQuoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var rest = text.AsSpan(); !rest.IsEmpty; )
        {
            var valid = Rune.DecodeFromUtf16(rest, out var rune, out var units) == OperationStatus.Done;
            rest = rest[units..];
            switch (rune.Value)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append((char)rune.Value);
                    break;
                case '\b':
                    quoted.Append("\\b");
                    break;
                case '\f':
                    quoted.Append("\\f");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case < 0x20 or 0x2028 or 0x2029:
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    break;
                case '<' or '>' or '&' when escapeHtml:
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    break;
                default:
                    quoted.Append(valid ? rune.ToString() : "\\ufffd");
                    break;
            }
        }

        output.Write(Encoding.UTF8.GetBytes(quoted.Append('"').ToString()));
    }
}
