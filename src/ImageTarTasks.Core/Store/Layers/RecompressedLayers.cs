using System.Globalization;
using System.Text;
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
/// version of the encoders, and the file's own digest. Programs of different builds share a store, so a file belongs to
/// everyone whose encoders have its version, and a file of another version may be in use.
/// </summary>
internal sealed class RecompressedLayers(StoreContext store)
{
    /// <summary>
    /// Identifies everything besides content and level that decides an encoder's bytes: this code, the zstd library,
    /// and the zlib of the runtime. The same for all builds that give the same bytes.
    /// </summary>
    private static readonly string Encoder = Digest
        .Of(
            Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{ParallelEncoder.Version} zstd {ZstdLibrary.Version} zlib of {Environment.Version}"
                )
            )
        )
        .ShortHex;

    /// <summary>How long a file of other encoders stays, which another version of this program may still use.</summary>
    private static readonly TimeSpan OtherVersionGracePeriod = TimeSpan.FromDays(7);

    private StoreLayout Layout => store.Layout;

    /// <summary>Finds the blob of a layer in a compression, or creates it. Creating takes the store's lock.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="plainSize">The size of its plain tar in bytes.</param>
    /// <param name="setting">gzip or zstd, and the level.</param>
    /// <param name="encoders">Encoders of the same kind and level, shared by all layers; or null.</param>
    /// <param name="onBytes">Called with the number of plain bytes compressed so far.</param>
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
        var defaultLevel = setting.Kind == CompressionKind.Gzip ? GzipEncoder.DefaultLevel : ZstdEncoder.DefaultLevel;
        var level = setting.Level ?? defaultLevel;
        var kind = setting.Kind.ToString().ToLowerInvariant();
        var prefix = string.Create(
            CultureInfo.InvariantCulture,
            $"{layer.Descriptor.Digest.Hex}.{kind}-{level}.{Encoder}."
        );
        if (Find(prefix) is { } existing)
        {
            return existing;
        }

        using (var session = store.BeginSession())
        {
            var path = session.NextFile();
            var blob = Compress(path, layer, plainSize, setting, encoders, onBytes, cancellationToken);
            StoreFiles.Sync(path);
            store.Files.CreateFolder(Layout.Recompressed);
            store.Files.Move(path, Path.Combine(Layout.Recompressed, prefix + blob.Digest.Hex));
            return blob;
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

    /// <summary>All files, each with the layer it was made from.</summary>
    public IEnumerable<(Digest Layer, FileInfo File)> Files()
    {
        foreach (var file in StoreFiles.List(Layout.Recompressed))
        {
            if (LayerOf(file) is { } layer)
            {
                yield return (layer, file);
            }
        }
    }

    /// <summary>
    /// The files whose layer is gone, and old ones of other encoders. A save pins the layers it reads, and the files of
    /// pinned layers stay, whoever made them.
    /// </summary>
    /// <param name="pinned">What live sessions pin.</param>
    /// <param name="isGone">Whether a layer is gone.</param>
    public IEnumerable<FileInfo> Orphans(IReadOnlySet<Digest> pinned, Func<Digest, bool> isGone) =>
        StoreFiles.List(Layout.Recompressed).Where(file => !Stays(file, pinned, isGone));

    /// <summary>The files that no live session needs; a later save makes them again.</summary>
    public IEnumerable<FileInfo> Unused(IReadOnlySet<Digest> pinned) =>
        Files().Where(entry => !pinned.Contains(entry.Layer)).Select(entry => entry.File);

    private static bool Stays(FileInfo file, IReadOnlySet<Digest> pinned, Func<Digest, bool> isGone)
    {
        // Another version may name its files in another way, but begins with the layer.
        if (LayerOf(file) is not { } layer)
        {
            return IsRecent(file);
        }

        if (pinned.Contains(layer))
        {
            return true;
        }

        var parts = file.Name.Split('.');
        return !isGone(layer) && ((parts.Length == 4 && parts[2] == Encoder) || IsRecent(file));
    }

    private static Digest? LayerOf(FileInfo file) =>
        Digest.TryParseHex(file.Name.Split('.')[0], out var layer) ? layer : null;

    private static bool IsRecent(FileInfo file) => file.LastWriteTimeUtc > DateTime.UtcNow - OtherVersionGracePeriod;

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

    /// <summary>
    /// Opens the plain tar of a layer. By the time its end is read, blob, size and DiffID are verified (image-spec
    /// config.md "Layer DiffID").
    /// </summary>
    public Stream OpenPlain(Layer layer, long plainSize)
    {
        if (layer.Descriptor.Digest == layer.DiffId.Digest)
        {
            // The layer is stored plain, so the digest and the DiffID are the same.
            return store.Blobs.Open(layer.Descriptor);
        }

        var location = Layout.LocationOf(layer.Descriptor.Digest);
        var stored = store.Blobs.Open(layer.Descriptor);
        var plain = StreamCompression.OpenDecoder(stored, location, maxPlainSize: plainSize);
        var expected = new Descriptor(MediaTypes.OciLayer, layer.DiffId.Digest, plainSize);
        return VerifyingStream.Open(plain, expected, location);
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
