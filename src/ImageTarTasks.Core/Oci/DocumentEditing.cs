using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// New versions of manifests and indexes: only the descriptors that change are changed, everything else (annotations,
/// subject, operating system versions, fields of later specifications) stays as and where it was. The same change of
/// the same document gives the same bytes.
/// </summary>
internal static class DocumentEditing
{
    /// <summary>Annotations of layers that describe their compressed bytes: eStargz and zstd:chunked.</summary>
    private static readonly string[] CompressedBytesAnnotations =
    [
        "containerd.io/snapshot/stargz/",
        "io.github.containers.zstd-chunked.",
    ];

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// An image manifest with other blobs for its layers. A Docker manifest becomes an OCI manifest, because Docker has
    /// no media type for every compression of a layer.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="layers">
    /// A descriptor for each layer. Of a layer with the same digest only the media type is used.
    /// </param>
    /// <param name="location">For messages.</param>
    public static ImageManifest WithLayers(
        ImageManifest manifest,
        IReadOnlyList<Descriptor> layers,
        ContentLocation location
    )
    {
        var json = Parse(manifest.Raw);
        if (manifest.MediaType != MediaTypes.OciManifest)
        {
            json["mediaType"] = MediaTypes.OciManifest;
            json["config"]!["mediaType"] = MediaTypes.OciConfig;
        }

        var list = json["layers"]!.AsArray();
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = list[i]!.AsObject();
            if (layers[i].Digest == manifest.Layers[i].Digest)
            {
                layer["mediaType"] = layers[i].MediaType;
                continue;
            }

            Retarget(layer, layers[i]);
            if (layer["annotations"] is JsonObject annotations)
            {
                foreach (var key in annotations.Select(pair => pair.Key).Where(DescribesCompressedBytes).ToArray())
                {
                    annotations.Remove(key);
                }
            }
        }

        return ImageManifest.Parse(Write(json), MediaTypes.OciManifest, location);
    }

    /// <summary>
    /// An image index with some of its children, or with replaced children. An attestation stays with its image, even
    /// when the image's digest changed. Docker's list becomes an OCI index when a child became an OCI manifest.
    /// </summary>
    /// <param name="index">The index.</param>
    /// <param name="children">The positions of the children to keep, in order, and their new descriptors.</param>
    /// <param name="location">For messages.</param>
    public static ImageIndex WithManifests(
        ImageIndex index,
        IReadOnlyList<(int Position, Descriptor Now)> children,
        ContentLocation location
    )
    {
        var json = Parse(index.Raw);
        var moved = children
            .Select(child => (Before: index.Manifests[child.Position].Digest, child.Now.Digest))
            .Where(pair => pair.Before != pair.Digest)
            .DistinctBy(pair => pair.Before)
            .ToDictionary(pair => pair.Before.Value, pair => pair.Digest.Value);
        var before = json["manifests"]!.AsArray();
        var kept = new JsonArray();
        foreach (var (position, now) in children)
        {
            var child = before[position]!.DeepClone().AsObject();
            if (now.Digest != index.Manifests[position].Digest)
            {
                Retarget(child, now);
            }

            if (
                child["annotations"] is JsonObject annotations
                && annotations[Descriptor.AttestedDigestKey] is JsonValue attested
                && moved.TryGetValue(attested.GetValue<string>(), out var replaced)
            )
            {
                annotations[Descriptor.AttestedDigestKey] = replaced;
            }

            kept.Add((JsonNode)child);
        }

        json["manifests"] = kept;
        var type = index.MediaType;
        if (
            children.Any(child =>
                child.Now.MediaType is MediaTypes.OciManifest or MediaTypes.OciIndex
                && child.Now.Digest != index.Manifests[child.Position].Digest
            )
        )
        {
            type = MediaTypes.OciIndex;
            if (index.MediaType != type)
            {
                json["mediaType"] = type;
            }
        }

        return ImageIndex.Parse(Write(json), type, location);
    }

    private static void Retarget(JsonObject descriptor, Descriptor now)
    {
        descriptor["mediaType"] = now.MediaType;
        descriptor["digest"] = now.Digest.Value;
        descriptor["size"] = now.Size;

        // Embedded content and its addresses belong to the old bytes.
        descriptor.Remove("data");
        descriptor.Remove("urls");
    }

    private static bool DescribesCompressedBytes(string key) =>
        Array.Exists(CompressedBytesAnnotations, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static JsonObject Parse(ReadOnlyMemory<byte> raw) =>
        JsonNode.Parse(raw.Span, documentOptions: new JsonDocumentOptions { MaxDepth = Limits.JsonDepth })!.AsObject();

    private static byte[] Write(JsonObject json)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Compact))
        {
            json.WriteTo(writer);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
