using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Archives;

/// <summary>Errors of reading image archives (ITT22xx).</summary>
internal static class ArchiveDiagnostics
{
    /// <summary>The number of missing blobs that a message lists: as many as real images have layers.</summary>
    private const int MissingBlobsNamed = 128;

    private const int ItemsNamed = 20;

    /// <summary>ITT2201: a tar or a folder without any metadata of images; most likely a root filesystem.</summary>
    public static ImageTarException RootFilesystem(string kind, ContentLocation location) =>
        Error(
            "ITT2201",
            $"this is a root filesystem {kind}, not an image archive: it has no manifest.json, "
                + $"index.json or repositories; use import",
            location
        );

    /// <summary>ITT2202: the input is empty.</summary>
    public static ImageTarException EmptyArchive(string what, ContentLocation location) =>
        Error(
            "ITT2202",
            $"nothing to load: {what}; an image archive (a tar with manifest.json or index.json) was expected",
            location
        );

    /// <summary>ITT2203: the input is not a tar in any known compression.</summary>
    public static ImageTarException NotATarArchive(string what, ContentLocation location) =>
        Error(
            "ITT2203",
            $"not an image archive: {what}; expected a tar, plain or compressed with gzip, bzip2, xz "
                + $"or zstd, that has manifest.json or index.json",
            location
        );

    /// <summary>ITT2204: an OCI layout that lacks index.json.</summary>
    public static ImageTarException LayoutWithoutIndex(ContentLocation location) =>
        Error(
            "ITT2204",
            "this is an OCI image layout without index.json: nothing says which of its blobs are images",
            location
        );

    /// <summary>ITT2205: a metadata document has no image.</summary>
    public static ImageTarException NothingToLoad(string document, ContentLocation location) =>
        Error("ITT2205", $"{document} lists no image: nothing to load", location);

    /// <summary>ITT2206: a document names a member that the archive does not have.</summary>
    public static ImageTarException MemberMissing(string wantedBy, string member, ContentLocation location) =>
        Error("ITT2206", $"{wantedBy} names {Quote(member)}, which is not in the archive", location);

    /// <summary>
    /// ITT2207: a document names a path that cannot be a member: absolute, empty, or leading out of the archive.
    /// </summary>
    public static ImageTarException MemberPathInvalid(string wantedBy, string path, ContentLocation location) =>
        Error("ITT2207", $"{wantedBy} names {Quote(path)}, which is not a path inside the archive", location);

    /// <summary>
    /// ITT2208: a member that is needed is not a regular file, or a link that ends at none inside the archive.
    /// </summary>
    public static ImageTarException MemberNotAFile(string member, string what, ContentLocation location) =>
        Error("ITT2208", $"{Quote(member)} is {what}, not a regular file of the archive", location);

    /// <summary>ITT2209: two members share a name and differ, so readers would disagree about the image.</summary>
    public static ImageTarException MemberConflict(string member, ContentLocation location) =>
        Error("ITT2209", $"the archive has {Quote(member)} more than once, with different content", location);

    /// <summary>ITT2210: the digest of a blob's content differs from the one in its path.</summary>
    public static ImageTarException BlobPathMismatch(Digest stated, Digest actual, ContentLocation location) =>
        Error("ITT2210", $"the content of blob {stated} has the digest {actual}", location);

    /// <summary>ITT2211: the size of a blob differs from the one in its descriptor.</summary>
    public static ImageTarException BlobSizeDiffers(Digest blob, long stated, long actual, ContentLocation location) =>
        Error(
            "ITT2211",
            string.Create(
                CultureInfo.InvariantCulture,
                $"blob {blob} has the size {actual}, its descriptor says {stated}"
            ),
            location
        );

    /// <summary>ITT2212: a layer's plain tar is not the one the configuration lists.</summary>
    public static ImageTarException DiffIdDiffers(int layer, DiffId stated, DiffId actual, ContentLocation location) =>
        Error(
            "ITT2212",
            string.Create(
                CultureInfo.InvariantCulture,
                $"layer {layer} does not match the configuration's rootfs.diff_ids: expected {stated}, got {actual}"
            ),
            location
        );

