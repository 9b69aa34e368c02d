using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Docker;

/// <summary>One image of a manifest.json.</summary>
/// <param name="Config">The member that is its configuration.</param>
/// <param name="RepoTags">Its names as written, each once.</param>
/// <param name="Layers">The members that are its layers, lowest first.</param>
/// <param name="ForeignLayers">The foreign layers among them, which may be absent, by DiffID.</param>
internal sealed record DockerManifestEntry(
    ByteString Config,
    IReadOnlyList<string> RepoTags,
    IReadOnlyList<ByteString> Layers,
    IReadOnlyDictionary<string, Descriptor> ForeignLayers
);

/// <summary>
/// Docker's manifest.json: a list of <c>{"Config", "RepoTags", "Layers"}</c>. Keys are found in any case, as Docker
/// does (Jib writes them in lower case); unknown ones (<c>Parent</c>) say nothing we need. <c>LayerSources</c> is a
/// descriptor for each layer, by its DiffID; only those with addresses are of interest.
/// </summary>
internal static class DockerManifest
{
    public const string FileName = "manifest.json";

    /// <summary>Parses strictly.</summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx.</exception>
    public static IReadOnlyList<DockerManifestEntry> Parse(ReadOnlyMemory<byte> bytes, ContentLocation archive)
    {
        var json = StrictJson.Parse(bytes, FileName, archive.In(FileName));
        if (json.IsObject && json.HasInAnyCase("schemaVersion"))
        {
            throw json.Invalid(
                "it is one image manifest, as in the folders of skopeo's \"dir:\", not the list of "
                    + "images of an archive; copy that folder with skopeo to \"oci:\""
            );
        }

        return json.Items(Limits.ArchiveImages).Select(entry => ParseEntry(entry, archive)).ToArray();
    }

    private static DockerManifestEntry ParseEntry(StrictJson entry, ContentLocation archive)
    {
        StrictJson? Find(string key) =>
            entry
                .Members()
                .Where(member => member.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                .Select(member => (StrictJson?)member.Value)
                .FirstOrDefault();

        entry.Object();
        var config = Find("Config") ?? throw DocumentDiagnostics.FieldMissing(FileName, "Config", archive.In(FileName));
        var layers = Find("Layers") ?? throw DocumentDiagnostics.FieldMissing(FileName, "Layers", archive.In(FileName));
        return new DockerManifestEntry(
            Member(config, "Config", archive),
            Texts(Find("RepoTags")).Select(tag => tag.Text()).Distinct(StringComparer.Ordinal).ToArray(),
            Texts(layers).Select((layer, i) => Member(layer, $"Layers[{i}]", archive)).ToArray(),
            ForeignLayers(Find("LayerSources"))
        );
    }

    private static Dictionary<string, Descriptor> ForeignLayers(StrictJson? sources)
    {
        var foreign = new Dictionary<string, Descriptor>(StringComparer.Ordinal);
        if (sources is not { IsObject: true } layers)
        {
            return foreign;
        }

        foreach (var (diffId, source) in layers.Members())
        {
            if (
                source.IsObject
                && source.Optional("urls") is not null
                && DescriptorJson.Read(source, FileName) is { IsForeignLayer: true } layer
            )
            {
                foreign[diffId] = layer;
            }
        }

        return foreign;
    }

    /// <summary>A list; Go writes null for an empty one.</summary>
    private static IReadOnlyList<StrictJson> Texts(StrictJson? list) =>
        list is not { IsNull: false } items ? [] : items.Items(Limits.IndexChildren);

    private static ByteString Member(StrictJson path, string field, ContentLocation archive) =>
        MemberName.Normalize(path.Text())
        ?? throw ArchiveDiagnostics.MemberPathInvalid($"{FileName}: {field}", path.Text(), archive.In(FileName));
}
