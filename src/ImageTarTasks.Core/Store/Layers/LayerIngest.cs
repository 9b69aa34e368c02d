using System.Runtime.ExceptionServices;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Layers;

/// <summary>The result of ingesting one blob.</summary>
/// <param name="Digest">The sha256 of its bytes.</param>
/// <param name="Size">The number of its bytes.</param>
/// <param name="Layer">Its summary as a layer, or null.</param>
/// <param name="Fault">The reason this blob is not a layer, or null.</param>
internal readonly record struct IngestResult(Digest Digest, long Size, LayerSummary? Layer, ImageTarException? Fault);

/// <summary>
/// Ingests content in one pass: stores it, hashes it, decompresses it, hashes it again, and indexes it when it is a tar
/// (image-spec layer.md).
/// </summary>
/// <remarks>
/// Large content goes through a pipeline of threads. Plain content: reading and storing, then hashing and indexing.
/// Compressed content: reading, storing and hashing, then decompressing, then hashing and indexing.
/// </remarks>
internal static class LayerIngest
{
    private const int Block = TarHeader.BlockSize;

    /// <summary>
    /// The number of bytes that are read before the kind of content is decided. Whole pages, so that the file is
    /// written in whole pages.
    /// </summary>
    private const int Head = 64 * 1024;

    private const int SmallHead = 4 * 1024;

    /// <summary>
    /// Reads <paramref name="content"/> to its end. Errors of the content as a layer are returned. Errors of the stream
    /// itself are thrown.
    /// </summary>
    /// <param name="content">Any bytes.</param>
    /// <param name="copy">Receives the same bytes; null when they need not be stored.</param>
    /// <param name="index">
    /// Receives the layer index. Its content is undefined when the result has no layer.
    /// </param>
    /// <param name="location">For messages about the content.</param>
    /// <param name="maxPlainSize">
    /// The bound on the plain bytes, including the holes of sparse files; null for <see cref="Limits.ExpansionRatio"/>.
    /// </param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static IngestResult Run(
        Stream content,
        Stream? copy,
        Stream index,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        using var tee = new Tee(content, copy);
        var head = ReadHead(tee);
        using var all = new PrefixedStream(head, tee);
        return StreamCompression.Detect(head) == CompressionKind.None
            ? IngestPlain(all, tee, index, location, maxPlainSize, cancellationToken)
            : IngestCompressed(all, tee, index, location, maxPlainSize, cancellationToken);
    }

    /// <summary>The beginning. Most members of an archive are small, and need no large buffer.</summary>
    private static byte[] ReadHead(Stream content)
    {
        var head = new byte[SmallHead];
        var length = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (length == head.Length)
        {
            Array.Resize(ref head, Head);
            length += content.ReadAtLeast(head.AsSpan(length), Head - length, throwOnEndOfStream: false);
        }

        return length == head.Length ? head : head[..length];
    }

    private static IngestResult IngestPlain(
        Stream all,
        Tee tee,
        Stream index,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        using var ahead = new ReadAheadStream(all, leaveOpen: true);
        using var raw = new HashingReadStream(ahead);
        var (layer, fault) = Scan(raw, raw, tee, index, location, maxPlainSize, cancellationToken);
        if (layer is null)
        {
            raw.Drain(cancellationToken);
        }

        return new IngestResult(raw.Finish(), raw.Count, layer, fault);
    }

    private static IngestResult IngestCompressed(
        Stream all,
        Tee tee,
        Stream index,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        using var raw = new HashingReadStream(all);
        LayerSummary? layer;
        ImageTarException? fault;
        using (var ahead = new ReadAheadStream(raw, leaveOpen: true))
        {
            (layer, fault) = Scan(ahead, null, tee, index, location, maxPlainSize, cancellationToken);
            StreamCopy.Copy(ahead, Stream.Null, cancellationToken);
        }

        return new IngestResult(raw.Finish(), raw.Count, layer, fault);
    }

    /// <summary>
    /// The layer, or the reason the content is not one. A disk that does not take the index is no such reason.
    /// </summary>
    private static (LayerSummary? Layer, ImageTarException? Fault) Scan(
        Stream raw,
        HashingReadStream? hashed,
        Tee tee,
        Stream index,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var layer = Scan(raw, hashed, index, location, maxPlainSize, cancellationToken);
            return (layer, layer is null ? StoreDiagnostics.NotALayer(location) : null);
        }
        catch (ImageTarException) when (tee.Failure is { } failure)
        {
            // The decoder has wrapped an error of the archive around the content, or of the disk.
            failure.Throw();
            throw;
        }
        catch (ImageTarException fault) when (fault.Diagnostic.Code != StoreDiagnostics.StoreIoCode)
        {
            return (null, fault);
        }
    }

    /// <summary>Scans a layer; null when the content does not begin with a tar header.</summary>
    private static LayerSummary? Scan(
        Stream raw,
        HashingReadStream? hashed,
        Stream index,
        ContentLocation location,
        long? maxPlainSize,
        CancellationToken cancellationToken
    )
    {
        using var decoder = StreamCompression.OpenDecoder(raw, location, leaveOpen: true, maxPlainSize);
        var first = new byte[Block];
        var length = decoder.ReadAtLeast(first, Block, throwOnEndOfStream: false);
        if (length > 0 && !TarReader.LooksLikeTar(first.AsSpan(0, length)))
        {
            return null;
        }

        using var plain = new PrefixedStream(first.AsMemory(0, length), decoder);
        using var writer = new LayerIndexWriter(index);
        return LayerScan.Run(plain, decoder.Kind, writer, location, maxPlainSize, hashed, cancellationToken);
    }

    /// <summary>
    /// Copies the bytes that are read. Keeps an error of the source or of the copy, so that it is not reported as an
    /// error of the content.
    /// </summary>
    private sealed class Tee(Stream source, Stream? copy) : ForwardReadStream
    {
        public ExceptionDispatchInfo? Failure { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var read = source.Read(buffer);
                copy?.Write(buffer[..read]);
                return read;
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
                throw;
            }
        }
    }
}
