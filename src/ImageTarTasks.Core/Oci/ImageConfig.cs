using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>One step of an image's history (image-spec config.md "history").</summary>
/// <param name="Created">When, or null.</param>
/// <param name="CreatedBy">The instruction.</param>
/// <param name="Author">Who.</param>
/// <param name="Comment">A remark.</param>
/// <param name="EmptyLayer">Whether the step made no layer.</param>
public sealed record HistoryEntry(
    DateTimeOffset? Created,
    string CreatedBy,
    string Author,
    string Comment,
    bool EmptyLayer
);

/// <summary>
/// An image configuration (image-spec config.md, Docker's image JSON): the raw bytes and a typed view of them.
/// </summary>
public sealed class ImageConfig
{
    private const string Document = "image configuration";

    /// <summary>The maximum number of history steps, far above what builders write.</summary>
    private const int MaxHistory = 100_000;

    private ImageConfig(ReadOnlyMemory<byte> raw, StrictJson json)
    {
        Raw = raw;
        Id = new ImageId(Digest.Of(raw.Span));
        var os = Text(json, "os");
        Platform = new Platform(os.Length == 0 ? "linux" : os, Text(json, "architecture"), Text(json, "variant"));
        CreatedText = Text(json, "created");
        Created = Time(json);
        Author = Text(json, "author");
        Comment = Text(json, "comment");
        DockerVersion = Text(json, "docker_version");
        DiffIds = ReadDiffIds(json);
        History = ReadHistory(json);
        Settings = ContainerSettings.Read(json.Optional("config"));
    }

    /// <summary>The bytes the image ID is over.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The image ID.</summary>
    public ImageId Id { get; }

    /// <summary>The platform. An empty os is linux, as in Docker; a missing architecture stays empty.</summary>
    public Platform Platform { get; }

    /// <summary>When it was made, or null.</summary>
    public DateTimeOffset? Created { get; }

    /// <summary><c>created</c> as it is written, or empty.</summary>
    public string CreatedText { get; }

    /// <summary>The author, or empty.</summary>
    public string Author { get; }

    /// <summary>Docker's comment, or empty.</summary>
    public string Comment { get; }

    /// <summary>Docker's version, or empty.</summary>
    public string DockerVersion { get; }

    /// <summary>The layers' DiffIDs, lowest first.</summary>
    public IReadOnlyList<DiffId> DiffIds { get; }

    /// <summary>The history, oldest step first. It may be shorter than the layers.</summary>
    public IReadOnlyList<HistoryEntry> History { get; }

    /// <summary>The run-time part.</summary>
    public ContainerSettings Settings { get; }

    /// <summary>
    /// Parses strictly: JSON object, rootfs of type layers, DiffIDs that are digests, history no longer than the
    /// layers.
    /// </summary>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> raw, ContentLocation location) =>
        new(raw, StrictJson.Parse(raw, Document, location).Object());

    private static string Text(StrictJson json, string key) => json.Optional(key)?.Text() ?? "";

    private static DateTimeOffset? Time(StrictJson json) =>
        json.Optional("created") is not { } created ? null
        : GoTime.TryParse(created.Text(), out var time) ? time
        : throw created.Invalid("it is not a time as RFC 3339 writes it");

    private static DiffId[] ReadDiffIds(StrictJson json)
    {
        var rootfs = json.Required("rootfs").Object();
        var type = rootfs.Required("type");
        if (type.Text() != "layers")
        {
            throw type.Invalid("only \"layers\" is known");
        }

        // Docker omits the list of an image without layers.
        return rootfs.Optional("diff_ids") is { } list
            ? [.. list.Items(Limits.Layers).Select(item => new DiffId(item.Digest()))]
            : [];
    }

    private HistoryEntry[] ReadHistory(StrictJson json)
    {
        if (json.Optional("history") is not { } list)
        {
            return [];
        }

        var history = new List<HistoryEntry>();
        foreach (var item in list.Items(MaxHistory))
        {
            item.Object();
            history.Add(
                new HistoryEntry(
                    Time(item),
                    Text(item, "created_by"),
                    Text(item, "author"),
                    Text(item, "comment"),
                    item.Optional("empty_layer")?.Flag() ?? false
                )
            );
        }

        var steps = history.Count(entry => !entry.EmptyLayer);
        return steps <= DiffIds.Count
            ? [.. history]
            : throw DocumentDiagnostics.HistoryTooLong(steps, DiffIds.Count, json.Location);
    }
}
