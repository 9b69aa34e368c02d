using System.Security.Cryptography;
using System.Text;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Bench;

/// <summary>
/// Images made here, the same every time: file sizes spread as in real layers (many small, few large), contents that
/// compress to about a third, and in each layer above the first a third of the files in place of ones below.
/// </summary>
internal sealed class Inputs(string folder)
{
    private const int PoolSize = 48 * 1024 * 1024;

    private static readonly byte[] Pool = MakePool();

    /// <summary>
    /// A layered image of a size, in three compressions and two ways around; its rootfs as tar, tar.gz and folder.
    /// </summary>
    public void Make(string name, int layers, int entriesPerLayer, long bytesPerLayer, bool all)
    {
        if (File.Exists(Path.Combine(folder, name + ".done")))
        {
            return;
        }

        Console.Error.WriteLine(
            $"making {name}: {layers} layers of {entriesPerLayer} entries, {bytesPerLayer / 1_000_000} MB each"
        );
        var plain = Enumerable
            .Range(0, layers)
            .Select(number => MakeLayer(name, number, entriesPerLayer, bytesPerLayer))
            .ToArray();
        Archive(name, "plain", CompressionKind.None, plain);
        if (all)
        {
            Archive(name, "gz", CompressionKind.Gzip, plain);
            Archive(name, "zst", CompressionKind.Zstd, plain);
            Compress(Path.Combine(folder, name + "-plain.tar"), CompressionKind.Gzip, ".gz");
            var rootfs = Path.Combine(folder, name + "-rootfs.tar");
            File.Copy(plain[0], rootfs, overwrite: true);
            Compress(rootfs, CompressionKind.Gzip, ".gz");
            System.Formats.Tar.TarFile.ExtractToDirectory(
                rootfs,
                Directory.CreateDirectory(Path.Combine(folder, name + "-rootfs")).FullName,
                overwriteFiles: true
            );
        }

        Array.ForEach(plain, File.Delete);
        File.WriteAllText(Path.Combine(folder, name + ".done"), "");
    }

    private string MakeLayer(string name, int number, int entries, long bytes)
    {
        var path = Path.Combine(folder, $"{name}-{number}.layer");
        var random = new Random(1000 + number);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var tar = new TarWriter(file);
        var average = bytes / entries;
        for (var i = 0; i < entries; i++)
        {
            // A third has a name that an earlier layer may have; folders and links are a tenth each.
            var group = number > 0 && random.Next(3) == 0 ? random.Next(number) : number;
            var directory = $"usr/lib/part{group}/module{i / 100}/";
            var entryName = $"{directory}file{i}.so";
            var time = new TarTime(1_700_000_000 + i);
            switch (i % 10)
            {
                case 0:
                    tar.Add(
                        new TarEntry
                        {
                            Name = ByteString.FromText($"{directory}dir{i}/"),
                            Kind = TarEntryKind.Directory,
                            Mode = 0x1ed,
                            ModificationTime = time,
                        }
                    );
                    break;
                case 1:
                    tar.Add(
                        new TarEntry
                        {
                            Name = ByteString.FromText(entryName),
                            Kind = TarEntryKind.SymbolicLink,
                            LinkName = ByteString.FromText($"file{i + 1}.so"),
                            Mode = 0x1ff,
                            ModificationTime = time,
                        }
                    );
                    break;
                default:
                    // Exponential sizes: most are small, a few hold most of the bytes.
                    var size = (int)
                        Math.Min(
                            Pool.Length,
                            average * 1.25 * -Math.Log(1 - random.NextDouble()) * (i % 50 == 7 ? 8 : 0.8)
                        );
                    var at = random.Next(Pool.Length - size + 1);
                    tar.Add(
                        new TarEntry
                        {
                            Name = ByteString.FromText(entryName),
                            Kind = TarEntryKind.File,
                            Mode = 0x1a4,
                            ModificationTime = time,
                        },
                        Pool.AsSpan(at, size)
                    );
                    break;
            }
        }

        tar.Finish();
        return path;
    }

