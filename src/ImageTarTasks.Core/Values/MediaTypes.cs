namespace ImageTarTasks.Core.Values;

/// <summary>The media types of the OCI image-spec and of Docker's image manifest version 2, schema 2.</summary>
internal static class MediaTypes
{
    /// <summary>OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI image configuration.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>OCI layer, plain tar.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>Docker manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker image manifest.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker image configuration.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>Docker layer, plain tar.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

    /// <summary>Whether this names an image index or a Docker manifest list.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>Whether this names an image manifest.</summary>
    public static bool IsManifest(string? mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Whether this names an image configuration.</summary>
    public static bool IsConfig(string? mediaType) => mediaType is OciConfig or DockerConfig;

    /// <summary>Whether this names a file-system layer: distributable or not, in any compression.</summary>
    public static bool IsLayer(string? mediaType) =>
        mediaType is not null
        && (
            mediaType.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal)
            || mediaType.StartsWith("application/vnd.docker.image.rootfs.", StringComparison.Ordinal)
        );

    /// <summary>Whether a media type says that a layer must not be distributed.</summary>
    private static bool IsNondistributable(string mediaType) =>
        mediaType.Contains(".nondistributable.", StringComparison.Ordinal)
        || mediaType.Contains(".rootfs.foreign.", StringComparison.Ordinal);

    /// <summary>
    /// The OCI media type of a layer in another compression. A layer that must not be distributed stays one.
    /// </summary>
    public static string WithCompression(string mediaType, CompressionKind compression)
    {
        var type = OciLayerOf(compression);
        return IsNondistributable(mediaType)
            ? type.Replace("image.layer.v1", "image.layer.nondistributable.v1", StringComparison.Ordinal)
            : type;
    }

    /// <summary>
    /// The OCI media type of a layer with this compression. The specification has no types for bzip2 and xz; they get
    /// the suffix by the same convention.
    /// </summary>
    public static string OciLayerOf(CompressionKind compression) =>
        compression switch
        {
            CompressionKind.None => OciLayer,
            CompressionKind.Gzip => OciLayer + "+gzip",
            CompressionKind.Zstd => OciLayer + "+zstd",
            CompressionKind.Bzip2 => OciLayer + "+bzip2",
            _ => OciLayer + "+xz",
        };

    /// <summary>
    /// The OCI media type for Docker's type of a layer, so that an OCI manifest can list the layer. Other types stay.
    /// </summary>
    public static string OciLayerOf(string mediaType) =>
        mediaType switch
        {
            DockerLayer => OciLayer,
            DockerLayer + ".gzip" => OciLayer + "+gzip",
            DockerLayer + ".zstd" => OciLayer + "+zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar" =>
                "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" =>
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            _ => mediaType,
        };

    /// <summary>
    /// Docker's media type for an OCI type of a layer that must not be distributed, as manifest.json states it. Other
    /// types stay.
    /// </summary>
    public static string DockerForeignLayerOf(string mediaType) =>
        mediaType switch
        {
            "application/vnd.oci.image.layer.nondistributable.v1.tar" =>
                "application/vnd.docker.image.rootfs.foreign.diff.tar",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" =>
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            _ => mediaType,
        };
}
