using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Paths;

namespace ImageTarTasks.Core.Packing;

/// <summary>
/// A change of permission bits as chmod(1) writes it: octal digits, or clauses such as <c>u+rwX,go=r</c> (POSIX chmod:
/// <c>[ugoa]*[-+=][rwxXst]*</c>, or one of <c>ugo</c> to copy from). <c>D</c> or <c>F</c> before a clause limits it to
/// folders or to everything else, as rsync has it: <c>D755,F644</c>.
/// </summary>
public sealed class ModeChange
{
    private const int All = 0xfff;
    private const int Permissions = 0x1ff;
    private const int AnyExecute = 0x49;

    private readonly List<Func<int, bool, int>> _steps = [];

    private ModeChange() { }

    /// <summary>Parses a change of permission bits.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="text">The change.</param>
    /// <exception cref="ImageTarException">ITT1054.</exception>
    public static ModeChange Parse(string option, string text)
    {
        var change = new ModeChange();
        foreach (var clause in text.Split(','))
        {
            var only =
                clause.StartsWith('D') ? true
                : clause.StartsWith('F') ? false
                : (bool?)null;
            var step =
                Octal(only is null ? clause : clause[1..])
                ?? Symbolic(only is null ? clause : clause[1..])
                ?? throw PackingDiagnostics.InvalidModeChange(option, text);
            change._steps.Add((mode, isFolder) => only is null || only == isFolder ? step(mode, isFolder) : mode);
        }

        return change;
    }

    /// <summary>The bits (0..07777) after the change.</summary>
    public int Apply(int mode, bool isFolder) => _steps.Aggregate(mode, (bits, step) => step(bits, isFolder));

    private static Func<int, bool, int>? Octal(string text)
    {
        if (text.Length is 0 or > 5 || text.Any(c => c is < '0' or > '7'))
        {
            return null;
        }

        var mode = Convert.ToInt32(text, 8);
        return mode <= All ? (_, _) => mode : null;
    }

    private static Func<int, bool, int>? Symbolic(string text)
    {
        var at = 0;
        var who = 0;
        for (; at < text.Length && text[at] is 'u' or 'g' or 'o' or 'a'; at++)
        {
            who |= Mask(text[at]);
        }

        // chmod would omit the bits that the umask forbids. An image must not depend on the umask.
        who = who == 0 ? All : who;
        Func<int, bool, int>? result = null;
        while (at < text.Length)
        {
            var sign = text[at++];
            var end = at;
            while (end < text.Length && text[end] is not ('+' or '-' or '='))
            {
                end++;
            }

            if (sign is not ('+' or '-' or '=') || Bits(text[at..end]) is not { } bits)
            {
                return null;
            }

            at = end;
            var before = result;
            result = (mode, isFolder) =>
            {
                mode = before?.Invoke(mode, isFolder) ?? mode;
                var chosen = bits(mode, isFolder) & who;
                return sign switch
                {
                    '+' => mode | chosen,
                    '-' => mode & ~chosen,
                    _ => (mode & ~who) | chosen,
                };
            };
        }

        return result;
    }

    private static int Mask(char who) =>
        who switch
        {
            'u' => 0x9c0,
            'g' => 0x438,
            'o' => 0x207,
            _ => All,
        };

    private static Func<int, bool, int>? Bits(string letters)
    {
        if (letters is "u" or "g" or "o")
        {
            var shift = letters switch
            {
                "u" => 6,
                "g" => 3,
                _ => 0,
            };
            return (mode, _) => ((mode & Permissions) >> shift & 7) * AnyExecute;
        }

        var bits = 0;
        var executeIfAny = false;
        foreach (var letter in letters)
        {
            switch (letter)
            {
                case 'r':
                    bits |= 0x124;
                    break;
                case 'w':
                    bits |= 0x92;
                    break;
                case 'x':
                    bits |= AnyExecute;
                    break;
                case 'X':
                    executeIfAny = true;
                    break;
                case 's':
                    bits |= 0xc00;
                    break;
                case 't':
                    bits |= 0x200;
                    break;
                default:
                    return null;
            }
        }

        return (mode, isFolder) => bits | (executeIfAny && (isFolder || (mode & AnyExecute) != 0) ? AnyExecute : 0);
    }
}

/// <summary>A change of permission bits for all paths, or for the paths that a pattern matches.</summary>
public sealed record ModeRule(PathGlob? Pattern, ModeChange Change)
{
    /// <summary>Parses <c>[PATTERN:]MODE</c>.</summary>
    /// <exception cref="ImageTarException">ITT1054, ITT1071.</exception>
    public static ModeRule Parse(string option, string text)
    {
        var colon = text.LastIndexOf(':');
        return new ModeRule(
            colon < 0 ? null : PathGlob.Parse(option, text[..colon]),
            ModeChange.Parse(option, text[(colon + 1)..])
        );
    }
}
