using System.Collections.Frozen;
using System.Globalization;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// The signals STOPSIGNAL knows: Linux's names, with or without SIG, in any case, and every number but 0.
/// </summary>
internal static class StopSignals
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "ABRT",
        "ALRM",
        "BUS",
        "CHLD",
        "CLD",
        "CONT",
        "FPE",
        "HUP",
        "ILL",
        "INT",
        "IO",
        "IOT",
        "KILL",
        "PIPE",
        "POLL",
        "PROF",
        "PWR",
        "QUIT",
        "SEGV",
        "STKFLT",
        "STOP",
        "SYS",
        "TERM",
        "TRAP",
        "TSTP",
        "TTIN",
        "TTOU",
        "URG",
        "USR1",
        "USR2",
        "VTALRM",
        "WINCH",
        "XCPU",
        "XFSZ",
        "RTMIN",
        "RTMAX",
    }
        .Concat(Enumerable.Range(1, 15).Select(n => string.Create(CultureInfo.InvariantCulture, $"RTMIN+{n}")))
        .Concat(Enumerable.Range(1, 14).Select(n => string.Create(CultureInfo.InvariantCulture, $"RTMAX-{n}")))
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether <paramref name="text"/> is a signal.</summary>
    public static bool IsValid(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number != 0;
        }

        var name = text.ToUpperInvariant();
        return Names.Contains(name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name);
    }
}
