using System.Globalization;
using System.Text;

namespace ImageTarTasks.Core.Text;

/// <summary>
/// The only way for text from archives, registries and file names into a message, a console or a log. Control
/// characters, bidirectional overrides and invalid UTF-8 become escapes, long text is cut, and text that a CI system
/// would run as a command (Azure Pipelines <c>##vso[</c>, GitHub <c>::</c>, TeamCity <c>##teamcity[</c>) is broken up.
/// </summary>
public static class UntrustedText
{
    private const int MaxShown = 200;

    /// <summary>Escapes <paramref name="text"/> and cuts it to 200 characters.</summary>
    public static string Show(string? text) => Show(Encoding.UTF8.GetBytes(text ?? ""));

    /// <summary>
    /// Escapes UTF-8 <paramref name="bytes"/>, cut to 200 characters; bytes that are not UTF-8 become <c>\xNN</c>.
    /// </summary>
    public static string Show(ReadOnlySpan<byte> bytes) => Escape(bytes, MaxShown);

    /// <summary>
    /// Escapes <paramref name="text"/> without cutting it, for output that must be complete (tables, JSON for people).
    /// </summary>
    public static string ShowAll(string? text) => Escape(Encoding.UTF8.GetBytes(text ?? ""), int.MaxValue);

    private static string Escape(ReadOnlySpan<byte> bytes, int max)
    {
        var shown = new StringBuilder(Math.Min(bytes.Length, max) + 8);
        var rest = bytes;
        while (!rest.IsEmpty)
        {
            if (shown.Length >= max)
            {
                shown.Append(CultureInfo.InvariantCulture, $"... ({rest.Length} more)");
                break;
            }

            var status = Rune.DecodeFromUtf8(rest, out var rune, out var used);
            if (status != System.Buffers.OperationStatus.Done)
            {
                for (var i = 0; i < used; i++)
                {
                    shown.Append(CultureInfo.InvariantCulture, $"\\x{rest[i]:X2}");
                }
            }
            else if (rune.Value is < 0x20 or (>= 0x7f and <= 0x9f))
            {
                shown.Append(
                    rune.Value switch
                    {
                        '\n' => "\\n",
                        '\r' => "\\r",
                        '\t' => "\\t",
                        _ => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}"),
                    }
                );
            }
            else if (
                rune.Value
                is 0x2028
                    or 0x2029
                    or 0x200e
                    or 0x200f
                    or 0xfeff
                    or (>= 0x202a and <= 0x202e)
                    or (>= 0x2066 and <= 0x2069)
            )
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
            }
            else
            {
                shown.Append(rune.ToString());
            }

            rest = rest[used..];
        }

        return BreakCommands(shown.ToString());
    }

    /// <summary>Breaks up text that a CI system would run as a command, in a line that is otherwise safe.</summary>
    public static string BreakCommands(string line)
    {
        var safe = line;
        var at = 0;
        while ((at = safe.IndexOf("##", at, StringComparison.Ordinal)) >= 0)
        {
            var after = safe.AsSpan(at + 2).TrimStart();
            if (
                after.StartsWith("[")
                || after.StartsWith("vso[", StringComparison.OrdinalIgnoreCase)
                || after.StartsWith("teamcity[", StringComparison.OrdinalIgnoreCase)
            )
            {
                safe = string.Concat(safe.AsSpan(0, at), "# #", safe.AsSpan(at + 2));
            }

            at++;
        }

        return safe.TrimStart().StartsWith("::", StringComparison.Ordinal)
            ? string.Concat(
                safe.AsSpan(0, safe.IndexOf("::", StringComparison.Ordinal)),
                ": :",
                safe.AsSpan(safe.IndexOf("::", StringComparison.Ordinal) + 2)
            )
            : safe;
    }
}
