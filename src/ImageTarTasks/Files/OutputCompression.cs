using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;

namespace ImageTarTasks.Files;

/// <summary>
/// The compression of an output file: from the option, or from the file's name. The name always matches the content.
/// </summary>
internal static class OutputCompression
{
    private static readonly (string Ending, CompressionKind Kind)[] FileExtensions =
    [
        (".tar", CompressionKind.None),
        (".gz", CompressionKind.Gzip),
        (".tgz", CompressionKind.Gzip),
        (".zst", CompressionKind.Zstd),
        (".zstd", CompressionKind.Zstd),
        (".tzst", CompressionKind.Zstd),
        (".bz2", CompressionKind.Bzip2),
        (".tbz", CompressionKind.Bzip2),
        (".tbz2", CompressionKind.Bzip2),
        (".xz", CompressionKind.Xz),
        (".txz", CompressionKind.Xz),
    ];

    /// <summary>Decides the compression.</summary>
    /// <param name="option">The option's name, for messages.</param>
    /// <param name="text">The value of the option, or nothing.</param>
    /// <param name="path">The file as the user named it, or null for a stream without a name.</param>
    /// <exception cref="ImageTarException">
    /// ITT1040; ITT1041: option and name contradict each other, or the name means a compression that cannot be written.
    /// </exception>
    public static CompressionSetting Resolve(string option, string? text, string? path)
    {
        CompressionSetting? asked = string.IsNullOrEmpty(text) ? null : CompressionSetting.Parse(option, text);
        if (
            path is null
            || Array.FindIndex(
                FileExtensions,
                ending => path.EndsWith(ending.Ending, StringComparison.OrdinalIgnoreCase)
            )
                is not (>= 0 and var found)
        )
        {
            return asked ?? new CompressionSetting(CompressionKind.None);
        }

        var (name, kind) = FileExtensions[found];
        if (kind is CompressionKind.Bzip2 or CompressionKind.Xz)
        {
            throw UsageDiagnostics.CompressionContradictsName(
                path,
                $"{kind.ToString().ToLowerInvariant()} is read, but not written; name the file .tar, "
                    + $".tar.gz or .tar.zst"
            );
        }

        if (asked is { } setting && setting.Kind != kind)
        {
            var promised = kind == CompressionKind.None ? "a plain tar" : kind.ToString().ToLowerInvariant();
            throw UsageDiagnostics.CompressionContradictsName(
                path,
                $"a name ending in {name} promises {promised}, {option} is {setting}; change one of them"
            );
        }

        return asked ?? new CompressionSetting(kind);
    }
}
