using System.Buffers;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>
/// The metadata documents of an archive, as bytes. Everything in them is ordered, so the same images give the same
/// bytes.
/// </summary>
internal static class ArchiveDocuments
{
    /// <summary>
    /// index.json: an entry for each name of each image. Its annotations are those that containerd and Docker (the
    /// whole name) and the OCI specification (the tag) use. An image without a name has one entry without annotations.
    /// Ordered by name and digest.
    /// </summary>
    public static ReadOnlyMemory<byte> Index(IReadOnlyList<SaveEntry> entries)
    {
        var descriptors =
            from entry in entries
            from name in entry.Names.Cast<ImageReference?>().DefaultIfEmpty()
            orderby new NameAndDigest(name?.Full ?? "", entry.Target.Digest)
            select entry.Target with
            {
                Annotations = Annotations(name),
            };
        return ImageIndex.Compose(descriptors.ToArray()).Raw;
    }

    /// <summary>manifest.json, with the final newline that Docker writes; null when the archive has no image.</summary>
    public static ReadOnlyMemory<byte>? Manifest(IReadOnlyList<SaveEntry> entries)
    {
        var images = entries.Where(entry => entry.Image is not null).ToArray();
        if (images.Length == 0)
        {
            return null;
        }

        return Write(json =>
        {
            json.BeginArray();
            foreach (var (_, image, _, names) in images)
            {
                json.BeginObject();
                json.Name("Config").String(OciLayout.PathOf(image!.Manifest.Config.Digest));
                json.Name("RepoTags")
                    .Strings(
                        names.Count == 0 ? null : names.Select(name => name.Familiar).Order(StringComparer.Ordinal)
                    );
                json.Name("Layers").Strings(image.Manifest.Layers.Select(layer => OciLayout.PathOf(layer.Digest)));
                WriteLayerSources(json, image);
                json.EndObject();
            }

            json.EndArray();
        });
    }

    /// <summary>
    /// The addresses of foreign layers, by DiffID. Docker writes the fields in this order; 25 and later writes such
    /// entries for all layers, which say nothing that the image does not.
    /// </summary>
    private static void WriteLayerSources(GoJsonWriter json, Image image)
    {
        var foreign = image
            .Layers.Where(layer => layer.Descriptor.IsForeignLayer)
            .DistinctBy(layer => layer.DiffId)
            .OrderBy(layer => layer.DiffId.ToString(), StringComparer.Ordinal)
            .ToArray();
        if (foreign.Length == 0)
        {
            return;
        }

        json.Name("LayerSources").BeginObject();
        foreach (var (descriptor, diffId) in foreign)
        {
            json.Name(diffId.ToString()).BeginObject();
            json.Name("mediaType").String(MediaTypes.DockerForeignLayerOf(descriptor.MediaType));
            json.Name("size").Number(descriptor.Size);
            json.Name("digest").String(descriptor.Digest.Value);
            json.Name("urls").Strings(descriptor.Urls);
            json.EndObject();
        }

        json.EndObject();
    }

    /// <summary>
    /// repositories: names and tags with the top layer, for readers older than manifest.json; null when no image has a
    /// name.
    /// </summary>
    public static ReadOnlyMemory<byte>? Repositories(IReadOnlyList<SaveEntry> entries)
    {
        var tags =
            from entry in entries
            where entry.Image is { Layers.Count: > 0 }
            from name in entry.Names
            where name.Tag is not null
            select (name.FamiliarRepository, name.Tag, Layer: entry.Image!.Layers[^1].DiffId.Digest.Hex);
        var repositories = tags.GroupBy(tag => tag.FamiliarRepository)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToArray();
        if (repositories.Length == 0)
        {
            return null;
        }

        return Write(json =>
        {
            json.BeginObject();
            foreach (var repository in repositories)
            {
                json.Name(repository.Key).BeginObject();
                foreach (var (_, tag, layer) in repository.OrderBy(entry => entry.Tag, StringComparer.Ordinal))
                {
                    json.Name(tag!).String(layer);
                }

                json.EndObject();
            }

            json.EndObject();
        });
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Annotations(ImageReference? name) =>
        name is null ? []
        : name.Tag is null ? [new(OciLayout.ContainerdNameAnnotation, name.Full)]
        : [new(OciLayout.ContainerdNameAnnotation, name.Full), new(OciLayout.RefNameAnnotation, name.Tag)];

    private static ReadOnlyMemory<byte> Write(Action<GoJsonWriter> content)
    {
        var bytes = new ArrayBufferWriter<byte>();
        content(new GoJsonWriter(bytes));
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
