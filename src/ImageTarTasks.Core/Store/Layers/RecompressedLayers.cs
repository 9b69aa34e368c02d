using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Compression.Gzip;
using ImageTarTasks.Core.IO.Compression.Zstd;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>
/// Layers in another compression than they are stored in. A writer needs a blob's digest and size long before its
/// bytes. So a layer is compressed once into the store's private folder and stays there until its layer is deleted; the
/// next save only copies it. The name of such a file consists of the layer's digest, the compression and level, the
/// build of the encoders, and the file's own digest.
/// </summary>
internal sealed class RecompressedLayers(StoreContext store)
{
    /// <summary>
    /// Identifies everything besides content and level that decides an encoder's bytes: this code, the zstd library,
    /// and the zlib of the runtime.
    /// </summary>
    private static readonly string Encoder = Digest
        .Of([
            .. typeof(ParallelEncoder).Module.ModuleVersionId.ToByteArray(),
            .. typeof(ZstdSharp.Compressor).Module.ModuleVersionId.ToByteArray(),
            .. typeof(System.IO.Compression.DeflateStream).Module.ModuleVersionId.ToByteArray(),
        ])
        .ShortHex;

    private StoreLayout Layout => store.Layout;

    /// <summary>A layer's blob in a compression: the one that is kept, or else a new one.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="plainSize">Bytes of its plain tar.</param>
    /// <param name="setting">gzip or zstd.</param>
    /// <param name="encoders">Shared by all that are made; of the setting's kind and level.</param>
    /// <param name="onBytes">Told the number of plain bytes compressed so far.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="ImageTarException">ITT3006; ITT2302, ITT2303, ITT21xx: the layer is damaged.</exception>
    public (Digest Digest, long Size) GetOrCreate(
        Layer layer,
        long plainSize,
        CompressionSetting setting,
        BlockEncoders? encoders,
        Action<long> onBytes,
        CancellationToken cancellationToken
    )
    {
        var level =
            setting.Level
            ?? (setting.Kind == CompressionKind.Gzip ? GzipEncoder.DefaultLevel : ZstdEncoder.DefaultLevel);
        var prefix = string.Create(
            CultureInfo.InvariantCulture,
            $"{layer.Descriptor.Digest.Hex}.{setting.Kind.ToString().ToLowerInvariant()}-{level}.{Encoder}."
        );
        if (Find(prefix) is { } kept)
        {
            return kept;
        }

        using (var session = store.BeginSession())
        {
            var path = session.NextFile();
            var made = Compress(path, layer, plainSize, setting, encoders, onBytes, cancellationToken);
            StoreFiles.Sync(path);
            store.Files.CreateFolder(Layout.Recompressed);
            store.Files.Move(path, Path.Combine(Layout.Recompressed, prefix + made.Digest.Hex));
            return made;
        }
    }

    /// <summary>
    /// Opens a blob that <see cref="GetOrCreate"/> returned, verified. A damaged file is deleted, so that the next save
    /// creates it again.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3020: it is gone; ITT3006; while reading, ITT2302, ITT2303.</exception>
    public Stream Open(Descriptor blob) =>
        StoreFiles.Run(
            "read",
            Layout.Recompressed,
            () =>
            {
                var path =
                    Directory.EnumerateFiles(Layout.Recompressed, "*." + blob.Digest.Hex).FirstOrDefault()
                    ?? throw StoreDiagnostics.BlobMissing(blob.Digest, new ContentLocation(Layout.Recompressed));
                var file = new FileStream(
                    path,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete,
                    bufferSize: 65536,
                    FileOptions.SequentialScan
                );
                return new DeleteOnDamageStream(
                    VerifyingStream.Open(file, blob, new ContentLocation(path)),
                    () => store.Files.Delete(path)
                );
            }
        );

    /// <summary>
    /// Deletes the files whose layer is gone, and those of other builds of the encoders. Under the store's lock.
    /// </summary>
    public void DeleteOrphans()
    {
        if (!Directory.Exists(Layout.Recompressed))
        {
            return;
        }

        foreach (var path in StoreFiles.Run("list", Layout.Recompressed, () => Directory.GetFiles(Layout.Recompressed)))
        {
            var parts = Path.GetFileName(path).Split('.');
            var isNeeded =
                parts.Length == 4
                && parts[2] == Encoder
                && Digest.TryParse((parts[0].Length == 128 ? "sha512:" : "sha256:") + parts[0], out var layer)
                && store.Blobs.SizeOf(layer) is not null;
            if (!isNeeded)
            {
                store.Files.Delete(path);
            }
        }
    }

    private (Digest Digest, long Size)? Find(string prefix)
    {
        if (!Directory.Exists(Layout.Recompressed))
        {
            return null;
        }

        return StoreFiles.Run(
            "list",
            Layout.Recompressed,
            () =>
            {
                foreach (var file in new DirectoryInfo(Layout.Recompressed).EnumerateFiles(prefix + "*"))
                {
                    if (Digest.TryParse("sha256:" + file.Name[prefix.Length..], out var digest) && file.Length > 0)
                    {
                        return (digest, file.Length);
                    }
                }

                return ((Digest, long)?)null;
            }
        );
    }

    private (Digest Digest, long Size) Compress(
        string path,
        Layer layer,
        long plainSize,
        CompressionSetting setting,
        BlockEncoders? encoders,
        Action<long> onBytes,
        CancellationToken cancellationToken
    )
    {
        using var plain = OpenPlain(layer, plainSize);
        using var file = StagingStream.Create(store.Files, path);
        using var hashed = new HashingWriteStream(file);
        using (
            var encoder = StreamCompression.OpenEncoder(hashed, setting.Kind, setting.Level, leaveOpen: true, encoders)
        )
        {
            StreamCopy.Copy(plain, encoder, cancellationToken, onBytes);
        }

        return (hashed.Finish(), hashed.Count);
    }

    /// <summary>A layer's plain tar: by the time its end is read, blob, size and DiffID are verified.</summary>
    public Stream OpenPlain(Layer layer, long plainSize)
    {
        if (layer.Descriptor.Digest == layer.DiffId.Digest)
        {
            // Stored plain: one hash is both.
            return store.Blobs.Open(layer.Descriptor);
        }

        var location = Layout.LocationOf(layer.Descriptor.Digest);
        var plain = StreamCompression.OpenDecoder(
            store.Blobs.Open(layer.Descriptor),
            location,
            maxPlainSize: plainSize
        );
        return VerifyingStream.Open(
            plain,
            new Descriptor(MediaTypes.OciLayer, layer.DiffId.Digest, plainSize),
            location
        );
    }

    /// <summary>Runs an action when the content turns out to be damaged.</summary>
    private sealed class DeleteOnDamageStream(Stream content, Action onDamage) : ForwardReadStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return content.Read(buffer);
            }
            catch (ImageTarException)
            {
                onDamage();
                throw;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
