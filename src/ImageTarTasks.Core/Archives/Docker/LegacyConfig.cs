using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Docker;

/// <summary>
/// Composes the configuration of an image from the <c>json</c> files of its layers, as Docker does for archives older
/// than 1.10 (moby image/v1). It has the members of the top layer without those that describe only that layer, and
/// <c>rootfs</c> and <c>history</c>. Keys are in ordinal order.
/// </summary>
internal static class LegacyConfig
{
    private static readonly string[] LayerOnlyFields =
    [
        "id",
        "parent",
        "Size",
        "parent_id",
        "layer_id",
        "throwaway",
        "rootfs",
        "history",
    ];

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = Limits.JsonDepth + 1,
    };

    /// <param name="layers">The <c>json</c> files, lowest first; checked objects.</param>
    /// <param name="diffIds">As many DiffIDs.</param>
    public static ReadOnlyMemory<byte> Convert(
        IReadOnlyList<ReadOnlyMemory<byte>> layers,
        IReadOnlyList<DiffId> diffIds
    )
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            using var top = JsonDocument.Parse(layers[^1]);
            var members = top
                .RootElement.EnumerateObject()
                .Where(member => !LayerOnlyFields.Contains(member.Name, StringComparer.Ordinal))
                .ToDictionary(member => member.Name, member => (JsonElement?)member.Value, StringComparer.Ordinal);
            members.Add("history", null);
            members.Add("rootfs", null);

            json.WriteStartObject();
            foreach (var (name, value) in members.OrderBy(member => ByteString.FromText(member.Key)))
            {
                json.WritePropertyName(name);
                if (value is { } kept)
                {
                    kept.WriteTo(json);
                }
                else if (name == "history")
                {
                    WriteHistory(json, layers);
                }
                else
                {
                    WriteRootFs(json, diffIds);
                }
            }

            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    private static void WriteHistory(Utf8JsonWriter json, IReadOnlyList<ReadOnlyMemory<byte>> layers)
    {
        json.WriteStartArray();
        foreach (var bytes in layers)
        {
            using var layer = JsonDocument.Parse(bytes);
            json.WriteStartObject();
            WriteText(json, "created", layer.RootElement, "created");
            WriteText(json, "author", layer.RootElement, "author");
            if (
                layer.RootElement.TryGetProperty("container_config", out var container)
                && container.ValueKind == JsonValueKind.Object
                && container.TryGetProperty("Cmd", out var command)
                && command.ValueKind == JsonValueKind.Array
                && command.GetArrayLength() > 0
            )
            {
                json.WriteString(
                    "created_by",
                    string.Join(' ', command.EnumerateArray().Select(word => word.ToString()))
                );
            }

            WriteText(json, "comment", layer.RootElement, "comment");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string name, JsonElement layer, string key)
    {
        if (
            layer.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String
            && !value.ValueEquals("")
        )
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static void WriteRootFs(Utf8JsonWriter json, IReadOnlyList<DiffId> diffIds)
    {
        json.WriteStartObject();
        json.WriteString("type", "layers");
        json.WriteStartArray("diff_ids");
        foreach (var diffId in diffIds)
        {
            json.WriteStringValue(diffId.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
