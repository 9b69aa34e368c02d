using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// The rules of the OCI image specification 1.1 (image-layout.md, image-index.md, manifest.md, config.md, descriptor.md
/// and their JSON schemas) as checks of a layout's files, written from its text and with another JSON reader than the
/// product's. Every violation is a line.
/// </summary>
internal sealed partial class OciRules
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";

    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private readonly IReadOnlySet<string> _mayLack;
    private readonly HashSet<string> _reached = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];

    private OciRules(IReadOnlyDictionary<string, byte[]> files, IReadOnlySet<string> mayLack)
    {
        _files = files;
        _mayLack = mayLack;
    }

    /// <summary>Checks a layout.</summary>
    /// <param name="files">Its files by path.</param>
    /// <param name="mayLack">Digests of blobs that may be elsewhere (image-layout.md allows it).</param>
    public static IReadOnlyList<string> Violations(
        IReadOnlyDictionary<string, byte[]> files,
        IEnumerable<string>? mayLack = null
    )
    {
        var rules = new OciRules(files, (mayLack ?? []).ToHashSet(StringComparer.Ordinal));
        rules.CheckLayout();
        return rules._violations;
    }

    /// <summary>Checks a layout in a tar.</summary>
    public static IReadOnlyList<string> Violations(byte[] tar, IEnumerable<string>? mayLack = null) =>
        Violations(FilesOf(tar), mayLack);

    /// <summary>Checks a layout in a folder.</summary>
    public static IReadOnlyList<string> ViolationsOfFolder(string folder, IEnumerable<string>? mayLack = null) =>
        Violations(
            Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(
                    path => Path.GetRelativePath(folder, path).Replace('\\', '/'),
                    File.ReadAllBytes,
                    StringComparer.Ordinal
                ),
            mayLack
        );

    /// <summary>The files of a tar.</summary>
    public static Dictionary<string, byte[]> FilesOf(byte[] tar)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var stream = new MemoryStream(tar);
        using var reader = new System.Formats.Tar.TarReader(stream);
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.EntryType is System.Formats.Tar.TarEntryType.RegularFile)
            {
                using var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                files.Add(entry.Name, content.ToArray());
            }
        }

        return files;
    }

    private void CheckLayout()
    {
        if (
            Document("oci-layout") is { } layout
            && Text(layout, "imageLayoutVersion", "oci-layout", required: true) is { } version
            && version != "1.0.0"
        )
        {
            Add("oci-layout", "imageLayoutVersion is not 1.0.0");
        }

        if (Document("index.json") is { } index)
        {
            CheckIndex(index, "index.json", null, depth: 0);
        }

        foreach (var (name, content) in _files.Where(file => file.Key.StartsWith("blobs/", StringComparison.Ordinal)))
        {
            if (Blob().Match(name) is not { Success: true } match || Digest.Of(content).Hex != match.Groups[1].Value)
            {
                Add(name, "its name is not the sha256 of its content");
            }

            if (!_reached.Contains(name))
            {
                Add(name, "nothing refers to it");
            }
        }
    }

    private JsonElement? Document(string name)
    {
        if (!_files.TryGetValue(name, out var bytes))
        {
            Add(name, "it is missing");
            return null;
        }

        return Parse(bytes, name);
    }

    private JsonElement? Parse(byte[] bytes, string at)
    {
        try
        {
            using var document = JsonDocument.Parse(
                bytes,
                new JsonDocumentOptions { AllowDuplicateProperties = false }
            );
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.Clone();
            }

            Add(at, "it is no object");
        }
        catch (JsonException e)
        {
            Add(at, e.Message);
        }

        return null;
    }

    private void CheckIndex(JsonElement index, string at, string? type, int depth)
    {
        CheckHead(index, at, type, IndexType);
        if (!index.TryGetProperty("manifests", out var manifests) || manifests.ValueKind != JsonValueKind.Array)
        {
            Add(at, "manifests is no array");
            return;
        }

        if (index.TryGetProperty("layers", out _) || index.TryGetProperty("config", out _))
        {
            Add(at, "it has fields of a manifest");
        }

        foreach (var child in manifests.EnumerateArray())
        {
            if (CheckDescriptor(child, at + " manifests") is not { } content)
            {
                continue;
            }

            var childType = child.GetProperty("mediaType").GetString();
            var place = child.GetProperty("digest").GetString()!;
            if (childType is IndexType or "application/vnd.docker.distribution.manifest.list.v2+json")
            {
                if (depth > 8)
                {
                    Add(place, "it is nested too deeply");
                }
                else if (Parse(content, place) is { } nested)
                {
                    CheckIndex(nested, place, childType, depth + 1);
                }
            }
            else if (
                childType is ManifestType or "application/vnd.docker.distribution.manifest.v2+json"
                && Parse(content, place) is { } manifest
            )
            {
                CheckManifest(manifest, place, childType);
            }
        }
    }

    private void CheckManifest(JsonElement manifest, string at, string type)
    {
        CheckHead(manifest, at, type, ManifestType);
        if (manifest.TryGetProperty("manifests", out _))
        {
            Add(at, "it has fields of an index");
        }

        var config = manifest.TryGetProperty("config", out var descriptor)
            ? CheckDescriptor(descriptor, at + " config")
            : null;
        if (!manifest.TryGetProperty("config", out _))
        {
            Add(at, "config is missing");
        }

        if (!manifest.TryGetProperty("layers", out var layers) || layers.ValueKind != JsonValueKind.Array)
        {
            Add(at, "layers is no array");
            return;
        }

        foreach (var layer in layers.EnumerateArray())
        {
            if (CheckDescriptor(layer, at + " layers") is { } content)
            {
                CheckLayer(layer, content, at);
            }
        }

        if (
            config is not null
            && descriptor.GetProperty("mediaType").GetString() == ConfigType
            && Parse(config, at + " config") is { } image
        )
        {
            var isImage = layers
                .EnumerateArray()
                .All(layer =>
                    layer.GetProperty("mediaType").GetString()!.Contains("image.layer", StringComparison.Ordinal)
                );
            CheckConfig(image, at + " config", isImage ? layers.GetArrayLength() : null);
        }
    }

    private void CheckLayer(JsonElement layer, byte[] content, string at)
    {
        var type = layer.GetProperty("mediaType").GetString()!;
        if (!type.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal))
        {
            return;
        }

        var compression =
            content is [0x1f, 0x8b, ..] ? "+gzip"
            : content is [0x28, 0xb5, 0x2f, 0xfd, ..] ? "+zstd"
            : "";
        var stated = type.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus ? type[plus..] : "";
        if (stated != compression)
        {
            Add(at, $"a layer of type {type} is compressed as \"{compression}\"");
        }
    }

    private void CheckConfig(JsonElement config, string at, int? layers)
    {
        Text(config, "architecture", at, required: true);
        Text(config, "os", at, required: true);
        if (
            Text(config, "created", at, required: false) is { } created
            && !DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, out _)
        )
        {
            Add(at, "created is no RFC 3339 time");
        }

        if (
            !config.TryGetProperty("rootfs", out var rootfs)
            || Text(rootfs, "type", at + " rootfs", required: true) != "layers"
            || !rootfs.TryGetProperty("diff_ids", out var diffIds)
            || diffIds.ValueKind != JsonValueKind.Array
        )
        {
            Add(at, "rootfs is not of type layers with diff_ids");
            return;
        }

        if (
            diffIds.EnumerateArray().Any(diffId => !Sha256().IsMatch(diffId.GetString() ?? ""))
            || (layers is { } count && count != diffIds.GetArrayLength())
        )
        {
            Add(at, "diff_ids are not digests, or not one for each layer");
        }
    }

    private void CheckHead(JsonElement document, string at, string? stated, string ocis)
    {
        if (
            !document.TryGetProperty("schemaVersion", out var version)
            || version.ValueKind != JsonValueKind.Number
            || version.GetRawText() != "2"
        )
        {
            Add(at, "schemaVersion is not 2");
        }

        var own = Text(document, "mediaType", at, required: false);
        if ((own ?? ocis) != (stated ?? ocis))
        {
            Add(at, $"its mediaType is {own}, its descriptor says {stated}");
        }

        CheckAnnotations(document, at);
    }

    /// <summary>The content, when it is there and is what the descriptor says.</summary>
    private byte[]? CheckDescriptor(JsonElement descriptor, string at)
    {
        if (Text(descriptor, "mediaType", at, required: true) is not { } type || !MediaType().IsMatch(type))
        {
            Add(at, "mediaType is not as RFC 6838 has it");
        }

        if (Text(descriptor, "digest", at, required: true) is not { } digest || !Sha256().IsMatch(digest))
        {
            Add(at, "digest is none");
            return null;
        }

        if (!descriptor.TryGetProperty("size", out var size) || !size.TryGetInt64(out var length) || length < 0)
        {
            Add(at, "size is no natural number");
            return null;
        }

        if (descriptor.TryGetProperty("platform", out var platform))
        {
            Text(platform, "architecture", at + " platform", required: true);
            Text(platform, "os", at + " platform", required: true);
        }

        CheckAnnotations(descriptor, at);
        var name = "blobs/" + digest.Replace(':', '/');
        _reached.Add(name);
        if (!_files.TryGetValue(name, out var content))
        {
            if (!_mayLack.Contains(digest))
            {
                Add(at, $"{digest} is not in the layout");
            }

            return null;
        }

        if (content.Length != length)
        {
            Add(at, $"{digest} has {content.Length} bytes, not {length}");
        }

        return content;
    }

    private void CheckAnnotations(JsonElement holder, string at)
    {
        if (
            holder.TryGetProperty("annotations", out var annotations)
            && (
                annotations.ValueKind != JsonValueKind.Object
                || annotations
                    .EnumerateObject()
                    .Any(pair => pair.Name.Length == 0 || pair.Value.ValueKind != JsonValueKind.String)
            )
        )
        {
            Add(at, "annotations are not a map of strings");
        }
    }

    private string? Text(JsonElement holder, string key, string at, bool required)
    {
        if (holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(key, out var value))
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }

            Add(at, key + " is no string");
        }
        else if (required)
        {
            Add(at, key + " is missing");
        }

        return null;
    }

    private void Add(string at, string what) => _violations.Add($"{at}: {what}");

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$")]
    private static partial Regex MediaType();

    [GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex("^blobs/sha256/([0-9a-f]{64})$")]
    private static partial Regex Blob();
}
