using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Oci;

/// <summary>A layer of an image.</summary>
/// <param name="Descriptor">The blob.</param>
/// <param name="DiffId">Its plain tar.</param>
public readonly record struct Layer(Descriptor Descriptor, DiffId DiffId);

/// <summary>An image for one platform: manifest and configuration, which agree on the number of layers.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The configuration.</param>
public sealed record Image(ImageManifest Manifest, ImageConfig Config)
{
    /// <summary>The image ID.</summary>
    public ImageId Id => Config.Id;

    /// <summary>The layers, lowest first.</summary>
    public IReadOnlyList<Layer> Layers { get; } =
        Manifest.Layers.Zip(Config.DiffIds, (blob, diffId) => new Layer(blob, diffId)).ToArray();

    /// <summary>Reads a configuration for its manifest and checks that both have the same number of layers.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="config">The bytes of its configuration.</param>
    /// <param name="location">Where the configuration is.</param>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static Image Parse(ImageManifest manifest, ReadOnlyMemory<byte> config, ContentLocation location)
    {
        var parsed = ImageConfig.Parse(config, location);
        return parsed.DiffIds.Count == manifest.Layers.Count
            ? new Image(manifest, parsed)
            : throw DocumentDiagnostics.LayerCountDiffers(manifest.Layers.Count, parsed.DiffIds.Count, location);
    }
}
