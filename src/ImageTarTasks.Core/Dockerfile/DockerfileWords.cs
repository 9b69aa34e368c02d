using System.Text;
using System.Text.Json;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// The forms in which Dockerfile instructions write their arguments: JSON arrays, words, name=value pairs.
/// </summary>
internal static class DockerfileWords
{
    /// <summary>
    /// The strings of a JSON array, or null when <paramref name="rest"/> is not one (then it is plain text).
    /// </summary>
    /// <exception cref="ImageTarException">ITT1210: an array, but not of strings.</exception>
    public static IReadOnlyList<string>? JsonArray(string rest)
    {
        if (!rest.StartsWith('['))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(rest);
            var words = new List<string>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                words.Add(
                    element.ValueKind == JsonValueKind.String
                        ? element.GetString()!
                        : throw DockerfileDiagnostics.ChangeArrayNotStrings()
                );
            }

            return words;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Docker uses the shell form for broken JSON, and for an escape that is not a character.
            return null;
        }
    }

    /// <summary>Splits at runs of blanks; quotes mean nothing.</summary>
    public static IReadOnlyList<string> AtBlanks(string rest) =>
        rest.Split(['\t', '\v', '\f', '\r', ' '], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// The pairs of ENV and LABEL: <c>name=value ...</c>, or when the first word has no <c>=</c> the old form of one
    /// name and the rest of the line. Quotes and escapes stay in; they go when variables are replaced.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1207, ITT1208.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Pairs(string instruction, string rest, char escape)
    {
        var words = Words(rest, escape);
        if (words.Count == 0)
        {
            return [];
        }

        if (!words[0].Contains('='))
        {
            var end = rest.IndexOfAny(['\t', '\v', '\f', '\r', ' ']);
            return end < 0
                ? throw DockerfileDiagnostics.ChangeNeedsTwoArguments(instruction)
                : [new(rest[..end], rest[end..].TrimStart('\t', '\v', '\f', '\r', ' '))];
        }

        var pairs = new List<KeyValuePair<string, string>>(words.Count);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            pairs.Add(
                equals < 0
                    ? throw DockerfileDiagnostics.ChangeNeedsEqualsSign(word)
                    : new(word[..equals], word[(equals + 1)..])
            );
        }

        return pairs;
    }

    /// <summary>Splits at blanks outside quotes; quotes and escapes are kept.</summary>
    private static List<string> Words(string rest, char escape)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < rest.Length; i++)
        {
            var c = rest[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Add();
                continue;
            }

            if (c == escape && quote != '\'')
            {
                // An escape keeps the character after it from ending a quote or the word; one at the very end is
                // dropped.
                if (i + 1 < rest.Length)
                {
                    word.Append(c).Append(rest[++i]);
                }

                continue;
            }

            if (quote == '\0' && c is '\'' or '"')
            {
                quote = quote == '\0' ? c : quote;
            }
            else if (c == quote)
            {
                quote = '\0';
            }

            word.Append(c);
        }

        Add();
        return words;

        void Add()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }
}
