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

/// <summary>What one pass over content tells.</summary>
/// <param name="Digest">sha256 of its bytes.</param>
/// <param name="Size">Their number.</param>
/// <param name="Layer">What it is as a layer, or null.</param>
/// <param name="Fault">Why it is none, or null.</param>
internal readonly record struct IngestResult(Digest Digest, long Size, LayerSummary? Layer, ImageTarException? Fault);

/// <summary>The one pass in which content enters the store: kept, hashed, decompressed, hashed again, and indexed when it is a tar.</summary>
/// <remarks>
/// Large content goes through a pipeline of threads. Plain: reading and keeping | hashing and indexing. Compressed: reading, keeping
/// and hashing | decompressing | hashing and indexing.
/// </remarks>
internal static class LayerIngest
{
    private const int Block = TarHeader.BlockSize;

    /// <summary>What is looked at before it is known what to do with the rest; whole pages, so that what is kept is written in whole pages.</summary>
    private const int Head = 64 * 1024;

    /// <summary>Reads <paramref name="content"/> to its end. Faults of the content as a layer are told; faults of the stream itself are thrown.</summary>
    /// <param name="content">Any bytes.</param>
    /// <param name="copy">Gets the same bytes; null when they need not be kept.</param>
    /// <param name="index">Gets the layer index; must seek. Its content means nothing when the result has no layer.</param>
    /// <param name="where">For messages about the content.</param>
    /// <param name="maxPlainSize">Bound on the plain bytes, the holes of sparse files among them; null for <see cref="Limits.ExpansionRatio"/>.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    public static IngestResult Run(Stream content, Stream? copy, Stream index, ContentLocation where, long? maxPlainSize, CancellationToken cancellation)
    {
        using var tee = new Tee(content, copy);
        var head = new byte[Head];
        head = head[..tee.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        using var all = new PrefixedStream(head, tee);
        return StreamCompression.Detect(head) == CompressionKind.None
            ? AdmitPlain(all, tee, index, where, maxPlainSize, cancellation)
            : AdmitCompressed(all, tee, index, where, maxPlainSize, cancellation);
    }

    private static IngestResult AdmitPlain(Stream all, Tee tee, Stream index, ContentLocation where, long? maxPlainSize, CancellationToken cancellation)
    {
        using var ahead = new ReadAheadStream(all, leaveOpen: true);
        using var raw = new HashingReadStream(ahead);
        var (layer, fault) = Scan(raw, raw, tee, index, where, maxPlainSize, cancellation);
        if (layer is null)
        {
            raw.Drain(cancellation);
        }

        return new IngestResult(raw.Finish(), raw.Count, layer, fault);
    }

    private static IngestResult AdmitCompressed(Stream all, Tee tee, Stream index, ContentLocation where, long? maxPlainSize, CancellationToken cancellation)
    {
        using var raw = new HashingReadStream(all);
        LayerSummary? layer;
        ImageTarException? fault;
        using (var ahead = new ReadAheadStream(raw, leaveOpen: true))
        {
            (layer, fault) = Scan(ahead, null, tee, index, where, maxPlainSize, cancellation);
            StreamCopy.Copy(ahead, Stream.Null, cancellation);
        }

        return new IngestResult(raw.Finish(), raw.Count, layer, fault);
    }

    /// <summary>The layer, or why it is none.</summary>
    private static (LayerSummary? Layer, ImageTarException? Fault) Scan(
        Stream raw, HashingReadStream? hashed, Tee tee, Stream index, ContentLocation where, long? maxPlainSize, CancellationToken cancellation)
    {
        try
        {
            var layer = Scan(raw, hashed, index, where, maxPlainSize, cancellation);
            return (layer, layer is null ? StoreDiagnostics.NotALayer(where) : null);
        }
        catch (ImageTarException) when (tee.Failure is { } failure)
        {
            // The decoder has wrapped what the archive around the content, or the disk, said.
            failure.Throw();
            throw;
        }
        catch (ImageTarException fault)
        {
            return (null, fault);
        }
    }

    /// <summary>Null when the content does not begin as a tar does.</summary>
    private static LayerSummary? Scan(
        Stream raw, HashingReadStream? hashed, Stream index, ContentLocation where, long? maxPlainSize, CancellationToken cancellation)
    {
        using var decoder = StreamCompression.OpenDecoder(raw, where, leaveOpen: true, maxPlainSize);
        var first = new byte[Block];
        var length = decoder.ReadAtLeast(first, Block, throwOnEndOfStream: false);
        if (length > 0 && !TarReader.LooksLikeTar(first.AsSpan(0, length)))
        {
            return null;
        }

        using var plain = new PrefixedStream(first.AsMemory(0, length), decoder);
        using var writer = new LayerIndexWriter(index);
        return LayerScan.Run(plain, decoder.Kind, writer, where, maxPlainSize, hashed, cancellation);
    }

    /// <summary>Copies what is read, and remembers a failure of either side apart from failures of what the bytes mean.</summary>
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
