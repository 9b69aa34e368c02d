using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Paths;

/// <summary>
/// Patterns as .dockerignore has them: what one matches is meant with all that is below it, <c>!</c> in front makes an exception, and the last
/// pattern that matches decides.
/// </summary>
public sealed class IgnorePatterns
{
    private readonly List<(PathGlob Pattern, bool Exception)> _patterns = [];

    /// <summary>Whether there is an exception: then something below a path that is meant may not be.</summary>
    public bool HasExceptions => _patterns.Any(pattern => pattern.Exception);

    /// <summary>Reads patterns one by one; empty ones, and comments if asked for, are none.</summary>
    /// <param name="option">Who gave them, for messages.</param>
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
            patterns._patterns.Add((PathGlob.Parse(option, pattern.StartsWith("**", StringComparison.Ordinal) && !pattern.StartsWith("**/", StringComparison.Ordinal) ? $"**/{pattern[1..]}" : pattern), exception));
        }

        return patterns;
    }

    /// <summary>These patterns and then those of <paramref name="others"/>.</summary>
    public IgnorePatterns With(IgnorePatterns others)
    {
        var all = new IgnorePatterns();
        all._patterns.AddRange(_patterns);
        all._patterns.AddRange(others._patterns);
        return all;
    }

    /// <summary>Whether a path is meant.</summary>
    /// <param name="path">Such as <c>usr/bin/env</c>.</param>
    /// <param name="parent">What this method gave for the folder the path is in; default at the top.</param>
    /// <param name="own">What to give for what is below the path.</param>
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
