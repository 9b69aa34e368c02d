using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Oci;

/// <summary>Errors of JSON documents: manifests, indexes, configurations (ITT23xx).</summary>
public static class DocumentDiagnostics
{
    /// <summary>ITT2301: a document is larger than <see cref="Limits.JsonBytes"/>.</summary>
    public static ImageTarException DocumentTooLarge(string document, ContentLocation location) =>
        Error(
            "ITT2301",
            string.Create(CultureInfo.InvariantCulture, $"the {document} has more than {Limits.JsonBytes} bytes"),
            location
        );

    /// <summary>
    /// ITT2304: a document is not exactly one JSON value (RFC 8259), repeats a key, or nests too deeply.
    /// </summary>
    public static ImageTarException MalformedJson(
        string document,
        string reason,
        ContentLocation location,
        Exception? inner = null
    ) => Error("ITT2304", $"the {document} is not valid JSON: {UntrustedText.Show(reason)}", location, inner);

    /// <summary>ITT2305: a required field is missing or null.</summary>
    public static ImageTarException FieldMissing(string document, string field, ContentLocation location) =>
        Error(
            "ITT2305",
            $"the {document} has no {Quote(field)}{(field == "rootfs" ? " (invalid image JSON, no RootFS key)" : "")}",
            location
        );

    /// <summary>ITT2306: a field has the wrong type or a value it cannot have.</summary>
    public static ImageTarException FieldInvalid(
        string document,
        string field,
        string reason,
        ContentLocation location
    ) =>
        Error(
            "ITT2306",
            $"the {document} {(field.Length == 0 ? "is not one" : "has an invalid " + Quote(field))}: {reason}",
            location
        );

    /// <summary>ITT2307: keys of one object differ only by case, so readers use different ones.</summary>
    public static ImageTarException AmbiguousKey(string document, string field, ContentLocation location) =>
        Error(
            "ITT2307",
            $"the {document} has {Quote(field)} twice, differing by case only: readers disagree which one counts",
            location
        );

    /// <summary>
    /// ITT2308: a document is an index and a manifest at once (CVE-2021-41190), or is the wrong one of the two.
    /// </summary>
    public static ImageTarException WrongDocument(string document, string field, ContentLocation location) =>
        Error(
            "ITT2308",
            $"the {document} has {Quote(field)}, which only the other of image manifest and image index has",
            location
        );

    /// <summary>
    /// ITT2309: Docker's image manifest version 2, schema 1: no configuration, no digests of plain layers.
    /// </summary>
    public static ImageTarException SchemaOne(ContentLocation location) =>
        Error(
            "ITT2309",
            "this is a Docker schema 1 manifest (\"schemaVersion\": 1), which is no longer "
                + "supported; pull and save the image again with a current Docker",
            location
        );

    /// <summary>ITT2310: a document calls itself something else than the descriptor that led to it.</summary>
    public static ImageTarException MediaTypeDisagrees(
        string document,
        string stated,
        string found,
        ContentLocation location
    ) =>
        Error(
            "ITT2310",
            $"the {document} has \"mediaType\" {Quote(found)}, but {Quote(stated)} was expected",
            location
        );

    /// <summary>ITT2311: a list of a document has more items than any image needs.</summary>
    public static ImageTarException TooManyItems(string document, string field, int limit, ContentLocation location) =>
        Error(
            "ITT2311",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the {document} has more than {limit} items{(field.Length == 0 ? "" : " in " + Quote(field))}"
            ),
            location
        );

    /// <summary>ITT2312: the history describes more layers than the image has. Docker's words.</summary>
    public static ImageTarException HistoryTooLong(int steps, int layers, ContentLocation location) =>
        Error(
            "ITT2312",
            string.Create(
                CultureInfo.InvariantCulture,
                $"too many non-empty layers in History section of the image configuration: {steps}, but "
                    + $"\"rootfs\" has {layers}"
            ),
            location
        );

    /// <summary>
    /// ITT2313: the content embedded in a descriptor is not the content its digest and size describe.
    /// </summary>
    public static ImageTarException EmbeddedDataMismatch(
        string document,
        Digest digest,
        string reason,
        ContentLocation location
    ) => Error("ITT2313", $"the {document} embeds \"data\" for {digest} that is not that content: {reason}", location);

    /// <summary>ITT2314: manifest and configuration disagree on the number of layers.</summary>
    public static ImageTarException LayerCountDiffers(int layers, int diffIds, ContentLocation location) =>
        Error(
            "ITT2314",
            string.Create(
                CultureInfo.InvariantCulture,
                $"the image manifest has {layers} \"layers\", but the image configuration has {diffIds} "
                    + $"\"rootfs.diff_ids\""
            ),
            location
        );
}
