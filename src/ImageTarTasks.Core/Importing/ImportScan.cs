using System.Buffers;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Importing;

/// <summary>Collects from the entries of a tar what an import needs to know about the whole tar.</summary>
internal sealed class ImportScan
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private TarTime? _newest;
    private bool _hasOciLayout;
    private bool _hasIndex;
    private bool _hasManifest;
    private bool _hasContent;

    /// <summary>The latest modification time; 1970 when the tar has no entry.</summary>
    public DateTimeOffset Newest => (_newest ?? default).ToDateTimeOffset();

    /// <summary>The offset after the last entry and its padding; 0 when the tar has no entry.</summary>
    public long End { get; private set; }

    /// <summary>
    /// The member that shows that the tar is an image archive: <c>oci-layout</c> beside <c>index.json</c>, or
    /// <c>manifest.json</c> beside the layers or configurations it lists. A root filesystem may contain one of these
    /// names alone.
    /// </summary>
    public ByteString? ImageArchiveMember =>
        _hasOciLayout && _hasIndex ? ByteString.FromText(OciLayout.LayoutFile)
        : _hasManifest && _hasContent ? ByteString.FromText("manifest.json")
        : null;

    /// <summary>Passes entries on.</summary>
    public IEnumerable<TarEntry> Observe(IEnumerable<TarEntry> entries)
    {
        foreach (var entry in entries)
        {
            Add(entry);
            yield return entry;
        }
    }

    private void Add(TarEntry entry)
    {
        var time = entry.ModificationTime;
        if (
            _newest is not { } newest
            || time.Seconds > newest.Seconds
            || (time.Seconds == newest.Seconds && time.Nanoseconds > newest.Nanoseconds)
        )
        {
            _newest = time;
        }

        End = TarReader.RoundUp(entry.DataOffset + entry.StoredSize);
        var name = entry.Name.Units;
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        _hasOciLayout |= name == OciLayout.LayoutFile;
        _hasIndex |= name == "index.json";
        _hasManifest |= name == "manifest.json";
        _hasContent |=
            name.EndsWith("/layer.tar", StringComparison.Ordinal)
            || name.StartsWith("blobs/sha256/", StringComparison.Ordinal)
            || (!name.Contains('/') && IsNamedByDigest(name));
    }

    private static bool IsNamedByDigest(string name)
    {
        var stem = name.AsSpan(name.StartsWith("sha256:", StringComparison.Ordinal) ? 7 : 0);
        return stem.Length >= 64
            && !stem[..64].ContainsAnyExcept(HexDigits)
            && stem[64..] is "" or ".json" or ".tar" or ".tar.gz";
    }
}
