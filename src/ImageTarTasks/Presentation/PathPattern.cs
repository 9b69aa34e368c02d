using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Values;

namespace ImageTarTasks.Presentation;

/// <summary>
/// A pattern of Go's <c>path.Match</c>, which reference filters use: <c>*</c> and <c>?</c> do not match a slash, <c>[a-z]</c> and <c>[^a-z]</c> are
/// one character, a backslash takes the next character literally.
/// </summary>
internal sealed class PathPattern
{
    private readonly Regex _regex;

    private PathPattern(Regex regex) => _regex = regex;

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="ImageTarException">ITT1031, with Go's words.</exception>
    public static PathPattern Parse(string filter, string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[':
                    at = Class(filter, pattern, at + 1, regex);
                    break;
                default:
                    regex.Append(Regex.Escape(Literal(filter, pattern, ref at)));
                    break;
            }
        }

        return new PathPattern(new Regex(regex.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline));
    }

    /// <summary>Whether all of <paramref name="text"/> fits.</summary>
    public bool Fits(string text) => _regex.IsMatch(text);

    /// <summary>Appends the class that begins at <paramref name="at"/>; the answer is the place of its bracket.</summary>
    private static int Class(string filter, string pattern, int at, StringBuilder regex)
    {
        regex.Append('[');
        if (at < pattern.Length && pattern[at] == '^')
        {
            regex.Append('^');
            at++;
        }

        for (var first = true; ; first = false)
        {
            if (at < pattern.Length && pattern[at] == ']' && !first)
            {
                regex.Append(']');
                return at;
            }

            var low = ClassMember(filter, pattern, ref at);
            var high = low;
            if (at < pattern.Length && pattern[at] == '-')
            {
                at++;
                high = ClassMember(filter, pattern, ref at);
            }

            if (low > high)
            {
                throw Malformed(filter);
            }

            regex.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)low:x4}-\\u{(int)high:x4}");
        }
    }

    private static char ClassMember(string filter, string pattern, ref int at)
    {
        if (at >= pattern.Length || pattern[at] is '-' or ']')
        {
            throw Malformed(filter);
        }

        var member = Literal(filter, pattern, ref at)[0];
        at++;
        return member;
    }

    private static string Literal(string filter, string pattern, ref int at)
    {
        if (pattern[at] == '\\' && ++at == pattern.Length)
        {
            throw Malformed(filter);
        }

        return pattern[at].ToString();
    }

    private static ImageTarException Malformed(string filter) => Diagnostics.InvalidFilter(filter, "syntax error in pattern");
}
