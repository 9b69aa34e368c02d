using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// The names and constants of an OCI image layout, as a folder or as an archive (image-spec image-layout.md,
/// annotations.md).
/// </summary>
internal static class OciLayout
{
    /// <summary>The file that marks a folder or an archive as a layout.</summary>
    public const string LayoutFile = "oci-layout";

    /// <summary>The file that lists what the layout holds.</summary>
    public const string IndexFile = "index.json";

    /// <summary>The folder of the blobs. It has a subfolder for each digest algorithm.</summary>
    public const string BlobsFolder = "blobs";

    /// <summary>The version of the layout that is written.</summary>
    public const string Version = "1.0.0";

    /// <summary>
    /// The annotation of the whole normalised name of an image. containerd defines it, and Docker writes it, too.
    /// </summary>
    public const string ContainerdNameAnnotation = "io.containerd.image.name";

    /// <summary>The annotation of a tag or a whole name (image-spec annotations.md).</summary>
    public const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The content of <see cref="LayoutFile"/>, the bytes that Docker's containerd store writes.</summary>
    public static ReadOnlySpan<byte> LayoutContent => "{\"imageLayoutVersion\":\"1.0.0\"}"u8;

    /// <summary>The path of a blob inside the layout: <c>blobs/ALGORITHM/HEX</c>.</summary>
    public static string PathOf(Digest digest) => $"{BlobsFolder}/{digest.Algorithm}/{digest.Hex}";

    /// <summary>The digest that a path inside the layout states; null when the path is not that of a blob.</summary>
    public static Digest? DigestOf(ByteString path) =>
        path.Units.Split('/') is [BlobsFolder, var algorithm, var hex]
        && Digest.TryParse($"{algorithm}:{hex}", out var digest)
            ? digest
            : null;
}
