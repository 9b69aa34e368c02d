using System.Text.Json;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>One image of a manifest.json.</summary>
/// <param name="Config">The member that is its configuration.</param>
/// <param name="RepoTags">Its names as written, each once.</param>
/// <param name="Layers">The members that are its layers, lowest first.</param>
internal sealed record DockerManifestEntry(ByteString Config, IReadOnlyList<string> RepoTags, IReadOnlyList<ByteString> Layers);

/// <summary>
/// Docker's manifest.json: a list of <c>{"Config", "RepoTags", "Layers"}</c>. Keys are found in any case, as Docker does (Jib writes them
/// in lower case); unknown ones (<c>Parent</c>, <c>LayerSources</c>) say nothing we need.
/// </summary>
internal static class DockerManifest
{
    public const string FileName = "manifest.json";

    /// <summary>Parses strictly.</summary>
    /// <exception cref="ImageTarException">ITT2205, ITT2208, ITT2223.</exception>
    public static IReadOnlyList<DockerManifestEntry> Parse(ReadOnlyMemory<byte> bytes, ContentLocation archive)
    {
        using var json = new ArchiveJson(bytes, FileName, archive);
        if (json.Root.ValueKind == JsonValueKind.Object && json.Root.TryGetProperty("schemaVersion"u8, out _))
        {
            throw json.Malformed("this is an image manifest, as in the dir: folders of skopeo, not the list of images of an archive");
        }

        if (json.Root.ValueKind != JsonValueKind.Array)
        {
            throw json.Malformed($"it is {ArchiveJson.Kind(json.Root)}, not a list of images");
        }

        if (json.Root.GetArrayLength() > Limits.ArchiveImages)
        {
            throw Diagnostics.ArchiveTooComplex("images in manifest.json", Limits.ArchiveImages, archive.In(FileName));
        }

        return json.Root.EnumerateArray().Select((entry, i) => ParseEntry(json, entry, i, archive)).ToArray();
    }

    private static DockerManifestEntry ParseEntry(ArchiveJson json, JsonElement entry, int number, ContentLocation archive)
    {
        ByteString? config = null;
        IReadOnlyList<string> tags = [];
        IReadOnlyList<ByteString>? layers = null;
        foreach (var (key, value) in json.Members(entry, $"image {number}", StringComparer.OrdinalIgnoreCase))
        {
            if (key.Equals("Config", StringComparison.OrdinalIgnoreCase))
            {
                config = Member(json.Text(value, "Config"), "Config", archive);
            }
            else if (key.Equals("RepoTags", StringComparison.OrdinalIgnoreCase))
            {
                tags = json.Texts(value, "RepoTags").Distinct(StringComparer.Ordinal).ToArray();
            }
            else if (key.Equals("Layers", StringComparison.OrdinalIgnoreCase))
            {
                layers = json.Texts(value, "Layers").Select((path, i) => Member(path, $"Layers[{i}]", archive)).ToArray();
            }
        }

        return new DockerManifestEntry(
            config ?? throw json.Malformed($"image {number} has no Config"),
            tags,
            layers ?? throw json.Malformed($"image {number} has no Layers"));
    }

    private static ByteString Member(string path, string field, ContentLocation archive) =>
        MemberName.Normalize(path) ?? throw Diagnostics.MemberPathInvalid($"{FileName}: {field}", path, archive);
}
