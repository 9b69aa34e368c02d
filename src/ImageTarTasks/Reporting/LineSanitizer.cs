using System.Buffers;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Reporting;

/// <summary>The last check before a console or a log: no line can control a terminal or a CI system.</summary>
internal static class LineSanitizer
{
    private static readonly SearchValues<char> SafeCharacters = SearchValues.Create(
        " !\"$%&'()*+,-./0123456789;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\t"
    );

    /// <summary>
    /// <paramref name="line"/> with control characters escaped, tabs kept, and CI commands broken up. Text already safe
    /// is unchanged.
    /// </summary>
    public static string Sanitize(string line) =>
        line.AsSpan().ContainsAnyExcept(SafeCharacters)
            ? UntrustedText.BreakCommands(string.Join('\t', line.Split('\t').Select(UntrustedText.ShowAll)))
            : line;
}
