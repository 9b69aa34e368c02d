using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Paths;

/// <summary>
/// A glob for paths of a root filesystem, anchored at the root. <c>*</c> is any run of characters and <c>?</c> any
/// character, both without slashes. <c>[a-z]</c> and <c>[!a-z]</c> are one character of a set. <c>**</c> as a whole
/// part is any number of folders. A backslash makes the next character literal. A leading or trailing slash and
/// <c>./</c> are ignored. Case matters.
/// </summary>
/// <remarks>Matching keeps one position to return to for each kind of star, so no pattern can make it slow.</remarks>
public sealed class PathGlob
{
    private readonly Part?[] _parts;

    private PathGlob(Part?[] parts) => _parts = parts;

    /// <summary>Parses a pattern.</summary>
    /// <param name="option">The option it comes from, for messages.</param>
    /// <param name="text">The pattern.</param>
    /// <exception cref="ImageTarException">ITT1071: it is empty, or a set or an escape does not end.</exception>
    public static PathGlob Parse(string option, string text)
    {
        var parts = new List<Part?>();
        foreach (var part in Split(text))
        {
            if (part is "**")
            {
                if (parts is not [.., null])
                {
                    parts.Add(null);
                }
            }
            else if (part is "..")
            {
                throw PathDiagnostics.InvalidPattern(option, text, "it has a part \"..\"");
            }
            else if (part is not ("" or "."))
            {
                parts.Add(
                    Part.Parse(part)
                        ?? throw PathDiagnostics.InvalidPattern(
                            option,
                            text,
                            "a set in brackets, or a backslash, does not end"
                        )
                );
            }
        }

        return parts.Count > 0
            ? new PathGlob([.. parts])
            : throw PathDiagnostics.InvalidPattern(option, text, "it names nothing");
    }

    /// <summary>Whether the pattern matches this very path, whose parts are separated by single slashes.</summary>
    public bool Matches(ByteString path)
    {
        var names = path.Units.Split('/');
        var (at, part) = (0, 0);
        var (starAt, starPart) = (0, -1);
        while (at < names.Length)
        {
            if (part < _parts.Length && _parts[part] is null)
            {
                starPart = part++;
                starAt = at;
            }
            else if (part < _parts.Length && _parts[part]!.Matches(names[at]))
            {
                part++;
                at++;
            }
            else if (starPart >= 0)
            {
                part = starPart + 1;
                at = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return part == _parts.Length;
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '/')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    /// <summary>The pattern of one part. Names are bytes; valid UTF-8 is matched by code points.</summary>
    private sealed class Part
    {
        private const int Star = -1;
        private const int One = -2;
        private const int Set = -3;

        private readonly List<(int Token, List<(int From, int To)>? Ranges, bool Negated)> _tokens = [];

        public static Part? Parse(string text)
        {
            var part = new Part();
            var characters = Characters(ByteString.FromText(text).Units);
            for (var i = 0; i < characters.Length; i++)
            {
                switch (characters[i])
                {
                    case '*':
                        part._tokens.Add((Star, null, false));
                        break;
                    case '?':
                        part._tokens.Add((One, null, false));
                        break;
                    case '\\' when i + 1 == characters.Length:
                        return null;
                    case '\\':
                        part._tokens.Add((characters[++i], null, false));
                        break;
                    case '[':
                        if (!part.AddSet(characters, ref i))
                        {
                            return null;
                        }

                        break;
                    default:
                        part._tokens.Add((characters[i], null, false));
                        break;
                }
            }

            return part;
        }

        public bool Matches(string units)
        {
            var name = Characters(units);
            var (at, token) = (0, 0);
            var (starAt, starToken) = (0, -1);
            while (at < name.Length)
            {
                if (token < _tokens.Count && _tokens[token].Token == Star)
                {
                    starToken = token++;
                    starAt = at;
                }
                else if (token < _tokens.Count && MatchesOne(_tokens[token], name[at]))
                {
                    token++;
                    at++;
                }
                else if (starToken >= 0)
                {
                    token = starToken + 1;
                    at = ++starAt;
                }
                else
                {
                    return false;
                }
            }

            while (token < _tokens.Count && _tokens[token].Token == Star)
            {
                token++;
            }

            return token == _tokens.Count;
        }

        private static bool MatchesOne(
            (int Token, List<(int From, int To)>? Ranges, bool Negated) token,
            int character
        ) =>
            token.Token switch
            {
                One => true,
                Set => token.Ranges!.Exists(range => range.From <= character && character <= range.To) != token.Negated,
                var literal => literal == character,
            };

        /// <summary>
        /// Adds a set that begins at a bracket. The first character after the bracket (and <c>!</c> or <c>^</c>) may be
        /// a closing bracket.
        /// </summary>
        private bool AddSet(int[] text, ref int at)
        {
            var i = at + 1;
            var negated = i < text.Length && text[i] is '!' or '^';
            i += negated ? 1 : 0;
            var ranges = new List<(int, int)>();
            for (var first = i; i < text.Length; i++)
            {
                if (text[i] == ']' && i > first)
                {
                    _tokens.Add((Set, ranges, negated));
                    at = i;
                    return true;
                }

                var from = text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i];
                var to = from;
                if (i + 2 < text.Length && text[i + 1] == '-' && text[i + 2] != ']')
                {
                    i += 2;
                    to = text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i];
                }

                ranges.Add((from, to));
            }

            return false;
        }

        /// <summary>
        /// The characters of bytes: code points where they are UTF-8; bytes that are not are characters of their own,
        /// beyond Unicode.
        /// </summary>
        private static int[] Characters(string units)
        {
            if (System.Text.Ascii.IsValid(units))
            {
                return [.. units.Select(unit => (int)unit)];
            }

            var bytes = ByteString.FromUnits(units).ToBytes().AsSpan();
            var characters = new List<int>(bytes.Length);
            while (!bytes.IsEmpty)
            {
                var valid =
                    System.Text.Rune.DecodeFromUtf8(bytes, out var rune, out var length)
                    == System.Buffers.OperationStatus.Done;
                characters.Add(valid ? rune.Value : 0x110000 + bytes[0]);
                bytes = bytes[(valid ? length : 1)..];
            }

            return [.. characters];
        }
    }
}
