using System.Buffers;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// A layer's plain tar, read once and forward: contents are taken by their offsets, headers are not parsed again.
/// </summary>
internal sealed class LayerContent(Stream plain, ContentLocation location) : ILayerContents
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private long _position;

    /// <summary>
    /// Opens the content of an entry, with sparse files expanded. Entries must be opened in the order of the layer.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2414: the layer ends before the content does.</exception>
    public Stream Open(TarEntry entry)
    {
        SkipTo(entry.DataOffset, entry);
        return new EntryContent(this, entry);
    }

    /// <summary>Reads the rest of the layer, so that the stream below can check it at its end.</summary>
    public void ReadToEnd(CancellationToken cancellationToken)
    {
        while (plain.Read(_buffer) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        plain.Dispose();
    }

    private void SkipTo(long offset, TarEntry entry)
    {
        while (_position < offset)
        {
            Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, offset - _position)), entry);
        }
    }

    private int Read(Span<byte> target, TarEntry entry)
    {
        var read = plain.Read(target);
        if (read == 0)
        {
            throw FlatteningDiagnostics.LayerShorterThanIndex(location.In(entry.Name).At(_position));
        }

        _position += read;
        return read;
    }

    /// <summary>One entry's content: its runs of data with zeros between them.</summary>
    private sealed class EntryContent(LayerContent layer, TarEntry entry) : ForwardReadStream
    {
        private readonly IReadOnlyList<SparseRun> _runs = entry.Sparse ?? [new SparseRun(0, entry.Size)];
        private int _run;
        private long _at;

        public override long Length => entry.Size;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var left = entry.Size - _at;
            if (left == 0 || buffer.IsEmpty)
            {
                return 0;
            }

            while (_run < _runs.Count && _at >= _runs[_run].Offset + _runs[_run].Length)
            {
                _run++;
            }

            var inData = _run < _runs.Count && _at >= _runs[_run].Offset;
            var until =
                _run == _runs.Count ? entry.Size
                : inData ? _runs[_run].Offset + _runs[_run].Length
                : _runs[_run].Offset;
            var piece = buffer[..(int)Math.Min(buffer.Length, until - _at)];
            if (inData)
            {
                piece = piece[..layer.Read(piece, entry)];
            }
            else
            {
                piece.Clear();
            }

            _at += piece.Length;
            return piece.Length;
        }
    }
}
