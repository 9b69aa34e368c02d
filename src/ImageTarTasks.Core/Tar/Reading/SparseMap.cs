using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar.Headers;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The data runs of a sparse file while they are read: ascending, not overlapping, bounded by <see
/// cref="Limits.SparseMapBytes"/> of input.
/// </summary>
internal sealed class SparseMap
{
    private const int OldDescriptor = 24;

    private readonly List<SparseRun> _runs = [];
    private long _end;
    private long _stored;

    /// <summary>Adds a run. Empty ones only mark the end of a file and are left out.</summary>
    /// <exception cref="ImageTarException">
    /// ITT2016: it begins before the end of the one before, or is longer than can be.
    /// </exception>
    public void Add(long offset, long length, ContentLocation location)
    {
        if (offset < _end || length < 0 || length > long.MaxValue - offset)
        {
            throw TarDiagnostics.TarSparse(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a run of {length} bytes at {offset} follows one that ends at {_end}"
                ),
                location
            );
        }

        _end = offset + length;
        _stored += length;
        if (length > 0)
        {
            _runs.Add(new SparseRun(offset, length));
        }
    }

    /// <summary>Adds the descriptors of an old GNU sparse header or extension block, up to an unused one.</summary>
    /// <exception cref="ImageTarException">ITT2004, ITT2016.</exception>
    public void AddOldDescriptors(ReadOnlySpan<byte> fields, ContentLocation location)
    {
        for (; fields.Length >= OldDescriptor && fields[0] != 0; fields = fields[OldDescriptor..])
        {
            if (
                !TarHeader.TryParseNumber(fields[..12], out var offset)
                || !TarHeader.TryParseNumber(fields.Slice(12, 12), out var length)
            )
            {
                throw TarDiagnostics.TarNumber("sparse", fields[..OldDescriptor], location);
            }

            Add(offset, length, location);
        }
    }

    /// <summary>
    /// Reads the map of format 1.0, which occupies whole blocks at the start of the stored content. It consists of
    /// lines of decimal digits: the number of runs, then offset and length of each run.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2003, ITT2016.</exception>
    public static SparseMap ReadFromContent(
        TarSource source,
        long stored,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        var map = new SparseMap();
        Span<byte> line = stackalloc byte[20];
        var length = 0;
        long numbers = -1;
        long offset = 0;
        for (long used = 0; numbers != 0; used += TarHeader.BlockSize)
        {
            if (used >= Math.Min(stored, Limits.SparseMapBytes))
            {
                throw TarDiagnostics.TarSparse("it does not end inside the content, or is too long", location);
            }

            if (source.ReadBlock(0, out var block, cancellationToken) < TarHeader.BlockSize)
            {
                throw TarDiagnostics.TarTruncated("the map of a sparse file", location.At(source.Position));
            }

            for (var i = 0; i < block.Length && numbers != 0; i++)
            {
                if (block[i] != '\n')
                {
                    if (length == line.Length)
                    {
                        throw TarDiagnostics.TarSparse("a line is too long", location);
                    }

                    line[length++] = block[i];
                    continue;
                }

                if (!PaxHeader.TryDecimal(line[..length], out var number))
                {
                    throw TarDiagnostics.TarSparse(
                        $"a line is not a number: \"{UntrustedText.Show(line[..length])}\"",
                        location
                    );
                }

                length = 0;
                if (numbers < 0)
                {
                    // Two lines per run, two bytes per line at least.
                    numbers =
                        number <= Limits.SparseMapBytes / 4
                            ? number * 2
                            : throw TarDiagnostics.TarSparse(
                                string.Create(CultureInfo.InvariantCulture, $"it claims {number} runs"),
                                location
                            );
                }
                else if (--numbers % 2 == 1)
                {
                    offset = number;
                }
                else
                {
                    map.Add(offset, number, location);
                }
            }
        }

        return map;
    }

    /// <summary>
    /// The runs, when they fit a file of <paramref name="realSize"/> bytes of which <paramref name="stored"/> are in
    /// the tar.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2016: they do not.</exception>
    public IReadOnlyList<SparseRun> Finish(long realSize, long stored, ContentLocation location)
    {
        if (_end > realSize)
        {
            throw TarDiagnostics.TarSparse(
                string.Create(CultureInfo.InvariantCulture, $"it ends at {_end}, the file at {realSize}"),
                location
            );
        }

        return _stored == stored
            ? _runs
            : throw TarDiagnostics.TarSparse(
                string.Create(CultureInfo.InvariantCulture, $"it has {_stored} bytes of data, the tar {stored}"),
                location
            );
    }
}
