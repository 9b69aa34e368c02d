using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Options;

/// <summary>Options that are text on a command line and in a project, as the values the core wants.</summary>
internal static class OptionValues
{
    /// <summary>SOURCE_DATE_EPOCH, which reproducible builds set (reproducible-builds.org).</summary>
    public const string EpochVariable = "SOURCE_DATE_EPOCH";

    /// <summary>
    /// The platform of an option, or null when it is not given. .NET's names work too: <c>linux-x64</c> is
    /// <c>linux/amd64</c>.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1002.</exception>
    public static Platform? ParsePlatform(string? text) =>
        string.IsNullOrEmpty(text) ? null : ParseRuntimeIdentifier(text) ?? Core.Values.Platform.Parse(text);

    /// <summary>
    /// The platform of one of .NET's portable runtime identifiers, or null. The processors have GOARCH's names, as in
    /// images.
    /// </summary>
    private static Platform? ParseRuntimeIdentifier(string text)
    {
        var dash = text.LastIndexOf('-');
        var system = (dash < 0 ? "" : text[..dash]) switch
        {
            "linux" or "linux-musl" => "linux",
            "win" => "windows",
            "osx" => "darwin",
            _ => null,
        };
        var processor = text[(dash + 1)..] switch
        {
            "x64" => "amd64",
            "x86" => "386",
            "loongarch64" => "loong64",
            "arm64" or "arm" or "ppc64le" or "riscv64" or "s390x" => text[(dash + 1)..],
            _ => null,
        };
        return system is null || processor is null ? null
            : processor == "arm" ? new Platform(system, processor, "v7")
            : new Platform(system, processor);
    }

    /// <summary>The names to give: null when no option concerns names, empty for none.</summary>
    /// <exception cref="ImageTarException">
    /// ITT1016: names and none; ITT1001, ITT3014: not a name an image can have.
    /// </exception>
    public static IReadOnlyList<ImageReference>? ParseNames(string[] names, bool noNames) =>
        (names, noNames) switch
        {
            ({ Length: > 0 }, true) => throw UsageDiagnostics.OptionsExclude("Tags", "NoTags"),
            ({ Length: 0 }, false) => null,
            _ => names.Select(ParseName).Distinct().ToArray(),
        };

    /// <summary>A name for an image, with the tag latest when it has none.</summary>
    /// <exception cref="ImageTarException">ITT1001, ITT3014.</exception>
    public static ImageReference ParseName(string text)
    {
        var name = ImageReference.Parse(text);
        ImageStore.CheckName(name);
        return name.OrLatest();
    }

    /// <summary>The bytes of a size option, or null when it is not given.</summary>
    /// <exception cref="ImageTarException">ITT1011.</exception>
    public static long? ParseSize(string option, string? text) =>
        string.IsNullOrEmpty(text) ? null : ByteSize.Parse(option, text).Bytes;

    /// <summary>The platform of an option, else of Docker's <c>DOCKER_DEFAULT_PLATFORM</c>, else null.</summary>
    /// <exception cref="ImageTarException">ITT1002.</exception>
    public static Platform? ParsePlatform(string? text, Func<string, string?> readEnvironment) =>
        ParsePlatform(string.IsNullOrEmpty(text) ? readEnvironment("DOCKER_DEFAULT_PLATFORM") : text);

    /// <summary>
    /// The time to use instead of the present one: the option (seconds since 1970, or a point in time in RFC 3339),
    /// else SOURCE_DATE_EPOCH, else null.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1013: the variable is wrong; ITT1052: the option is.</exception>
    public static DateTimeOffset? ParseTime(string option, string? value, Func<string, string?> readEnvironment) =>
        string.IsNullOrEmpty(value)
            ? readEnvironment(EpochVariable) is { Length: > 0 } epoch
                ? ParseSeconds(epoch) ?? throw UsageDiagnostics.InvalidEpoch(EpochVariable, epoch)
                : null
            : ParseSeconds(value)
                ?? (GoTime.TryParse(value, out var time) ? time : throw UsageDiagnostics.InvalidTime(option, value));

    private static DateTimeOffset? ParseSeconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>
    /// An owner option, <c>UID[:GID]</c>, the group being the user's number when it is not given; null when nothing is.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1073.</exception>
    public static Owner? ParseOwner(string option, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var parts = text.Split(':');
        return parts.Length <= 2 && Number(parts[0], out var uid) && Number(parts[^1], out var gid)
            ? new Owner(uid, gid)
            : throw UsageDiagnostics.InvalidOwner(option, text);

        static bool Number(string part, out uint number) =>
            uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Patterns of paths to include and exclude; null when there are none.</summary>
    /// <exception cref="ImageTarException">ITT1071.</exception>
    public static PathFilter? ParseFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude) =>
        include.Count + exclude.Count == 0
            ? null
            : new PathFilter(
                [.. include.Select(text => PathGlob.Parse("Include", text))],
                [.. exclude.Select(text => PathGlob.Parse("Exclude", text))]
            );

    /// <summary>A sha256, with or without its algorithm in front, or null when it is not given.</summary>
    /// <exception cref="ImageTarException">ITT1069.</exception>
    public static Digest? ParseSha256(string option, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : Digest.TryParse(
            (text.StartsWith("sha256:", StringComparison.Ordinal) ? text : "sha256:" + text).ToLowerInvariant(),
            out var digest
        )
            ? digest
        : throw UsageDiagnostics.InvalidSha256(option, text);
}
