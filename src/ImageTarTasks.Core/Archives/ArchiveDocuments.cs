using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ImageTarTasks.Oci;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>The metadata documents of an archive, as bytes. Everything in them is ordered, so the same images give the same bytes.</summary>
internal static class ArchiveDocuments
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>oci-layout (image-spec image-layout.md).</summary>
    public static ReadOnlyMemory<byte> Layout() => "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray();

    /// <summary>
    /// index.json: an entry for each name of each image, with the annotations containerd and Docker (the whole name) and the OCI
    /// specification (the tag) look for; one without annotations for an image without a name. Ordered by name and digest.
    /// </summary>
    public static ReadOnlyMemory<byte> Index(IReadOnlyList<SaveEntry> entries)
    {
        var descriptors =
            from entry in entries
            from name in entry.Names.Cast<ImageReference?>().DefaultIfEmpty()
            orderby new NameAndDigest(name?.Full ?? "", entry.Target.Digest)
            select entry.Target with { Annotations = Annotations(name) };
        return ImageIndex.Compose(descriptors.ToArray()).Raw;
    }

    /// <summary>manifest.json, with the final newline Docker writes; null when there is no image.</summary>
    public static ReadOnlyMemory<byte>? Manifest(IReadOnlyList<SaveEntry> entries)
    {
        var images = entries.Where(entry => entry.Image is not null).ToArray();
        return images.Length == 0 ? null : Write(json =>
        {
            json.WriteStartArray();
            foreach (var entry in images)
            {
                json.WriteStartObject();
                json.WriteString("Config", PathOf(entry.Image!.Manifest.Config.Digest));
                if (entry.Names.Count == 0)
                {
                    json.WriteNull("RepoTags");
                }
                else
                {
                    WriteTexts(json, "RepoTags", entry.Names.Select(name => name.Familiar).Order(StringComparer.Ordinal));
                }

                WriteTexts(json, "Layers", entry.Image.Manifest.Layers.Select(layer => PathOf(layer.Digest)));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>repositories: names and tags with the top layer, for readers from before manifest.json; null when there is no name.</summary>
    public static ReadOnlyMemory<byte>? Repositories(IReadOnlyList<SaveEntry> entries)
    {
        var tags =
            from entry in entries
            where entry.Image is { Layers.Count: > 0 }
            from name in entry.Names
            where name.Tag is not null
            select (name.FamiliarRepository, name.Tag, Layer: entry.Image!.Layers[^1].DiffId.Digest.Hex);
        var repositories = tags.GroupBy(tag => tag.FamiliarRepository).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        return repositories.Length == 0 ? null : Write(json =>
        {
            json.WriteStartObject();
            foreach (var repository in repositories)
            {
                json.WriteStartObject(repository.Key);
                foreach (var (_, tag, layer) in repository.OrderBy(entry => entry.Tag, StringComparer.Ordinal))
                {
                    json.WriteString(tag!, layer);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    /// <summary>The member a blob stands under.</summary>
    public static string PathOf(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private static IReadOnlyList<KeyValuePair<string, string>> Annotations(ImageReference? name) =>
        name is null ? []
        : name.Tag is null ? [new(LayoutNames.Containerd, name.Full)]
        : [new(LayoutNames.Containerd, name.Full), new(LayoutNames.RefName, name.Tag)];

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> content)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            content(json);
        }

        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }

    /// <summary>The order of index.json.</summary>
    private readonly record struct NameAndDigest(string Name, Digest Digest) : IComparable<NameAndDigest>
    {
        public int CompareTo(NameAndDigest other)
        {
            var byName = string.CompareOrdinal(Name, other.Name);
            return byName != 0 ? byName : Digest.CompareTo(other.Digest);
        }
    }
}