    /// <summary>ITT2213: manifest.json and rootfs.diff_ids differ in the number of layers.</summary>
    public static ImageTarException ListedLayersDiffer(int layers, int diffIds, ContentLocation location) =>
        Error(
            "ITT2213",
            string.Create(
                CultureInfo.InvariantCulture,
                $"manifest.json names {layers} Layers, the configuration's rootfs.diff_ids lists "
                    + $"{diffIds}: layers length mismatch"
            ),
            location
        );

    /// <summary>ITT2214: the compression of a layer differs from the one its OCI media type names.</summary>
    public static ImageTarException LayerMediaTypeMismatch(
        string mediaType,
        CompressionKind actual,
        ContentLocation location
    )
    {
        var content =
            actual == CompressionKind.None ? "a plain tar" : "compressed with " + actual.ToString().ToLowerInvariant();
        return Error("ITT2214", $"the layer's mediaType is {Quote(mediaType)}, its content is {content}", location);
    }

    /// <summary>ITT2215: a blob that an image uses as a layer is not a tar.</summary>
    public static ImageTarException LayerIsNotATar(ContentLocation location) =>
        Error("ITT2215", "the layer is not a tar, plain or compressed with gzip, bzip2, xz or zstd", location);

    /// <summary>ITT2216: index.json and manifest.json of one archive mean different images.</summary>
    public static ImageTarException DocumentsDisagree(string name, ContentLocation location) =>
        Error(
            "ITT2216",
            $"index.json and manifest.json disagree: {Quote(name)} is an image in manifest.json that "
                + $"index.json does not have under that name",
            location
        );

    /// <summary>ITT2217: one name for two different images of an archive.</summary>
    public static ImageTarException AmbiguousName(string name, string document, ContentLocation location) =>
        Error("ITT2217", $"{document} gives the name {Quote(name)} to different images", location);

    /// <summary>ITT2218: everything in the archive is something else than an image.</summary>
    public static ImageTarException NoImageInLayout(string mediaType, ContentLocation location) =>
        Error(
            "ITT2218",
            $"index.json lists an artifact, not an image: its mediaType (of the configuration, or of "
                + $"a layer) is {Quote(mediaType)}",
            location
        );

    /// <summary>ITT2219: no image of the archive is for the requested platform.</summary>
    public static ImageTarException PlatformNotInArchive(
        Platform wanted,
        IEnumerable<Platform> present,
        ContentLocation location
    )
    {
        var list = string.Join(
            ", ",
            present
                .Select(p => UntrustedText.Show(p.ToString()))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        );
        return Error(
            "ITT2219",
            $"no image for platform {wanted}; the archive has {(list.Length == 0 ? "none" : list)}",
            location
        );
    }

    /// <summary>ITT2220: an OCI layout of a version that is not 1.x.</summary>
    public static ImageTarException LayoutVersionUnknown(string version, ContentLocation location) =>
        Error("ITT2220", $"oci-layout: unsupported imageLayoutVersion {Quote(version)}; 1.0.0 is supported", location);

    /// <summary>ITT2221: image indexes nested too deep, or too many images.</summary>
    public static ImageTarException ArchiveTooComplex(string what, int limit, ContentLocation location) =>
        Error("ITT2221", string.Create(CultureInfo.InvariantCulture, $"{what}: more than {limit}"), location);

    /// <summary>ITT2222: an archive gives an image a name that it cannot have.</summary>
    public static ImageTarException NameNotATag(string name, string reason, ContentLocation location) =>
        Error("ITT2222", $"invalid tag {Quote(name)}: {reason}", location);

    /// <summary>ITT2223: an archive of Docker before 1.10 whose layers do not form a chain.</summary>
    public static ImageTarException BrokenParentChain(string id, string reason, ContentLocation location) =>
        Error("ITT2223", $"the layer {Quote(id)} {reason}", location);

    /// <summary>ITT2224: an index whose images are all absent.</summary>
    public static ImageTarException NoIndexedImage(ContentLocation location) =>
        Error("ITT2224", "of the images index.json lists, none is whole in this archive", location);

    /// <summary>ITT2225: a requested image is not in the archive.</summary>
    public static ImageTarException ImageNotInArchive(
        string wanted,
        IReadOnlyList<string> present,
        ContentLocation location
    ) => Error("ITT2225", $"the archive has no image {Quote(wanted)}; it has {List(present)}", location);

