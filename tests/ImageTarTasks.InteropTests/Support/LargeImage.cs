using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>A docker-archive of the image <c>large:1</c> with one layer of 600 MB of zeros.</summary>
internal static class LargeImage
{
    /// <summary>The size of its layer, unpacked.</summary>
    public const long Unpacked = 600_000_000;

    /// <summary>Writes it, with the layer as gzip, which is small, or plain.</summary>
    public static void Write(string path, bool compressed)
    {
        using var sha256 = SHA256.Create();
        var layerFile = path + ".layer";
        using (var layer = File.Create(layerFile))
        using (var gzip = compressed ? new GZipStream(layer, CompressionLevel.Fastest) : (Stream)layer)
        using (var hashed = new CryptoStream(gzip, sha256, CryptoStreamMode.Write))
        using (var tar = new TarWriter(hashed, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, "zeros")
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = new Zeros(Unpacked),
                }
            );
        }

        var diffId = "sha256:" + Convert.ToHexStringLower(sha256.Hash!);
        using (var file = File.Create(path))
        using (var archive = new TarWriter(file, TarEntryFormat.Ustar))
        using (var content = File.OpenRead(layerFile))
        {
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "layer.tar") { DataStream = content });
            Add(
                archive,
                "config.json",
                $"{{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{diffId}\"]}}}}"
            );
            Add(
                archive,
                "manifest.json",
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"large:1\"],\"Layers\":[\"layer.tar\"]}]"
            );
        }

        File.Delete(layerFile);
    }

    private static void Add(TarWriter archive, string name, string content)
    {
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(content));
        archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = bytes });
    }

    /// <summary>Zeros of a known length.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = value;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - _position);
            Array.Clear(buffer, offset, count);
            _position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            _position =
                offset
                + (
                    origin == SeekOrigin.Begin ? 0
                    : origin == SeekOrigin.Current ? _position
                    : length
                );

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
