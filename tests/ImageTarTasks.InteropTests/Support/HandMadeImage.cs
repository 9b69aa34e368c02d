using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>A docker-archive of hand-made layers, sound unless a test spoils it.</summary>
internal sealed class HandMadeImage
{
    private readonly List<byte[]> _layers;

    public HandMadeImage(string name, params IReadOnlyList<byte[]> layers)
    {
        _layers = [.. layers];
        Name = name;
        DiffIds = [.. layers.Select(layer => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(layer)))];
    }

    /// <summary>The tag.</summary>
    public string Name { get; }

    /// <summary>What the configuration says of each layer; a test may make it lie.</summary>
    public List<string> DiffIds { get; }

    /// <summary>The member of a layer.</summary>
    public static string LayerMember(int number) => $"layer{number}/layer.tar";

    /// <summary>Writes the archive, without the members in <paramref name="without"/>.</summary>
    public void Write(string file, params IReadOnlyList<string> without)
    {
        var config = JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["architecture"] = "amd64",
                ["os"] = "linux",
                ["created"] = "2020-09-13T12:26:40Z",
                ["config"] = new JsonObject
                {
                    ["Cmd"] = new JsonArray("/bin/sh"),
                    ["Env"] = new JsonArray("PATH=/bin"),
                },
                ["rootfs"] = new JsonObject
                {
                    ["type"] = "layers",
                    ["diff_ids"] = new JsonArray([.. DiffIds.Select(id => JsonValue.Create(id))]),
                },
                ["history"] = new JsonArray([
                    .. DiffIds.Select(
                        (_, number) =>
                            new JsonObject { ["created"] = "2020-09-13T12:26:40Z", ["created_by"] = $"layer {number}" }
                    ),
                ]),
            }
        );
        var configName = Convert.ToHexStringLower(SHA256.HashData(config)) + ".json";
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new JsonArray(
                new JsonObject
                {
                    ["Config"] = configName,
                    ["RepoTags"] = new JsonArray(Name),
                    ["Layers"] = new JsonArray([
                        .. _layers.Select((_, number) => JsonValue.Create(LayerMember(number))),
                    ]),
                }
            )
        );

        using var stream = File.Create(file);
        var writer = new TarWriter(stream);
        Member(writer, configName, config, without);
        for (var number = 0; number < _layers.Count; number++)
        {
            Member(writer, LayerMember(number), _layers[number], without);
        }

        Member(writer, "manifest.json", manifest, without);
        writer.Finish();
    }

    private static void Member(TarWriter writer, string name, byte[] content, IReadOnlyList<string> without)
    {
        if (!without.Contains(name))
        {
            writer.Add(
                new TarEntry
                {
                    Name = ByteString.FromText(name),
                    Kind = TarEntryKind.File,
                    Mode = 0x1a4,
                },
                content
            );
        }
    }
}
