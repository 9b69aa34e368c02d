using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// Builds archives of images member by member, right or wrong; ready-made shapes for the common cases.
/// </summary>
internal sealed class ArchiveBuilder
{
    private readonly List<(string Name, byte[] Content)> _members = [];

    /// <summary>The members so far; change them to break the archive.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Members => _members;

    /// <summary>
    /// A docker-archive as Docker up to 24 and skopeo write it: <c>ID.json</c>, a layer a folder, manifest.json last.
    /// </summary>
    public static ArchiveBuilder Docker(params (ImageBuilder Image, string[]? Tags)[] images)
    {
        var archive = new ArchiveBuilder();
        var list = new JsonArray();
        foreach (var (image, tags) in images)
        {
            var layers = new JsonArray();
            foreach (var (tar, blob) in image.Tars.Zip(image.LayerBlobs))
            {
                var name = $"{Digest.Of(tar).Hex}/layer.tar";
                layers.Add(name);
                archive.AddOnce(name, blob);
            }

            archive.AddOnce($"{image.Id.Digest.Hex}.json", image.Config);
            list.Add(
                new JsonObject
                {
                    ["Config"] = $"{image.Id.Digest.Hex}.json",
                    ["RepoTags"] = tags is null ? null : new JsonArray(tags.Select(tag => (JsonNode)tag).ToArray()),
                    ["Layers"] = layers,
                }
            );
        }

        return archive.Add("manifest.json", list);
    }

    /// <summary>An OCI archive: layout file, index.json, blobs. A name goes into containerd's annotation.</summary>
    public static ArchiveBuilder Oci(params (ImageBuilder Image, string? Name)[] images) =>
        Layout(
            images.Select(image => (image.Image.Descriptor, image.Name)),
            images.SelectMany(image => image.Image.Blobs)
        );

    /// <summary>An OCI archive of one image index over several images.</summary>
    public static ArchiveBuilder OciIndex(string? name, params ImageBuilder[] images)
    {
        var index = IndexOf(images.Select(image => image.Descriptor));
        return Layout(
            [(ImageBuilder.Describe(MediaTypes.OciIndex, index), name)],
            images.SelectMany(image => image.Blobs).Prepend(index)
        );
    }

