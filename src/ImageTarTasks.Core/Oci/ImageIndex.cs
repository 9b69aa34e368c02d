using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// An image index (image-spec image-index.md, or Docker's manifest list): the raw bytes and a typed view of them.
/// </summary>
internal sealed class ImageIndex
{
    private const string Document = "image index";

    private ImageIndex(ReadOnlyMemory<byte> raw, string mediaType, IReadOnlyList<Descriptor> manifests)
    {
        Raw = raw;
        MediaType = mediaType;
        Manifests = manifests;
        Descriptor = new Descriptor(mediaType, Digest.Of(raw.Span), raw.Length);
    }

    /// <summary>The bytes its digest is over.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>OCI or Docker.</summary>
    public string MediaType { get; }

    /// <summary>The children, in order.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <summary>The descriptor of <see cref="Raw"/>.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Parses strictly (also a layout's index.json, for which <paramref name="mediaType"/> is null).</summary>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageIndex Parse(ReadOnlyMemory<byte> raw, string? mediaType, ContentLocation location)
    {
        var json = StrictJson.Parse(raw, Document, location);
        var type = DocumentKind.Check(
            json,
            Document,
            mediaType,
            MediaTypes.IsIndex,
            MediaTypes.OciIndex,
            "layers",
            "config"
        );
        return new ImageIndex(raw, type, ReadManifests(json));
    }

    /// <summary>
    /// The children; Docker 25.0 writes null for none (an image without a name, which it lists in manifest.json only).
    /// </summary>
    private static Descriptor[] ReadManifests(StrictJson json)
    {
        var manifests =
            json.Optional("manifests") ?? (json.HasInAnyCase("manifests") ? null : json.Required("manifests"));
        return manifests is { } list
            ? [.. list.Items(Limits.IndexChildren).Select(child => DescriptorJson.Read(child, Document))]
            : [];
    }

    /// <summary>Makes an OCI index: compact, descriptors with annotations sorted by key, platform when given.</summary>
    public static ImageIndex Compose(IReadOnlyList<Descriptor> manifests)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        json.Name("schemaVersion").Number(2);
        json.Name("mediaType").String(MediaTypes.OciIndex);
        json.Name("manifests").BeginArray();
        foreach (var manifest in manifests)
        {
            DescriptorJson.Write(json, manifest);
        }

        json.EndArray();
        json.EndObject();
        return new ImageIndex(bytes.WrittenMemory, MediaTypes.OciIndex, manifests);
    }
}
