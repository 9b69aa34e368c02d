using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// An image manifest (image-spec manifest.md, or Docker's schema 2): the raw bytes and a typed view of them.
/// </summary>
public sealed class ImageManifest
{
    private const string Document = "image manifest";

    private ImageManifest(
        ReadOnlyMemory<byte> raw,
        string mediaType,
        Descriptor config,
        IReadOnlyList<Descriptor> layers
    )
    {
        Raw = raw;
        MediaType = mediaType;
        Config = config;
        Layers = layers;
        Descriptor = new Descriptor(mediaType, Digest.Of(raw.Span), raw.Length);
    }

    /// <summary>The bytes its digest is over.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>OCI or Docker.</summary>
    public string MediaType { get; }

    /// <summary>The configuration's descriptor.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers' descriptors, lowest first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>The descriptor of <see cref="Raw"/>.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>
    /// Whether this describes a root filesystem: its configuration has an image's media type and its layers are layers.
    /// </summary>
    public bool IsImage =>
        MediaTypes.IsConfig(Config.MediaType) && Layers.All(layer => MediaTypes.IsLayer(layer.MediaType));

    /// <summary>
    /// Parses strictly: duplicate keys, wrong types, bad digests and sizes, and "manifests" beside "layers" are
    /// refused.
    /// </summary>
    /// <param name="raw">The document.</param>
    /// <param name="mediaType">The media type of its descriptor, or null. It must agree with the document.</param>
    /// <param name="location">For messages.</param>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageManifest Parse(ReadOnlyMemory<byte> raw, string? mediaType, ContentLocation location)
    {
        var json = StrictJson.Parse(raw, Document, location);
        var type = DocumentKind.Check(
            json,
            Document,
            mediaType,
            MediaTypes.IsManifest,
            MediaTypes.OciManifest,
            "manifests"
        );
        return new ImageManifest(raw, type, DescriptorJson.Read(json.Required("config"), Document), ReadLayers(json));
    }

    /// <summary>The layers; Docker's containerd store writes null for none.</summary>
    private static Descriptor[] ReadLayers(StrictJson json)
    {
        var layers = json.Optional("layers") ?? (json.HasInAnyCase("layers") ? null : json.Required("layers"));
        return layers is { } list
            ? [.. list.Items(Limits.Layers).Select(layer => DescriptorJson.Read(layer, Document))]
            : [];
    }

    /// <summary>
    /// Composes an OCI manifest with the bytes that Docker 25 and later writes for the same image:
    /// <c>{"schemaVersion":2,"mediaType":...,"config":{mediaType,digest,size},"layers":[...]}</c>, no space, no
    /// newline.
    /// </summary>
    public static ImageManifest Compose(Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        json.Name("schemaVersion").Number(2);
        json.Name("mediaType").String(MediaTypes.OciManifest);
        json.Name("config");
        DescriptorJson.Write(json, config);
        json.Name("layers").BeginArray();
        foreach (var layer in layers)
        {
            DescriptorJson.Write(json, layer);
        }

        json.EndArray();
        json.EndObject();
        return new ImageManifest(bytes.WrittenMemory, MediaTypes.OciManifest, config, layers);
    }
}
