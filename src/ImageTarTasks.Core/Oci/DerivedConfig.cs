using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>The configuration that a new one starts from.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="KeepsLayers">Whether the new image has its layers. Their history is kept, too.</param>
/// <param name="KeepsHistory">Whether its history is kept without its layers, as steps without a layer.</param>
internal sealed record ConfigOrigin(ImageConfig Config, bool KeepsLayers, bool KeepsHistory);

/// <summary>
/// Composes the configuration of a new image, from nothing or from another image. It is valid for OCI and for Docker,
/// and its bytes depend only on its arguments. Unchanged fields keep their bytes, including unknown fields.
/// </summary>
internal static class DerivedConfig
{
    /// <summary>
    /// Fields of the container in which the origin's last step was run; they say nothing about a new image.
    /// </summary>
    private static readonly string[] OldStepFields =
    [
        "container",
        "container_config",
        "docker_version",
        "id",
        "parent",
        "parent_id",
        "throwaway",
        "layer_id",
        "Size",
    ];

    private static readonly string[] Rewritten =
    [
        "created",
        "author",
        "architecture",
        "variant",
        "os",
        "os.version",
        "os.features",
        "config",
        "rootfs",
        "history",
        "comment",
    ];

    /// <summary>
    /// Composes the document. Fields are in the order of the Go types of OCI and Docker; fields that are not set are
    /// left out. <c>comment</c> is a field of Docker that OCI readers ignore.
    /// </summary>
    /// <param name="origin">The configuration to start from, or null.</param>
    /// <param name="settings">The run-time part: that of the origin with changes applied.</param>
    /// <param name="platform">The platform of the image.</param>
    /// <param name="added">The layers on top of the origin's, lowest first.</param>
    /// <param name="steps">
    /// The steps of history that made them. The time, author and comment of the last step are also those of the image.
    /// </param>
    public static ReadOnlyMemory<byte> Compose(
        ConfigOrigin? origin,
        ContainerSettings settings,
        Platform platform,
        IReadOnlyList<DiffId> added,
        params IReadOnlyList<HistoryEntry> steps
    )
    {
        var step = steps[^1];
        using var document = origin is null ? null : JsonDocument.Parse(origin.Config.Raw);
        var old = document?.RootElement;
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        if (step.Created is { } created)
        {
            json.Name("created").String(GoTime.Format(created.ToUniversalTime()));
        }

        WriteText(json, "author", step.Author.Length > 0 ? step.Author : origin?.Config.Author ?? "");
        json.Name("architecture").String(platform.Architecture);
        WriteText(json, "variant", platform.Variant ?? "");
        json.Name("os").String(platform.Os);
        if (platform.Os == origin?.Config.Platform.Os)
        {
            Copy(json, old, "os.version");
            Copy(json, old, "os.features");
        }

        json.Name("config");
        SettingsJson.Write(json, Member(old, "config"), origin?.Config.Settings ?? new ContainerSettings(), settings);
        json.Name("rootfs").BeginObject();
        json.Name("type").String("layers");
        var below = origin is { KeepsLayers: true } ? origin.Config.DiffIds : [];
        json.Name("diff_ids").Strings(below.Concat(added).Select(layer => layer.Digest.Value));
        json.EndObject();
        json.Name("history").BeginArray();
        if (origin is { KeepsLayers: true })
        {
            WriteHistory(json, Member(old, "history"), origin.Config);
        }
        else if (origin is { KeepsHistory: true })
        {
            WriteHistoryWithoutLayers(json, Member(old, "history"));
        }

        foreach (var made in steps)
        {
            WriteStep(json, made);
        }

        json.EndArray();
        WriteText(json, "comment", step.Comment);
        CopyOthers(json, old);
        json.EndObject();
        return bytes.WrittenMemory;
    }

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } found
        && found.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static void Copy(GoJsonWriter json, JsonElement? old, string name)
    {
        if (Member(old, name) is { } value)
        {
            json.Name(name).Raw(JsonMarshal.GetRawUtf8Value(value));
        }
    }

    private static void CopyOthers(GoJsonWriter json, JsonElement? old)
    {
        if (old is not { } members)
        {
            return;
        }

        foreach (var member in members.EnumerateObject())
        {
            if (!Rewritten.Contains(member.Name) && !OldStepFields.Contains(member.Name))
            {
                json.Name(member.Name).Raw(JsonMarshal.GetRawUtf8Value(member.Value));
            }
        }
    }

    /// <summary>
    /// Writes the steps. When there are fewer steps than layers, empty steps are added, so that the new step does not
    /// belong to an old layer.
    /// </summary>
    private static void WriteHistory(GoJsonWriter json, JsonElement? history, ImageConfig origin)
    {
        if (history is { } steps)
        {
            foreach (var step in steps.EnumerateArray())
            {
                json.Raw(JsonMarshal.GetRawUtf8Value(step));
            }
        }

        for (var untold = origin.DiffIds.Count - origin.History.Count(step => !step.EmptyLayer); untold > 0; untold--)
        {
            json.BeginObject();
            json.EndObject();
        }
    }

    private static void WriteHistoryWithoutLayers(GoJsonWriter json, JsonElement? history)
    {
        if (history is not { } steps)
        {
            return;
        }

        foreach (var step in steps.EnumerateArray())
        {
            json.BeginObject();
            foreach (var member in step.EnumerateObject().Where(member => member.Name != "empty_layer"))
            {
                json.Name(member.Name).Raw(JsonMarshal.GetRawUtf8Value(member.Value));
            }

            json.Name("empty_layer").Boolean(true);
            json.EndObject();
        }
    }

    private static void WriteStep(GoJsonWriter json, HistoryEntry step)
    {
        json.BeginObject();
        if (step.Created is { } created)
        {
            json.Name("created").String(GoTime.Format(created.ToUniversalTime()));
        }

        WriteText(json, "created_by", step.CreatedBy);
        WriteText(json, "author", step.Author);
        WriteText(json, "comment", step.Comment);
        if (step.EmptyLayer)
        {
            json.Name("empty_layer").Boolean(true);
        }

        json.EndObject();
    }

    private static void WriteText(GoJsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.Name(name).String(value);
        }
    }
}
