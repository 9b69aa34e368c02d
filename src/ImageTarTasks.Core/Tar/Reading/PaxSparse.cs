using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar.Reading;

/// <summary>
/// The GNU.sparse.* records of a PAX header: formats 0.0 (a pair of records for each run), 0.1 (a map in one record)
/// and 1.0 (the map precedes the content). GNU tar manual, "Storing Sparse Files".
/// </summary>
internal sealed class PaxSparse
{
    private readonly List<long> _pairs = [];
    private string? _major;
    private string? _minor;
    private long? _blocks;
    private bool _hasMap;

    /// <summary>The real name; the header's own is made up (<c>GNUSparseFile.0/...</c>).</summary>
    public ByteString? Name { get; private set; }

    /// <summary>The length with the holes.</summary>
    public long? RealSize { get; private set; }

    /// <summary>Whether the map precedes the content.</summary>
    public bool MapIsInContent => _major == "1" && _minor == "0";

    public void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ContentLocation location)
    {
        switch (Encoding.ASCII.GetString(key))
        {
            case "major":
                _major = Encoding.ASCII.GetString(value);
                break;
            case "minor":
                _minor = Encoding.ASCII.GetString(value);
                break;
            case "name":
                Name = PaxHeader.Name("GNU.sparse.name", value, location);
                break;
            case "size" or "realsize":
                RealSize = PaxHeader.Number("GNU.sparse.realsize", value, location);
                break;
            case "numblocks":
                _blocks = PaxHeader.Number("GNU.sparse.numblocks", value, location);
                break;
            case "offset" when _pairs.Count % 2 == 0:
                _pairs.Add(PaxHeader.Number("GNU.sparse.offset", value, location));
                break;
            case "numbytes" when _pairs.Count % 2 == 1:
                _pairs.Add(PaxHeader.Number("GNU.sparse.numbytes", value, location));
                break;
            case "map":
                TakeMap(value, location);
                break;
            case var other:
                throw TarDiagnostics.TarSparse(
                    $"the record \"GNU.sparse.{UntrustedText.Show(other)}\" is unknown or out of place",
                    location
                );
        }
    }

    /// <summary>The map of formats 0.0 and 0.1.</summary>
    /// <exception cref="ImageTarException">
    /// ITT2016: the format is unknown, or the records contradict each other.
    /// </exception>
    public SparseMap ToMap(ContentLocation location)
    {
        if ((_major ?? "0") != "0" || (_minor ?? "0") is not ("0" or "1"))
        {
            throw TarDiagnostics.TarSparse(
                $"its format {UntrustedText.Show(_major)}.{UntrustedText.Show(_minor)} is unknown",
                location
            );
        }

        if (
            (!_hasMap && _blocks is null && _pairs.Count == 0)
            || _pairs.Count % 2 != 0
            || (_blocks is { } blocks && blocks != _pairs.Count / 2)
        )
        {
            throw TarDiagnostics.TarSparse("its records do not make up a map", location);
        }

        var map = new SparseMap();
        for (var i = 0; i < _pairs.Count; i += 2)
        {
            map.Add(_pairs[i], _pairs[i + 1], location);
        }

        return map;
    }

    private void TakeMap(ReadOnlySpan<byte> value, ContentLocation location)
    {
        _hasMap = true;
        _pairs.Clear();
        foreach (var part in value.Split((byte)','))
        {
            if (!value.IsEmpty)
            {
                _pairs.Add(PaxHeader.Number("GNU.sparse.map", value[part], location));
            }
        }
    }
}
