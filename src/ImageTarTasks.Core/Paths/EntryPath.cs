using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Paths;

/// <summary>
/// Names of entries as paths inside the root: no leading slash, no empty, <c>.</c> or <c>..</c> part.
/// </summary>
internal static class EntryPath
{
    /// <summary>
    /// The path a name means; empty for the root itself. A <c>..</c> that stays inside the root is resolved when
    /// <paramref name="allowDotDot"/>, and refused else.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2401.</exception>
    public static string Of(ByteString name, bool allowDotDot, ContentLocation location)
    {
        var units = name.Units;
        if (units.Length is 0 or > Limits.NameBytes)
        {
            throw PathDiagnostics.InvalidEntryName(
                units.Length == 0 ? "is empty" : "is longer than 4096 bytes",
                location
            );
        }

        var parts = new List<Range>();
        var clean = true;
        for (var start = 0; start <= units.Length; )
        {
            var end = units.IndexOf('/', start);
            end = end < 0 ? units.Length : end;
            var part = units.AsSpan(start, end - start);
            if (part is "..")
            {
                if (!allowDotDot)
                {
                    throw PathDiagnostics.InvalidEntryName("has a part \"..\"", location);
                }

                if (parts.Count == 0)
                {
                    throw PathDiagnostics.InvalidEntryName("leads out of the root by \"..\"", location);
                }

                parts.RemoveAt(parts.Count - 1);
                clean = false;
            }
            else if (part is "" or ".")
            {
                clean = false;
            }
            else if (part.Length > Limits.ComponentBytes)
            {
                throw PathDiagnostics.InvalidEntryName("has a part longer than 255 bytes", location);
            }
            else if (part.Contains('\0'))
            {
                throw PathDiagnostics.InvalidEntryName("has a NUL byte", location);
            }
            else
            {
                parts.Add(start..end);
            }

            start = end + 1;
        }

        return clean ? units : string.Join('/', parts.Select(part => units[part]));
    }

    /// <summary>Splits a path into the folder (empty for the root) and the last part.</summary>
    public static void Split(string path, out ReadOnlySpan<char> folder, out ReadOnlySpan<char> leaf)
    {
        var slash = path.LastIndexOf('/');
        folder = path.AsSpan(0, Math.Max(slash, 0));
        leaf = path.AsSpan(slash + 1);
    }
}