    /// <summary>ITT2226: digits that are the beginning of several images' IDs.</summary>
    public static ImageTarException ImageAmbiguous(
        string wanted,
        IReadOnlyList<string> found,
        ContentLocation location
    ) =>
        Error(
            "ITT2226",
            $"{Quote(wanted)} means several images of the archive: {List(found)}; give more digits",
            location
        );

    /// <summary>ITT2227: names were given for a load of more than one image.</summary>
    public static ImageTarException TagsForSeveralImages(IReadOnlyList<string> images, ContentLocation location) =>
        Error(
            "ITT2227",
            string.Create(
                CultureInfo.InvariantCulture,
                $"tags are given for one image, and the archive has {images.Count}: {List(images)}; say "
                    + $"which with image"
            ),
            location
        );

    /// <summary>ITT2228: an index lists images the archive does not have, and that was not to be tolerated.</summary>
    public static ImageTarException PlatformsMissing(IReadOnlyList<Descriptor> missing, ContentLocation location)
    {
        var images = missing.Select(image =>
            UntrustedText.Show(image.Platform is { } platform ? $"{platform} ({image.Digest})" : image.Digest.Value)
        );
        return Error(
            "ITT2228",
            $"the archive does not have all images its index lists; missing: {List([.. images])}",
            location
        );
    }

    /// <summary>ITT2229: the name of a member leads out of the folder the archive is unpacked into.</summary>
    public static ImageTarException MemberOutsideArchive(ContentLocation location) =>
        Error(
            "ITT2229",
            "the name of a member is absolute or has a part \"..\": no image uses it, and whoever "
                + "unpacks the archive may write elsewhere",
            location
        );

    /// <summary>ITT2230: an index lists a manifest for another platform than its configuration states.</summary>
    public static ImageTarException PlatformMismatch(
        Platform stated,
        Platform actual,
        Digest manifest,
        ContentLocation location
    ) =>
        Error(
            "ITT2230",
            $"the index lists {manifest} for {UntrustedText.Show(stated.ToString())}, its "
                + $"configuration is for {UntrustedText.Show(actual.ToString())}",
            location
        );

    /// <summary>ITT2231: an archive rightly lacks a foreign layer, so not all of its images can be checked.</summary>
    public static ImageTarException ForeignLayerAbsent(Descriptor layer, ContentLocation location) =>
        Error(
            "ITT2231",
            $"layer {layer.Digest} is not in the archive: its publisher distributes it, at "
                + $"{ValueDiagnostics.Addresses(layer)}; without it the image can be loaded and saved, but not "
                + "exported",
            location
        );

    /// <summary>ITT2240: a delta archive needs blobs that neither it nor the store has.</summary>
    public static ImageTarException DeltaIncomplete(IReadOnlyList<Digest> missing, ContentLocation location) =>
        Error(
            "ITT2240",
            string.Create(
                CultureInfo.InvariantCulture,
                $"this is a delta archive, and {missing.Count} of the blobs it leaves to the receiver are "
                    + $"not in the store: "
                    + $"{string.Join(", ", missing.Take(MissingBlobsNamed))}"
                    + $"{(missing.Count > MissingBlobsNamed ? ", ..." : "")}; "
                    + $"load what it was made against first, or save it whole"
            ),
            location
        );

    /// <summary>As many as one reads.</summary>
    private static string List(IReadOnlyList<string> items) =>
        items.Count == 0
            ? "none"
            : string.Join(", ", items.Take(ItemsNamed))
                + (
                    items.Count > ItemsNamed
                        ? string.Create(CultureInfo.InvariantCulture, $" and {items.Count - ItemsNamed} more")
                        : ""
                );

    /// <summary>ITT3015: a name belongs to another image, and the options forbid to take it.</summary>
    public static ImageTarException NameInUse(ImageReference name, ImageId owner, ContentLocation location) =>
        Error(
            "ITT3015",
            $"the name {Quote(name.Familiar)} belongs to the image {owner} already, and may not be "
                + $"taken from it (on-conflict is fail)",
            location
        );
}
