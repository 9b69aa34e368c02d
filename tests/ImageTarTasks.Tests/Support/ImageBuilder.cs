using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// Builds an image in memory, by means that are not those under test (System.Formats.Tar, System.Text.Json): its
/// layers, its configuration, its OCI manifest, and all blobs these need.
/// </summary>
internal sealed class ImageBuilder
{
    private readonly List<(byte[] Tar, CompressionKind Compression, Lazy<byte[]> Blob)> _layers = [];
    private readonly JsonObject _config = new()
    {
        ["architecture"] = "amd64",
        ["os"] = "linux",
        ["created"] = "2024-05-06T07:08:09Z",
        ["config"] = new JsonObject { ["Cmd"] = new JsonArray("/bin/sh"), ["Env"] = new JsonArray("PATH=/bin") },
    };

    /// <summary>An image of one layer with <c>etc/hostname</c>.</summary>
    public static ImageBuilder Small() => new ImageBuilder().Layer(("etc/hostname", "small\n"));

    /// <summary>
    /// An image of <paramref name="layers"/> layers with a file each; another <paramref name="seed"/> gives another
    /// image.
    /// </summary>
    public static ImageBuilder Of(int layers, string seed = "")
    {
        var image = new ImageBuilder();
        for (var i = 0; i < layers; i++)
        {
            image.Layer(
                (
                    string.Create(CultureInfo.InvariantCulture, $"layer{i}"),
                    seed + i.ToString(CultureInfo.InvariantCulture)
                )
            );
        }

        return image;
    }

    /// <summary>Adds a layer of files; a name that ends in / is a directory.</summary>
    public ImageBuilder Layer(params (string Name, string Content)[] files) => Layer(TarOf(files));

    /// <summary>Adds a layer.</summary>
    public ImageBuilder Layer(byte[] tar, CompressionKind compression = CompressionKind.None)
    {
        _layers.Add(Stored(tar, compression));
        return this;
    }

    /// <summary>
    /// Stores all layers so far in a compression (gzip and zstd are made here; others come ready-made).
    /// </summary>
    public ImageBuilder Compressed(CompressionKind compression)
    {
        for (var i = 0; i < _layers.Count; i++)
        {
            _layers[i] = Stored(_layers[i].Tar, compression);
        }

        return this;
    }

    /// <summary>Sets the platform.</summary>
    public ImageBuilder For(string os, string architecture, string? variant = null)
    {
        _config["os"] = os;
        _config["architecture"] = architecture;
        if (variant is not null)
        {
            _config["variant"] = variant;
        }

        return this;
    }

    /// <summary>Sets any top-level member of the configuration.</summary>
    public ImageBuilder With(string key, JsonNode? value)
    {
        _config[key] = value;
        return this;
    }

    /// <summary>The plain layers.</summary>
    public IReadOnlyList<byte[]> Tars => _layers.Select(layer => layer.Tar).ToArray();

    /// <summary>The layers as stored.</summary>
    public IReadOnlyList<byte[]> LayerBlobs => _layers.Select(layer => layer.Blob.Value).ToArray();

    /// <summary>The DiffIDs.</summary>
    public IReadOnlyList<DiffId> DiffIds => _layers.Select(layer => new DiffId(Digest.Of(layer.Tar))).ToArray();

    /// <summary>The configuration.</summary>
    public byte[] Config
    {
        get
        {
            var config = _config.DeepClone().AsObject();
            config["rootfs"] ??= new JsonObject
            {
                ["type"] = "layers",
                ["diff_ids"] = new JsonArray(DiffIds.Select(diffId => (JsonNode)diffId.ToString()).ToArray()),
            };
            config["history"] ??= new JsonArray(
                DiffIds
                    .Select(
                        (_, i) =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["created"] = "2024-05-06T07:08:09Z",
                                    ["created_by"] = string.Create(CultureInfo.InvariantCulture, $"step {i}"),
                                }
                    )
                    .ToArray()
            );
            return JsonSerializer.SerializeToUtf8Bytes(config);
        }
    }

    /// <summary>The image ID.</summary>
    public ImageId Id => new(Digest.Of(Config));

    /// <summary>An OCI image manifest.</summary>
    public byte[] Manifest =>
        JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = MediaTypes.OciManifest,
                ["config"] = Describe(MediaTypes.OciConfig, Config),
                ["layers"] = new JsonArray(
                    _layers
                        .Zip(
                            LayerBlobs,
                            (layer, blob) => (JsonNode)Describe(MediaTypes.OciLayerOf(layer.Compression), blob)
                        )
                        .ToArray()
                ),
            }
        );

    /// <summary>The descriptor of <see cref="Manifest"/>, with the image's platform.</summary>
    public JsonObject Descriptor
    {
        get
        {
            var descriptor = Describe(MediaTypes.OciManifest, Manifest);
            var platform = new JsonObject
            {
                ["architecture"] = _config["architecture"]!.DeepClone(),
                ["os"] = _config["os"]!.DeepClone(),
            };
            if (_config["variant"] is { } variant)
            {
                platform["variant"] = variant.DeepClone();
            }

            descriptor["platform"] = platform;
            return descriptor;
        }
    }

    /// <summary>Manifest, configuration and layers.</summary>
    public IEnumerable<byte[]> Blobs => LayerBlobs.Prepend(Config).Prepend(Manifest);

    /// <summary>A descriptor of content.</summary>
    public static JsonObject Describe(string mediaType, byte[] content) =>
        new()
        {
            ["mediaType"] = mediaType,
            ["digest"] = Digest.Of(content).Value,
            ["size"] = content.Length,
        };

    /// <summary>
    /// A tar of files; a name that ends in / is a directory; <c>name -> target</c> is a symbolic link.
    /// </summary>
    public static byte[] TarOf(params (string Name, string Content)[] files) =>
        TarOf(files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content))));

    /// <summary>A tar of members.</summary>
    public static byte[] TarOf(IEnumerable<(string Name, byte[] Content)> members)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in members)
            {
                var link = name.Split(" -> ");
                var type =
                    link.Length > 1 ? TarEntryType.SymbolicLink
                    : name.EndsWith('/') ? TarEntryType.Directory
                    : TarEntryType.RegularFile;
                TarEntry entry =
                    link[0].Length > 100 ? new GnuTarEntry(type, link[0]) : new UstarTarEntry(type, link[0]);
                entry.ModificationTime = DateTimeOffset.UnixEpoch;
                if (link.Length > 1)
                {
                    entry.LinkName = link[1];
                }
                else if (type == TarEntryType.RegularFile)
                {
                    entry.DataStream = new MemoryStream(content);
                }

                tar.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Content compressed.</summary>
    public static byte[] Compress(byte[] content, CompressionKind compression)
    {
        if (compression == CompressionKind.None)
        {
            return content;
        }

        using var bytes = new MemoryStream();
        using (var encoder = StreamCompression.OpenEncoder(bytes, compression, leaveOpen: true))
        {
            encoder.Write(content);
        }

        return bytes.ToArray();
    }

    /// <summary>A layer, compressed when it is first asked for and only then: tests ask often.</summary>
    private static (byte[] Tar, CompressionKind Compression, Lazy<byte[]> Blob) Stored(
        byte[] tar,
        CompressionKind compression
    ) => (tar, compression, new Lazy<byte[]>(() => Compress(tar, compression)));
}
