using ImageTarTasks.Core.Archives;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Archives;

/// <summary>Out of one store and into another.</summary>
internal static class RoundTrip
{
    /// <summary>
    /// Saves all images of a store in a format, loads that into another store, and describes what is there.
    /// </summary>
    public static IReadOnlyList<string> Load(ImageStore store, ArchiveFormat format, string path, string otherStore)
    {
        var images = store.List().Select(image => new ImageSelection(image, image.References)).ToArray();
        var options = new SaveOptions { Format = format, MissingPlatforms = MissingPlatforms.Sparse };
        var other = ImageStore.Open(otherStore, SilentReporter.Instance);
        if (format == ArchiveFormat.OciDir)
        {
            ArchiveWriter.SaveFolder(store, images, options, path, SilentReporter.Instance, CancellationToken.None);
            Load(other, new ArchiveInput { DisplayName = path, Folder = path });
        }
        else
        {
            using var archive = new MemoryStream();
            ArchiveWriter.Save(store, images, options, archive, SilentReporter.Instance, CancellationToken.None);
            archive.Position = 0;
            Load(other, new ArchiveInput { DisplayName = path, Stream = archive });
        }

        return Describe(other);
    }

    /// <summary>
    /// Everything that is known of the images of a store: names, digests, and of each platform ID, layers and DiffIDs;
    /// ordered.
    /// </summary>
    public static IReadOnlyList<string> Describe(ImageStore store) =>
        [
            .. store
                .List()
                .Select(image =>
                    $"{image.Target.Digest} {image.Target.MediaType} {string.Join(',', image.References)} "
                    + string.Join(' ', store.Manifests(image.Target).Select(manifest => Describe(store, manifest)))
                )
                .Order(StringComparer.Ordinal),
        ];

    private static string Describe(ImageStore store, Descriptor manifest)
    {
        try
        {
            return Describe(store.OpenImage(manifest));
        }
        catch (ImageTarException e) when (e.Diagnostic.Code == "ITT3013")
        {
            return $"[artifact {manifest.Digest}]";
        }
    }

    private static string Describe(Image image) =>
        $"[{image.Id} {image.Config.Platform} "
        + $"{string.Join(' ', image.Layers.Select(layer => $"{layer.Descriptor.Digest}={layer.DiffId}"))}]";

    private static void Load(ImageStore store, ArchiveInput input) =>
        ArchiveReader.Load(store, input, new LoadOptions(), SilentReporter.Instance, CancellationToken.None);
}
