using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Values;

/// <summary>
/// A name for an image: <c>[domain/]path[:tag][@digest]</c>, with the grammar and the normalisation of the distribution
/// project's <c>reference</c> package, which Docker uses: a bare name belongs to <c>docker.io</c>, and there to
/// <c>library/</c>.
/// </summary>
public sealed partial record ImageReference : IComparable<ImageReference>
{
    private const string DefaultDomain = "docker.io";
    private const int MaxName = 255;

    /// <summary>
    /// The maximum length of a reference. It is far above that of a name, a tag and a digest together.
    /// </summary>
    private const int MaxText = 2048;

    private ImageReference(string domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        Path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry's host, with its port when it has one; <c>docker.io</c> for bare names.</summary>
    public string Domain { get; }

    /// <summary>The repository's path on that host.</summary>
    public string Path { get; }

    /// <summary>The tag, or null.</summary>
    public string? Tag { get; }

    /// <summary>The digest, or null.</summary>
    public Digest? Digest { get; }

    /// <summary><c>docker.io/library/ubuntu</c>.</summary>
    public string Repository => $"{Domain}/{Path}";

    /// <summary><c>ubuntu</c>: the repository as people write it.</summary>
    public string FamiliarRepository =>
        Domain != DefaultDomain ? Repository
        : Path.StartsWith("library/", StringComparison.Ordinal) && Path.IndexOf('/', 8) < 0 ? Path[8..]
        : Path;

    /// <summary><c>docker.io/library/ubuntu:22.04</c>.</summary>
    public string Full => Repository + Suffix;

    /// <summary><c>ubuntu:22.04</c>: as people write it and Docker prints it.</summary>
    public string Familiar => FamiliarRepository + Suffix;

    /// <summary>
    /// Whether no image can have this name, because <c>sha256:TEXT</c> would be read as a digest (moby
    /// reference/store.go).
    /// </summary>
    public bool IsDigestAlgorithm => FamiliarRepository == "sha256";

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is { } digest ? "@" + digest : "");

    /// <summary>Parses a reference in either form.</summary>
    /// <exception cref="ImageTarException">ITT1001, with Docker's words.</exception>
    public static ImageReference Parse(string text, ContentLocation? location = null) =>
        TryParse(text, out var reference, out var reason)
            ? reference
            : throw ValueDiagnostics.InvalidReference(text, reason, location);

    /// <summary>
    /// Parses a reference in either form. <paramref name="reason"/> is the reason for a failure, in Docker's words.
    /// </summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out ImageReference? reference,
        [NotNullWhen(false)] out string? reason
    )
    {
        reference = null;
        reason = text.Length <= MaxText ? null : "invalid reference format";
        if (reason is not null)
        {
            return false;
        }

        if (text.Length == 64 && Values.Digest.IsLowerHex(text))
        {
            reason = $"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings";
            return false;
        }

        var rest = text;
        Digest? digest = null;
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Values.Digest.TryParse(rest[(at + 1)..], out var parsed))
            {
                reason = "invalid reference format";
                return false;
            }

            digest = parsed;
            rest = rest[..at];
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var domain = DefaultDomain;
        if (
            slash > 0
            && (
                rest.AsSpan(0, slash).ContainsAny('.', ':')
                || rest[..slash] == "localhost"
                || !string.Equals(rest[..slash], rest[..slash].ToLowerInvariant(), StringComparison.Ordinal)
            )
        )
        {
            domain = rest[..slash];
            rest = rest[(slash + 1)..];
            if (!DomainGrammar().IsMatch(domain))
            {
                reason = "invalid reference format";
                return false;
            }

            if (domain == "index.docker.io")
            {
                domain = DefaultDomain;
            }
        }

        string? tag = null;
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!TagGrammar().IsMatch(tag))
            {
                reason = "invalid reference format";
                return false;
            }
        }

        var path =
            domain == DefaultDomain && rest.Length > 0 && !rest.Contains('/', StringComparison.Ordinal)
                ? "library/" + rest
                : rest;
        if (!PathGrammar().IsMatch(path))
        {
            reason = PathGrammar().IsMatch(path.ToLowerInvariant())
                ? $"invalid reference format: repository name ({path}) must be lowercase"
                : "invalid reference format";
            return false;
        }

        if (path.Length > MaxName)
        {
            reason = $"repository name must not be more than {MaxName} characters";
            return false;
        }

        reference = new ImageReference(domain, path, tag, digest);
        return true;
    }

    /// <summary>This reference with the tag <c>latest</c> when it has neither tag nor digest.</summary>
    public ImageReference OrLatest() =>
        Tag is null && Digest is null ? new ImageReference(Domain, Path, "latest", null) : this;

    /// <summary>The same repository with another tag.</summary>
    /// <exception cref="ImageTarException">ITT1001: not a tag.</exception>
    public ImageReference WithTag(string tag) =>
        TagGrammar().IsMatch(tag)
            ? new ImageReference(Domain, Path, tag, null)
            : throw ValueDiagnostics.InvalidReference(tag, "invalid tag format");

    /// <summary>Ordinal order of the full form.</summary>
    public int CompareTo(ImageReference? other) => string.CompareOrdinal(Full, other?.Full);

    /// <summary>The familiar form.</summary>
    public override string ToString() => Familiar;

    // Compiled at build time: making an engine that cannot backtrack would take a third of the time `imagetar tag`
    // does. These backtrack within one component at most, of a text whose length is bounded.
    [GeneratedRegex(
        @"\A(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
            + @"|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex DomainGrammar();

    [GeneratedRegex(
        @"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex PathGrammar();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagGrammar();
}
