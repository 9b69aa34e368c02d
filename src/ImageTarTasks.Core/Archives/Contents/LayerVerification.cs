using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>
/// The checks that make a staged blob a certain layer of a certain image, the same for every shape of archive.
/// </summary>
internal static class LayerVerification
{
    /// <summary>The blob as a layer.</summary>
    /// <exception cref="ImageTarException">ITT2215: it is not a tar; ITT20xx, ITT21xx: it is damaged.</exception>
    public static LayerSummary AsLayer(StagedBlob blob, ContentLocation location) =>
        blob.Layer ?? throw blob.LayerFault ?? ArchiveDiagnostics.LayerIsNotATar(location);

    /// <summary>Checks that the layer is the one the configuration lists.</summary>
    /// <exception cref="ImageTarException">ITT2212.</exception>
    public static void CheckDiffId(LayerSummary layer, DiffId stated, int number, ContentLocation location)
    {
        if (layer.DiffId != stated)
        {
            throw ArchiveDiagnostics.DiffIdDiffers(number, stated, layer.DiffId, location);
        }
    }

    /// <summary>
    /// Checks that an OCI media type names the compression of the layer, so that readers that trust the type and
    /// readers that trust the bytes see the same layer. Docker's types are not checked, because Docker's containerd
    /// store calls every compressed layer gzip.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2214.</exception>
    public static void CheckMediaType(LayerSummary layer, string mediaType, ContentLocation location)
    {
        if (!mediaType.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal))
        {
            return;
        }

        var plus = mediaType.IndexOf('+', StringComparison.Ordinal);
        var stated = plus < 0 ? "" : mediaType[plus..];
        var actual = MediaTypes.OciLayerOf(layer.Compression)[MediaTypes.OciLayer.Length..];
        if (!string.Equals(stated, actual, StringComparison.Ordinal))
        {
            throw ArchiveDiagnostics.LayerMediaTypeMismatch(mediaType, layer.Compression, location);
        }
    }
}
