using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Tar;

/// <summary>Errors and warnings of reading and writing tar streams and layer indexes (ITT20xx).</summary>
internal static class TarDiagnostics
{
    /// <summary>
    /// ITT2410: a plain tar without a zero block at its end. Nothing else would show that it was cut between two
    /// entries.
    /// </summary>
    public static ImageTarException EndOfArchiveMissing(ContentLocation location) =>
        Error(
            "ITT2410",
            "the tar has no end: its last entry is not followed by a zero block, so it may have been cut off",
            location
        );

    /// <summary>ITT2001: the bytes are not a tar. <paramref name="what"/> describes what they look like.</summary>
    public static ImageTarException NotTar(string what, ContentLocation location) =>
        Error(
            "ITT2001",
            $"not a tar archive: {what}; a tar (v7, ustar, PAX or GNU), plain or compressed with "
                + $"gzip, bzip2, xz or zstd, is needed",
            location
        );

    /// <summary>ITT2002: a header's checksum does not fit its bytes.</summary>
    /// <param name="damage">The likely cause.</param>
    /// <param name="location">The header.</param>
    public static ImageTarException TarChecksum(string damage, ContentLocation location) =>
        Error("ITT2002", $"the checksum of a tar header is wrong: {damage}", location);

    /// <summary>ITT2003: the tar ends too early.</summary>
    public static ImageTarException TarTruncated(string inside, ContentLocation location) =>
        Error("ITT2003", $"the tar is truncated: it ends inside {inside}; fetch or create it again", location);

    /// <summary>ITT2004: a field of a header or a PAX record is not a number.</summary>
    public static ImageTarException TarNumber(string field, ReadOnlySpan<byte> text, ContentLocation location) =>
        Error("ITT2004", $"the tar field {field} is not a number: \"{UntrustedText.Show(text)}\"", location);

    /// <summary>ITT2005: a number of a header or a PAX record is outside its range.</summary>
    public static ImageTarException TarNumberRange(
        string field,
        long value,
        long least,
        long most,
        ContentLocation location
    ) =>
        Error(
            "ITT2005",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the tar field {field} is {value}; {least} to {most} is possible"
            ),
            location
        );

    /// <summary>ITT2006: a PAX extended header is not a list of records.</summary>
    public static ImageTarException PaxMalformed(string reason, ContentLocation location) =>
        Error("ITT2006", $"a PAX extended header is malformed: {reason}", location);

    /// <summary>ITT2007: a PAX record has a value that cannot be.</summary>
    public static ImageTarException PaxValue(string key, string reason, ContentLocation location) =>
        Error("ITT2007", $"the PAX record {Quote(key)} {reason}", location);

    /// <summary>ITT2008: the extension headers of an entry contradict each other, or no entry follows them.</summary>
    public static ImageTarException TarExtensionConflict(string reason, ContentLocation location) =>
        Error("ITT2008", $"tar extension headers: {reason}", location);

    /// <summary>ITT2009: a PAX or GNU extension header is longer than accepted.</summary>
    public static ImageTarException TarExtensionTooLong(long size, ContentLocation location) =>
        Error(
            "ITT2009",
            string.Create(
                CultureInfo.InvariantCulture,
                $"a tar extension header has {size} bytes; {Limits.PaxBytes} are accepted"
            ),
            location
        );

    /// <summary>ITT2010: an entry of a type that images do not have.</summary>
    public static ImageTarException TarEntryType(byte type, string what, ContentLocation location) =>
        Error(
            "ITT2010",
            $"unsupported tar entry type '{UntrustedText.Show([type])}' ({what}); files, directories, "
                + $"links, devices and fifos are supported",
            location
        );

    /// <summary>ITT2011: an entry that is not a file has content, which readers disagree about.</summary>
    public static ImageTarException TarDataOnNonFile(string kind, long size, ContentLocation location) =>
        Error(
            "ITT2011",
            string.Create(
                CultureInfo.InvariantCulture,
                $"a {kind} has a size of {size} in the tar; only files can have content"
            ),
            location
        );

    /// <summary>ITT2012: an entry's name cannot be one.</summary>
    public static ImageTarException TarName(string reason, ContentLocation location) =>
        Error("ITT2012", $"the name of a tar entry {reason}", location);

    /// <summary>ITT2013: a link's target cannot be one.</summary>
    public static ImageTarException TarLinkName(string reason, ContentLocation location) =>
        Error("ITT2013", $"the target of a link {reason}", location);

    /// <summary>
    /// ITT2014: the PAX header and the header state different sizes, so readers disagree where the next entry begins.
    /// </summary>
    public static ImageTarException TarSizeConflict(long pax, long header, ContentLocation location) =>
        Error(
            "ITT2014",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the PAX header states a size of {pax}, the tar header {header}; readers would disagree "
                    + $"where the next entry begins"
            ),
            location
        );

    /// <summary>ITT2015: a global PAX header would change every entry that follows.</summary>
    public static ImageTarException PaxGlobalKey(string key, ContentLocation location) =>
        Error("ITT2015", $"a global PAX header sets {Quote(key)} for all entries, which is refused", location);

    /// <summary>ITT2016: the map of a sparse file does not fit the file.</summary>
    public static ImageTarException TarSparse(string reason, ContentLocation location) =>
        Error("ITT2016", $"the map of a sparse file is wrong: {reason}", location);

    /// <summary>ITT2017: an extended attribute has a bad name or is too big.</summary>
    public static ImageTarException TarXattr(ByteString name, string reason, ContentLocation location) =>
        Error("ITT2017", $"the extended attribute \"{name}\" {reason}", location);

    /// <summary>ITT2018: entries follow a single zero block, where some readers stop and others continue.</summary>
    public static ImageTarException TarSingleZeroBlock(ContentLocation location) =>
        Error(
            "ITT2018",
            "the tar goes on after a single zero block; two end an archive, and readers disagree about one",
            location
        );

    /// <summary>ITT2019: more entries than accepted.</summary>
    public static ImageTarException TarEntryCount(ContentLocation location) =>
        Error(
            "ITT2019",
            string.Create(CultureInfo.InvariantCulture, $"the tar has more than {Limits.Entries} entries"),
            location
        );

    /// <summary>ITT2020: the content of an entry being written is shorter or longer than its stated size.</summary>
    public static ImageTarException TarContentLength(ByteString name, long stated, bool longer) =>
        Error(
            "ITT2020",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the content of \"{name}\" is {(longer ? "longer" : "shorter")} than the {stated} bytes "
                    + $"stated for it; was it changed while it was read?"
            )
        );

    /// <summary>ITT2021: a layer index that was sound when it was opened is damaged while it is read.</summary>
    public static ImageTarException LayerIndexChanged() =>
        Error("ITT2021", "the index of a layer changed while it was read; try again, the store makes it anew");

    /// <summary>
    /// ITT2023: sparse files that fill with zeros to more than <see cref="Limits.ExpansionRatio"/> times the tar.
    /// </summary>
    public static ImageTarException SparseExpandsTooMuch(long plain, Int128 unpacked, ContentLocation location) =>
        Error(
            "ITT2023",
            string.Create(
                CultureInfo.InvariantCulture,
                $"with the holes of its sparse files filled, this tar of {plain} bytes has {unpacked}, "
                    + $"over {Limits.ExpansionRatio} times as many: refused as a bomb; if it is none, say how "
                    + $"large it may become with max-unpacked"
            ),
            location
        );
}
