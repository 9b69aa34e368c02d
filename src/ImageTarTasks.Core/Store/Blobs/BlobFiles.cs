using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Blobs;

/// <summary>
/// Reads blobs. The existence of a file never proves that its content is right: size and digest are verified.
/// </summary>
/// <param name="layout">The paths of the store.</param>
/// <param name="onDamage">Called with the digest of a blob that turned out to be damaged.</param>
/// <remarks>
/// Documents that were read and verified stay in memory, within a bound, so that a verb opens each of them once. They
/// are named by their digests, so they cannot be out of date; only their files can go. Who needs to know that a file is
/// there asks <see cref="Has"/>.
/// </remarks>
internal sealed class BlobFiles(StoreLayout layout, Action<Digest> onDamage)
{
    /// <summary>The number of bytes of documents that are kept in memory.</summary>
    private const long MaxKept = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<(Digest, long), ReadOnlyMemory<byte>> _kept = [];
    private long _keptBytes;

    /// <summary>Whether the blob's file exists and has the right size.</summary>
    public bool Has(Descriptor blob) =>
        new FileInfo(layout.Blob(blob.Digest)) is { Exists: true } file && file.Length == blob.Size;

    /// <summary>The size of a blob's file, or null when it is missing.</summary>
    public long? SizeOf(Digest digest) =>
        new FileInfo(layout.Blob(digest)) is { Exists: true } file ? file.Length : null;

    /// <summary>
    /// Opens a blob. The stream verifies it while it is read, and returns the last bytes only after the digest matched.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3006, ITT3020, ITT3021, ITT3024; while reading ITT2302, ITT2303.
    /// </exception>
    public Stream Open(Descriptor blob) =>
        TryOpen(blob) ?? throw StoreDiagnostics.BlobMissing(blob, layout.LocationOf(blob.Digest));

    /// <summary>Reads a small blob, verified.</summary>
    /// <exception cref="ImageTarException">As <see cref="Open"/>, and ITT2301.</exception>
    public ReadOnlyMemory<byte> Read(Descriptor blob) =>
        TryRead(blob) ?? throw StoreDiagnostics.BlobMissing(blob.Digest, layout.LocationOf(blob.Digest));

    /// <summary>Reads a small blob, verified; null when it is missing.</summary>
    /// <exception cref="ImageTarException">ITT2301, ITT3006, ITT3021; ITT2302, ITT2303.</exception>
    public ReadOnlyMemory<byte>? TryRead(Descriptor blob)
    {
        if (_kept.TryGetValue((blob.Digest, blob.Size), out var kept))
        {
            return kept;
        }

        using var content = TryOpen(blob);
        if (content is null)
        {
            return null;
        }

        if (blob.Size > Limits.JsonBytes)
        {
            throw DocumentDiagnostics.DocumentTooLarge("content " + blob.Digest, layout.LocationOf(blob.Digest));
        }

        ReadOnlyMemory<byte> document = StoreFiles.Run(
            "read",
            layout.Blob(blob.Digest),
            () =>
            {
                using var bytes = new MemoryStream();
                content.CopyTo(bytes);
                return bytes.ToArray();
            }
        );
        if (Interlocked.Add(ref _keptBytes, document.Length) <= MaxKept)
        {
            _kept.TryAdd((blob.Digest, blob.Size), document);
        }

        return document;
    }

    private Stream? TryOpen(Descriptor blob)
    {
        if (_kept.TryGetValue((blob.Digest, blob.Size), out var kept) && MemoryMarshal.TryGetArray(kept, out var bytes))
        {
            return new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        }

        var path = layout.Blob(blob.Digest);
        return StoreFiles.Run(
            "read",
            path,
            () =>
            {
                FileStream file;
                try
                {
                    // A pipe in a blob's place has the length 0, and opening it would block. So no file of length 0 is
                    // opened.
                    if (SizeOf(blob.Digest) is not { } size)
                    {
                        return null;
                    }

                    if (size != blob.Size)
                    {
                        throw StoreDiagnostics.BlobDamaged(
                            blob.Digest,
                            blob.Size,
                            size,
                            layout.LocationOf(blob.Digest)
                        );
                    }

                    if (size == 0)
                    {
                        return VerifyingStream.Open(Stream.Null, blob, layout.LocationOf(blob.Digest));
                    }

                    file = new FileStream(
                        path,
                        FileMode.Open,
                        FileAccess.Read,
                        FileShare.ReadWrite | FileShare.Delete,
                        bufferSize: 0,
                        FileOptions.SequentialScan
                    );
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    return null;
                }

                // A thread of its own reads and hashes the blob while the caller works on the content.
                return new ReadAheadStream(
                    VerifyingStream.Open(file, blob, layout.LocationOf(blob.Digest), () => onDamage(blob.Digest))
                );
            }
        );
    }
}