    /// <summary>An archive that docker load, skopeo (docker-archive and oci-archive) and imagetar read.</summary>
    private void Archive(string name, string kind, CompressionKind compression, string[] plain)
    {
        var layers = plain
            .Select(layer => compression == CompressionKind.None ? layer : Compress(layer, compression, "." + kind))
            .ToArray();
        var digests = layers.Select(HashOf).ToArray();
        var suffix = compression switch
        {
            CompressionKind.Gzip => "+gzip",
            CompressionKind.Zstd => "+zstd",
            _ => "",
        };
        var config = Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux","created":"2024-01-01T00:00:00Z","config":{"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":[{{Join(plain.Select(layer => $"\"sha256:{HashOf(layer)}\""))}}] } }"""
        );
        var blobs = layers.Select(
            (layer, i) =>
                $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar{{suffix}}","digest":"sha256:{{digests[i]}}","size":{{new FileInfo(layer).Length}} }"""
        );
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{{HashOf(config)}}","size":{{config.Length}} },"layers":[{{Join(blobs)}}]}"""
        );
        var index =
            $$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{HashOf(manifest)}}","size":{{manifest.Length}},"annotations":{"io.containerd.image.name":"docker.io/bench/{{name}}:{{kind}}","org.opencontainers.image.ref.name":"{{kind}}"} }]}""";
        var docker =
            $$"""[{"Config":"blobs/sha256/{{HashOf(config)}}","RepoTags":["bench/{{name}}:{{kind}}"],"Layers":[{{Join(digests.Select(digest => $"\"blobs/sha256/{digest}\""))}}]}]""";

        using var file = new FileStream(
            Path.Combine(folder, $"{name}-{kind}.tar"),
            FileMode.Create,
            FileAccess.Write,
            FileShare.None,
            1 << 20
        );
        var tar = new TarWriter(file);
        Add("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8);
        Add("index.json", Encoding.UTF8.GetBytes(index));
        Add("manifest.json", Encoding.UTF8.GetBytes(docker));
        Add("blobs/sha256/" + HashOf(config), config);
        Add("blobs/sha256/" + HashOf(manifest), manifest);
        for (var i = 0; i < layers.Length; i++)
        {
            using var layer = File.OpenRead(layers[i]);
            tar.Add(Entry("blobs/sha256/" + digests[i]) with { Size = layer.Length }, layer);
        }

        tar.Finish();
        if (compression != CompressionKind.None)
        {
            Array.ForEach(layers, File.Delete);
        }

        void Add(string member, ReadOnlySpan<byte> content) => tar.Add(Entry(member), content);

        static TarEntry Entry(string member) =>
            new()
            {
                Name = ByteString.FromText(member),
                Kind = TarEntryKind.File,
                Mode = 0x1a4,
            };
    }

    private static string Compress(string path, CompressionKind kind, string extension)
    {
        using var source = File.OpenRead(path);
        using var target = StreamCompression.OpenEncoder(File.Create(path + extension), kind);
        StreamCopy.Copy(source, target, CancellationToken.None);
        return path + extension;
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Join(IEnumerable<string> parts) => string.Join(',', parts);

    /// <summary>
    /// Words, numbers and noise in turn: as text, code and images compress, together to about a third.
    /// </summary>
    private static byte[] MakePool()
    {
        var random = new Random(1);
        var words = Enumerable
            .Range(0, 4000)
            .Select(_ =>
                Enumerable
                    .Range(0, random.Next(2, 12))
                    .Select(_ => (byte)random.Next(97, 123))
                    .Append((byte)32)
                    .ToArray()
            )
            .ToArray();
        var pool = new byte[PoolSize];
        for (var at = 0; at < pool.Length; )
        {
            var stretch = Math.Min(pool.Length - at, random.Next(1000, 60_000));
            var end = at + stretch;
            var isNoise = random.Next(7) == 0;
            while (at < end)
            {
                if (isNoise)
                {
                    random.NextBytes(pool.AsSpan(at, end - at));
                    at = end;
                }
                else
                {
                    var word = words[(int)(4000 * Math.Pow(random.NextDouble(), 3))];
                    var length = Math.Min(word.Length, end - at);
                    word.AsSpan(0, length).CopyTo(pool.AsSpan(at));
                    at += length;
                }
            }
        }

        return pool;
    }
}
