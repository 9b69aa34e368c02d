using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The content of one entry, with the holes of a sparse file filled with zeros. It ends with the entry, and it throws
/// when it is read after the reader has moved on.
/// </summary>
internal sealed class TarContent(TarSource source, TarEntry entry, ContentLocation location) : ForwardReadStream
{
    private TarSource? _source = source;
    private long _position;
    private int _run;

    /// <summary>
    /// The same content as a stream that stays when the reader moves on; null when it cannot be had so.
    /// </summary>
    public Stream? OpenIndependently() =>
        entry.Sparse is null
            ? _source?.OpenRegion(
                entry.DataOffset,
                entry.Size,
                position => TarDiagnostics.TarTruncated("the content of an entry", location.At(position))
            )
            : null;

    /// <summary>The reader moves on.</summary>
    public void Detach() => _source = null;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var source = _source ?? throw new InvalidOperationException("the tar reader has moved on to another entry");
        var left = Math.Min(buffer.Length, entry.Size - _position);
        if (left == 0)
        {
            return 0;
        }

        if (entry.Sparse is { } runs)
        {
            while (_run < runs.Count && runs[_run].Offset + runs[_run].Length <= _position)
            {
                _run++;
            }

            var next = _run < runs.Count ? runs[_run].Offset : entry.Size;
            if (_position < next)
            {
                var hole = (int)Math.Min(left, next - _position);
                buffer[..hole].Clear();
                _position += hole;
                return hole;
            }

            left = Math.Min(left, runs[_run].Offset + runs[_run].Length - _position);
        }

        var got = source.Read(buffer[..(int)left]);
        if (got == 0)
        {
            throw TarDiagnostics.TarTruncated("the content of an entry", location.At(source.Position));
        }

        _position += got;
        return got;
    }
}
