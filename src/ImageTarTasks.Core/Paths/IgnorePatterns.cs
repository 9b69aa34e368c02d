using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Paths;

/// <summary>
/// Patterns of a .dockerignore file. A pattern matches a path and everything below it. A leading <c>!</c> makes an
/// exception. The last matching pattern decides.
/// </summary>
public sealed class IgnorePatterns
{
    private readonly List<(PathGlob Pattern, bool Exception)> _patterns = [];

    /// <summary>Whether there is an exception. Then a path below an ignored folder may not be ignored.</summary>
    public bool HasExceptions => _patterns.Any(pattern => pattern.Exception);

    /// <summary>Reads patterns. Empty lines are skipped, and comments if <paramref name="comments"/>.</summary>
    /// <param name="option">The option or file they come from, for messages.</param>
    /// <param name="lines">The patterns.</param>
    /// <param name="comments">Whether a line that begins with <c>#</c> is a comment.</param>
    /// <exception cref="ImageTarException">ITT1071.</exception>
    public static IgnorePatterns Parse(string option, IEnumerable<string> lines, bool comments)
    {
        var patterns = new IgnorePatterns();
        foreach (var line in lines)
        {
            var text = line.Trim();
            if (text.Length == 0 || (comments && line.StartsWith('#')))
            {
                continue;
            }

            var exception = text.StartsWith('!');
            var pattern = exception ? text[1..].Trim() : text;

            // Docker lets two stars end anywhere in a part: **.md is **/*.md.
            patterns._patterns.Add(
                (
                    PathGlob.Parse(
                        option,
                        pattern.StartsWith("**", StringComparison.Ordinal)
                        && !pattern.StartsWith("**/", StringComparison.Ordinal)
                            ? $"**/{pattern[1..]}"
                            : pattern
                    ),
                    exception
                )
            );
        }

        return patterns;
    }

    /// <summary>These patterns followed by those of <paramref name="others"/>.</summary>
    public IgnorePatterns With(IgnorePatterns others)
    {
        var all = new IgnorePatterns();
        all._patterns.AddRange(_patterns);
        all._patterns.AddRange(others._patterns);
        return all;
    }

    /// <summary>Whether a path is ignored.</summary>
    /// <param name="path">Such as <c>usr/bin/env</c>.</param>
    /// <param name="parent">The matches of the folder that contains the path; default at the top.</param>
    /// <param name="own">The matches of this path, for the paths below it.</param>
    internal bool Match(ByteString path, IgnoreMatches parent, out IgnoreMatches own)
    {
        var matched = new bool[_patterns.Count];
        var meant = false;
        for (var i = 0; i < matched.Length; i++)
        {
            var (pattern, exception) = _patterns[i];
            matched[i] = (parent.Patterns is { } above && above[i]) || pattern.Matches(path);
            if (matched[i])
            {
                meant = !exception;
            }
        }

        own = new IgnoreMatches(matched);
        return meant;
    }
}

/// <summary>Which of some patterns matched a path or a folder above it.</summary>
/// <param name="Patterns">One for each, or null for none of them.</param>
internal readonly record struct IgnoreMatches(bool[]? Patterns);
