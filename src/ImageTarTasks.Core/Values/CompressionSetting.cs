using System.Globalization;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Values;

/// <summary>A compression to write: none, gzip or zstd, and perhaps a level.</summary>
/// <param name="Kind">None, Gzip or Zstd.</param>
/// <param name="Level">gzip: 0 to 9; zstd: 1 to 22; null for the usual one.</param>
public readonly record struct CompressionSetting(CompressionKind Kind, int? Level = null)
{
    /// <summary>
    /// Parses <c>none</c>, <c>gzip</c>, <c>zstd</c>, <c>gzip:LEVEL</c>, <c>zstd:LEVEL</c>, in any case.
    /// </summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="text">The value of the option.</param>
    /// <exception cref="ImageTarException">ITT1040.</exception>
    public static CompressionSetting Parse(string option, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        var (kind, lowest, highest) = name.ToLowerInvariant() switch
        {
            "none" when colon < 0 => (CompressionKind.None, 0, 0),
            "gzip" => (CompressionKind.Gzip, 0, 9),
            "zstd" => (CompressionKind.Zstd, 1, 22),
            _ => throw ValueDiagnostics.InvalidCompression(option, text),
        };
        if (colon < 0)
        {
            return new CompressionSetting(kind);
        }

        return
            int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            && level >= lowest
            && level <= highest
            ? new CompressionSetting(kind, level)
            : throw ValueDiagnostics.InvalidCompression(option, text);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Kind.ToString().ToLowerInvariant()}{(Level is { } level ? $":{level}" : "")}"
        );
}
