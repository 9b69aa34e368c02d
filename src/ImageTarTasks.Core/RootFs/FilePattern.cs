using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>
/// A pattern for whole paths without a leading slash, as .dockerignore has it: <c>*</c> and <c>?</c> within a component, <c>**</c> for any number of
/// components, <c>[a-z]</c>, <c>\</c> before what is meant literally. Matching takes time in proportion to the path, whatever the pattern.
/// </summary>
public sealed class FilePattern
{
    private readonly Regex _regex;

    private FilePattern(Regex regex) => _regex = regex;

    /// <summary>Parses; slashes at the ends, empty, <c>.</c> and <c>..</c> parts are cleaned away first.</summary>
    /// <exception cref="ImageTarException">ITT1055.</exception>
    public static FilePattern Parse(string text) => new(new Regex(
        Translate(Clean(text), text), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant));

    /// <summary>Whether a path such as <c>usr/bin/env</c> is meant.</summary>
    public bool Matches(string path) => _regex.IsMatch(path);

    private static string Clean(string text)
    {
        var parts = new List<string>();
        foreach (var part in text.Split('/'))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private static string Translate(string pattern, string original)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when pattern.AsSpan(i + 1).StartsWith("*"):
                    i += pattern.AsSpan(i + 2).StartsWith("/") ? 2 : 1;
                    regex.Append(i + 1 == pattern.Length ? ".*" : "(?:.*/)?");
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[':
                    AppendClass(regex, pattern, ref i, original);
                    break;
                case '\\':
                    regex.Append(Regex.Escape(++i < pattern.Length ? pattern[i].ToString() : throw Diagnostics.InvalidPattern(original, "a backslash ends it")));
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return regex.Append(@"\z").ToString();
    }

    /// <summary>A bracket expression: characters and ranges, <c>^</c> in front for all others.</summary>
    private static void AppendClass(StringBuilder regex, string pattern, ref int i, string original)
    {
        regex.Append('[');
        i++;
        if (i < pattern.Length && pattern[i] == '^')
        {
            // Not the slash: a component ends there.
            regex.Append("^/");
            i++;
        }

        var first = true;
        while (true)
        {
            if (i >= pattern.Length)
            {
                throw Diagnostics.InvalidPattern(original, "a bracket is not closed");
            }

            if (pattern[i] == ']' && !first)
            {
                regex.Append(']');
                return;
            }

            first = false;
            var low = Character(pattern, ref i);
            var high = low;
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                i++;
                high = Character(pattern, ref i);
            }

            if (low > high)
            {
                throw Diagnostics.InvalidPattern(original, $"the range {low}-{high} is empty");
            }

            regex.Append($"\\u{(int)low:x4}-\\u{(int)high:x4}");
        }

        char Character(string text, ref int at)
        {
            if (at < text.Length && text[at] == '\\')
            {
                at++;
            }

            else if (at < text.Length && text[at] is '-' or ']')
            {
                throw Diagnostics.InvalidPattern(original, "a bracket has a '-' or ']' that needs a backslash");
            }

            return at < text.Length ? text[at++] : throw Diagnostics.InvalidPattern(original, "a bracket is not closed");
        }
    }
}

/// <summary>
/// Patterns as .dockerignore has them: what one matches is meant with all that is below it, <c>!</c> in front makes an exception, and the last
/// pattern that matches decides.
/// </summary>
public sealed class FilePatterns
{
    private readonly List<(FilePattern Pattern, bool Exception)> _patterns = [];

    /// <summary>Whether there is an exception: then something below a path that is meant may not be.</summary>
    public bool HasExceptions => _patterns.Any(pattern => pattern.Exception);

    /// <summary>Reads patterns one by one; empty ones, and comments if asked for, are none.</summary>
    /// <param name="lines">The patterns.</param>
    /// <param name="comments">Whether a line that begins with <c>#</c> is a comment.</param>
    /// <exception cref="ImageTarException">ITT1055.</exception>
    public static FilePatterns Parse(IEnumerable<string> lines, bool comments)
    {
        var patterns = new FilePatterns();
        foreach (var line in lines)
        {
            var text = line.Trim();
            if (text.Length == 0 || (comments && line.StartsWith('#')))
            {
                continue;
            }

            var exception = text.StartsWith('!');
            var pattern = exception ? text[1..].Trim() : text;
            patterns._patterns.Add((pattern.Length > 0 ? FilePattern.Parse(pattern) : throw Diagnostics.InvalidPattern(text, "nothing follows the exclamation mark"), exception));
        }

        return patterns;
    }

    /// <summary>These patterns and then those of <paramref name="others"/>.</summary>
    public FilePatterns With(FilePatterns others)
    {
        var all = new FilePatterns();
        all._patterns.AddRange(_patterns);
        all._patterns.AddRange(others._patterns);
        return all;
    }

    /// <summary>Whether a path is meant.</summary>
    /// <param name="path">Such as <c>usr/bin/env</c>.</param>
    /// <param name="parent">What this method gave for the folder the path is in; default at the top.</param>
    /// <param name="own">What to give for what is below the path.</param>
    public bool Match(string path, FileMatches parent, out FileMatches own)
    {
        var matched = new bool[_patterns.Count];
        var meant = false;
        for (var i = 0; i < matched.Length; i++)
        {
            var (pattern, exception) = _patterns[i];
            matched[i] = parent.Patterns is { } above && above[i] || pattern.Matches(path);
            if (matched[i])
            {
                meant = !exception;
            }
        }

        own = new FileMatches(matched);
        return meant;
    }
}

/// <summary>Which of some patterns matched a path or a folder above it.</summary>
/// <param name="Patterns">One for each, or null for none of them.</param>
public readonly record struct FileMatches(bool[]? Patterns);