    /// <summary>An OCI archive of any descriptors and blobs.</summary>
    public static ArchiveBuilder Layout(
        IEnumerable<(JsonObject Descriptor, string? Name)> entries,
        IEnumerable<byte[]> blobs
    )
    {
        var named = entries.Select(entry =>
        {
            if (entry.Name is { } name)
            {
                entry.Descriptor["annotations"] = new JsonObject { ["io.containerd.image.name"] = name };
            }

            return entry.Descriptor;
        });
        var archive = new ArchiveBuilder()
            .Add("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
            .Add("index.json", IndexOf(named));
        foreach (var blob in blobs)
        {
            archive.AddBlob(blob);
        }

        return archive;
    }

    /// <summary>What Docker 25 and later write: an OCI layout and a manifest.json over the same blobs.</summary>
    public static ArchiveBuilder Hybrid(ImageBuilder image, params string[] tags)
    {
        var archive = Layout(tags.Select(tag => (image.Descriptor, (string?)$"docker.io/library/{tag}")), image.Blobs);
        return archive.Add(
            "manifest.json",
            new JsonArray(
                new JsonObject
                {
                    ["Config"] = BlobPath(image.Config),
                    ["RepoTags"] = new JsonArray(tags.Select(tag => (JsonNode)tag).ToArray()),
                    ["Layers"] = new JsonArray(image.LayerBlobs.Select(blob => (JsonNode)BlobPath(blob)).ToArray()),
                }
            )
        );
    }

    /// <summary>
    /// An OCI archive with every blob under its sha256 and its sha512. The first name leads by sha256 only, the second to
    /// the same manifest by its sha512, the third to a manifest that names config and layers by their sha512.
    /// </summary>
    public static ArchiveBuilder UnderBothDigests(ImageBuilder image, string first, string second, string third)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciManifest,
                ["config"] = DescribeBySha512(MediaTypes.OciConfig, image.Config),
                ["layers"] = new JsonArray(
                    image.LayerBlobs.Select(blob => (JsonNode)DescribeBySha512(MediaTypes.OciLayer, blob)).ToArray()
                ),
            }
        );
        byte[][] blobs = [.. image.Blobs, manifest];
        var archive = Layout(
            [
                (image.Descriptor, first),
                (DescribeBySha512(MediaTypes.OciManifest, image.Manifest), second),
                (DescribeBySha512(MediaTypes.OciManifest, manifest), third),
            ],
            blobs
        );
        foreach (var blob in blobs)
        {
            archive.Add($"blobs/sha512/{Sha512(blob).Hex}", blob);
        }

        return archive;
    }

    /// <summary>The sha512 of some content.</summary>
    public static Digest Sha512(byte[] content) =>
        Digest.FromHash(System.Security.Cryptography.SHA512.HashData(content));

    /// <summary>A descriptor with a sha512.</summary>
    public static JsonObject DescribeBySha512(string mediaType, byte[] content)
    {
        var descriptor = ImageBuilder.Describe(mediaType, content);
        descriptor["digest"] = Sha512(content).Value;
        return descriptor;
    }

    /// <summary>An image index document.</summary>
    public static byte[] IndexOf(IEnumerable<JsonObject> descriptors) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciIndex,
                ["manifests"] = new JsonArray(
                    descriptors.Select(descriptor => (JsonNode)descriptor.DeepClone()).ToArray()
                ),
            }
        );

    /// <summary>The member of a blob.</summary>
    public static string BlobPath(byte[] content) => $"blobs/sha256/{Digest.Of(content).Hex}";

    public ArchiveBuilder Add(string name, byte[] content)
    {
        _members.Add((name, content));
        return this;
    }

    public ArchiveBuilder Add(string name, string content) => Add(name, Encoding.UTF8.GetBytes(content));

    public ArchiveBuilder Add(string name, JsonNode content) => Add(name, JsonSerializer.SerializeToUtf8Bytes(content));

    /// <summary>Adds a blob under its digest, unless it is there.</summary>
    public ArchiveBuilder AddBlob(byte[] content) => AddOnce(BlobPath(content), content);

    /// <summary>Replaces the content of a member.</summary>
    public ArchiveBuilder Replace(string name, byte[] content)
    {
        _members[IndexOf(name)] = (name, content);
        return this;
    }

    /// <summary>Replaces text in a member.</summary>
    public ArchiveBuilder Edit(string name, string old, string replacement)
    {
        var text = Encoding.UTF8.GetString(_members[IndexOf(name)].Content);
        return text.Contains(old, StringComparison.Ordinal)
            ? Replace(name, Encoding.UTF8.GetBytes(text.Replace(old, replacement, StringComparison.Ordinal)))
            : throw new ArgumentException($"{name} does not contain {old}", nameof(old));
    }

    /// <summary>Removes a member.</summary>
    public ArchiveBuilder Remove(string name)
    {
        _members.RemoveAt(IndexOf(name));
        return this;
    }

    /// <summary>Puts a member first.</summary>
    public ArchiveBuilder MoveFirst(string name)
    {
        var member = _members[IndexOf(name)];
        _members.Remove(member);
        _members.Insert(0, member);
        return this;
    }

    /// <summary>Prefixes all names.</summary>
    public ArchiveBuilder Prefixed(string prefix)
    {
        for (var i = 0; i < _members.Count; i++)
        {
            _members[i] = (prefix + _members[i].Name, _members[i].Content);
        }

        return this;
    }

    /// <summary>The archive.</summary>
    public byte[] ToTar() => ImageBuilder.TarOf(_members);

    /// <summary>The archive, unpacked.</summary>
    public string ToFolder(string folder)
    {
        using var tar = new MemoryStream(ToTar());
        Directory.CreateDirectory(folder);
        TarFile.ExtractToDirectory(tar, folder, overwriteFiles: true);
        return folder;
    }

    private ArchiveBuilder AddOnce(string name, byte[] content) =>
        _members.Exists(member => member.Name == name) ? this : Add(name, content);

    private int IndexOf(string name)
    {
        var index = _members.FindIndex(member => member.Name == name);
        return index >= 0 ? index : throw new ArgumentException($"no member {name}", nameof(name));
    }
}
