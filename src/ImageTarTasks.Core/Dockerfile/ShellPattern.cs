using System.Text;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// A shell pattern as <c>${X#p}</c>, <c>${X%p}</c> and <c>${X/p/r}</c> use it: <c>*</c> and <c>?</c>, escapes by
/// backslash, no brackets; neither wildcard matches a newline. Matching keeps the set of positions reached, so no
/// pattern can make it slow.
/// </summary>
internal sealed class ShellPattern
{
    private static readonly Rune AnyRun = new('*');
    private static readonly Rune AnyOne = new('?');

    private readonly (Rune Rune, bool Wild)[] _tokens;

    private ShellPattern((Rune, bool)[] tokens) => _tokens = tokens;

    /// <summary>
    /// Parses a pattern. Returns null and a reason when an escape precedes a character other than <c>* ? \ } /</c>.
    /// </summary>
    public static ShellPattern? TryParse(string pattern, out string reason)
    {
        var tokens = new List<(Rune, bool)>();
        var escaped = false;
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (escaped)
            {
                if (rune.Value is not ('*' or '?' or '\\' or '}' or '/'))
                {
                    reason = $"invalid escape '\\{rune}'";
                    return null;
                }

                tokens.Add((rune, false));
                escaped = false;
            }
            else if (rune.Value == '\\')
            {
                escaped = true;
            }
            else
            {
                tokens.Add((rune, rune == AnyRun || rune == AnyOne));
            }
        }

        reason = escaped ? "a backslash ends it" : "";
        return escaped ? null : new ShellPattern([.. tokens]);
    }

    /// <summary><paramref name="value"/> without its shortest or longest beginning that matches.</summary>
    public string TrimStart(string value, bool longest)
    {
        var text = value.EnumerateRunes().ToArray();
        var length = Match(_tokens, text, longest);
        return length < 0 ? value : Join(text.AsSpan(length));
    }

    /// <summary><paramref name="value"/> without its shortest or longest end that matches.</summary>
    public string TrimEnd(string value, bool longest)
    {
        var text = value.EnumerateRunes().Reverse().ToArray();
        var length = Match([.. _tokens.Reverse()], text, longest);
        if (length < 0)
        {
            return value;
        }

        Array.Reverse(text);
        return Join(text.AsSpan(0, text.Length - length));
    }

    /// <summary><paramref name="value"/> with the first or every longest match replaced.</summary>
    public string Replace(string value, string replacement, bool all)
    {
        var text = value.EnumerateRunes().ToArray();
        var result = new StringBuilder();
        var afterMatch = false;
        var at = 0;
        while (at <= text.Length)
        {
            var length = Match(_tokens, text.AsSpan(at), longest: true);
            if (length > 0 || (length == 0 && !afterMatch))
            {
                result.Append(replacement);
                if (!all)
                {
                    return result.Append(Join(text.AsSpan(at + length))).ToString();
                }
            }

            afterMatch = length > 0;
            if (afterMatch)
            {
                at += length;
            }
            else
            {
                if (at < text.Length)
                {
                    result.Append(text[at]);
                }

                at++;
            }
        }

        return result.ToString();
    }

    /// <summary>
    /// The length of the shortest or longest beginning of <paramref name="text"/> that matches; -1 when none does.
    /// </summary>
    private static int Match((Rune Rune, bool Wild)[] tokens, ReadOnlySpan<Rune> text, bool longest)
    {
        var states = new bool[tokens.Length + 1];
        var next = new bool[tokens.Length + 1];
        states[0] = true;
        var found = -1;
        for (var position = 0; ; position++)
        {
            for (var i = 0; i < tokens.Length; i++)
            {
                states[i + 1] |= states[i] && tokens[i] is (_, true) && tokens[i].Rune == AnyRun;
            }

            if (states[tokens.Length])
            {
                found = position;
                if (!longest)
                {
                    break;
                }
            }

            if (position == text.Length)
            {
                break;
            }

            Array.Clear(next);
            for (var i = 0; i < tokens.Length; i++)
            {
                if (states[i])
                {
                    var (rune, wild) = tokens[i];
                    var matches = wild ? text[position].Value != '\n' : rune == text[position];
                    next[wild && rune == AnyRun ? i : i + 1] |= matches;
                }
            }

            (states, next) = (next, states);
        }

        return found;
    }

    private static string Join(ReadOnlySpan<Rune> runes)
    {
        var text = new StringBuilder();
        foreach (var rune in runes)
        {
            text.Append(rune);
        }

        return text.ToString();
    }
}
