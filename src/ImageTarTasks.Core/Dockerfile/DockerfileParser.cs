using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// One instruction of a Dockerfile, split into its word, its flags and the rest, which each instruction parses itself.
/// </summary>
/// <param name="Word">The instruction as typed.</param>
/// <param name="Flags">The <c>--name=value</c> words before the arguments, without quotes and escapes.</param>
/// <param name="Rest">The arguments, trimmed.</param>
/// <param name="Original">The whole line, with its continuation lines joined.</param>
/// <param name="Line">The number of its first line, from 0.</param>
internal sealed record DockerfileInstruction(
    string Word,
    IReadOnlyList<string> Flags,
    string Rest,
    string Original,
    int Line
)
{
    /// <summary>The instruction's name in upper case: instructions ignore case.</summary>
    public string Name => Word.ToUpperInvariant();
}

/// <summary>The instructions of a Dockerfile and the escape character its directives chose.</summary>
internal sealed record ParsedDockerfile(IReadOnlyList<DockerfileInstruction> Instructions, char Escape);

/// <summary>
/// Splits a Dockerfile into instructions as BuildKit's parser does (moby/buildkit frontend/dockerfile/parser):
/// directives, comments, continuation lines, flags. The arguments of an instruction are parsed elsewhere.
/// </summary>
internal static partial class DockerfileParser
{
    private static readonly char[] Blanks = ['\t', '\v', '\f', '\r', ' '];

    /// <summary>Parses <paramref name="text"/>.</summary>
    /// <exception cref="ImageTarException">ITT1201, ITT1203, ITT1204.</exception>
    public static ParsedDockerfile Parse(string text)
    {
        var lines = text.TrimStart('\ufeff').Split('\n');
        var escape = ReadDirectives(lines);
        var instructions = new List<DockerfileInstruction>();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = DropCarriageReturn(lines[i]).TrimStart();
            if (line.StartsWith('#'))
            {
                continue;
            }

            var first = i;
            var whole = new StringBuilder();
            var continues = TakeContinuation(ref line, escape);
            whole.Append(line);
            while (continues && ++i < lines.Length)
            {
                var next = DropCarriageReturn(lines[i]);
                if (next.TrimStart() is "" or ['#', ..])
                {
                    continue;
                }

                continues = TakeContinuation(ref next, escape);
                whole.Append(next);
            }

            var logical = whole.ToString();
            if (logical.Trim().Length > 0)
            {
                instructions.Add(Split(logical, first));
            }
        }

        return instructions.Count == 0
            ? throw DockerfileDiagnostics.ChangesWithoutInstructions()
            : new ParsedDockerfile(instructions, escape);
    }

    /// <summary>Splits one line into word, flags and rest. ONBUILD uses it for its argument.</summary>
    public static DockerfileInstruction Split(string line, int number)
    {
        var trimmed = line.Trim();
        var end = trimmed.IndexOfAny(Blanks);
        if (end < 0)
        {
            return new DockerfileInstruction(trimmed, [], "", line, number);
        }

        var flags = new List<string>();
        var rest = TakeFlags(trimmed[end..].TrimStart(Blanks), flags);
        return new DockerfileInstruction(trimmed[..end], flags, rest.Trim(), line, number);
    }

    /// <summary>
    /// Reads the directives: comments of the form <c># name=value</c> at the start of the file. The first other line
    /// ends them.
    /// </summary>
    private static char ReadDirectives(string[] lines)
    {
        var escape = '\\';
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var match = Directive().Match(DropCarriageReturn(line).TrimStart());
            var name = match.Groups[1].Value.ToLowerInvariant();
            if (!match.Success || name is not ("escape" or "syntax" or "check"))
            {
                break;
            }

            if (!seen.Add(name))
            {
                throw DockerfileDiagnostics.RepeatedParserDirective(name);
            }

            if (name == "escape")
            {
                var token = match.Groups[2].Value;
                escape = token is "`" or "\\" ? token[0] : throw DockerfileDiagnostics.InvalidEscapeToken(token);
            }
        }

        return escape;
    }

    [GeneratedRegex(@"\A#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    private static string DropCarriageReturn(string line) => line.EndsWith('\r') ? line[..^1] : line;

    /// <summary>
    /// Removes an escape character at the end of a line, unless it is escaped itself. Blanks may follow it.
    /// </summary>
    private static bool TakeContinuation(ref string line, char escape)
    {
        var end = line.AsSpan().TrimEnd(" \t").Length;
        if (end == 0 || line[end - 1] != escape || (end > 1 && line[end - 2] == escape))
        {
            return false;
        }

        line = line[..(end - 1)];
        return true;
    }

    /// <summary>Takes the words that begin with <c>--</c> and returns the rest. A lone <c>--</c> ends them.</summary>
    private static string TakeFlags(string line, List<string> flags)
    {
        var at = 0;
        while (true)
        {
            while (at < line.Length && char.IsWhiteSpace(line[at]))
            {
                at++;
            }

            if (!line.AsSpan(at).StartsWith("--"))
            {
                return line[at..];
            }

            var word = TakeFlag(line, ref at);
            if (word == "--")
            {
                return line[at..];
            }

            flags.Add(word);
        }
    }

    private static string TakeFlag(string line, ref int at)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (; at < line.Length; at++)
        {
            var c = line[at];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                break;
            }

            if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (c == '\\')
            {
                if (++at < line.Length)
                {
                    word.Append(line[at]);
                }
            }
            else
            {
                word.Append(c);
            }
        }

        return word.ToString();
    }
}
