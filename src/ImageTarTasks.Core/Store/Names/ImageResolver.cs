using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>
/// Finds the image of a target: the manifest itself, or the manifest of an index that matches a platform (image-spec
/// image-index.md "platform").
/// </summary>
/// <param name="read">The bytes of a document, verified, or null when it is absent.</param>
/// <param name="layout">The store, for messages.</param>
/// <param name="reporter">Receives a warning about each image that cannot be read.</param>
internal sealed class ImageResolver(
    Func<Descriptor, ReadOnlyMemory<byte>?> read,
    StoreLayout layout,
    IReporter reporter
)
{
    /// <summary>All manifests below a target that are present, attestations left out.</summary>
    public IReadOnlyList<Descriptor> Manifests(Descriptor target) =>
        [
            .. ContentGraph
                .Walk([target], read, layout.LocationOf)
                .Where(node =>
                    node.Kind == ContentKind.Manifest
                    && !node.Descriptor.IsAttestation
                    && read(node.Descriptor) is not null
                )
                .Select(node => node.Descriptor),
        ];

    /// <summary>
    /// The image for a platform: the only one, or the best of an index (default: the host's, else the first).
    /// </summary>
    /// <exception cref="ImageTarException">ITT3012, ITT3013, ITT3020, ITT3021, ITT23xx.</exception>
    public Image Open(Descriptor target, Platform? platform)
    {
        if (!MediaTypes.IsIndex(target.MediaType))
        {
            var image = Load(target) ?? throw NotAnImage(target);
            return platform is null || platform.IsSatisfiedBy(image.Config.Platform)
                ? image
                : throw StoreDiagnostics.NoSuchPlatform(target.Digest.Value, platform, [image.Config.Platform]);
        }

        if (read(target) is null)
        {
            throw StoreDiagnostics.BlobMissing(target.Digest, layout.LocationOf(target.Digest));
        }

        var offered = new List<(Descriptor Manifest, Platform Platform)>();
        foreach (var manifest in Manifests(target))
        {
            if (PlatformOf(manifest) is { } found)
            {
                offered.Add((manifest, found));
            }
        }

        if (offered.Count == 0)
        {
            throw NotAnImage(target);
        }

        var wanted = platform ?? Platform.Host;
        var matching = offered.FirstOrDefault(offer => wanted.IsSatisfiedBy(offer.Platform)).Manifest;
        if (matching is null && platform is not null)
        {
            throw StoreDiagnostics.NoSuchPlatform(
                target.Digest.Value,
                platform,
                offered.Select(offer => offer.Platform)
            );
        }

        return Load(matching ?? offered[0].Manifest) ?? throw NotAnImage(target);
    }

    /// <summary>
    /// The image for a platform (default: the host's, else the first). Null when there is none, or when it is damaged,
    /// which is reported.
    /// </summary>
    public Image? TryOpen(Descriptor target, Platform? platform = null)
    {
        try
        {
            return Open(target, platform);
        }
        catch (ImageTarException e)
        {
            if (e.Diagnostic.Code is not (StoreDiagnostics.NotAnImageCode or StoreDiagnostics.NoSuchPlatformCode))
            {
                reporter.Warn(StoreDiagnostics.ImageUnreadable(target.Digest, e));
            }

            return null;
        }
    }

    /// <summary>
    /// The platform that an index states for its child, or else that of the child's configuration; null when the child
    /// is not an image.
    /// </summary>
    private Platform? PlatformOf(Descriptor manifest) =>
        manifest.Platform is { } stated
            ? Parse(manifest, ReadRequired(manifest)).IsImage
                ? stated
                : null
            : Load(manifest)?.Config.Platform;

    private Image? Load(Descriptor target)
    {
        if (!MediaTypes.IsManifest(target.MediaType))
        {
            return null;
        }

        var manifest = Parse(target, ReadRequired(target));
        return manifest.IsImage
            ? Image.Parse(manifest, ReadRequired(manifest.Config), layout.LocationOf(manifest.Config.Digest))
            : null;
    }

    private ImageManifest Parse(Descriptor manifest, ReadOnlyMemory<byte> raw) =>
        ImageManifest.Parse(raw, manifest.MediaType, layout.LocationOf(manifest.Digest));

    private ReadOnlyMemory<byte> ReadRequired(Descriptor blob) =>
        read(blob) ?? throw StoreDiagnostics.BlobMissing(blob.Digest, layout.LocationOf(blob.Digest));

    private ImageTarException NotAnImage(Descriptor target) =>
        StoreDiagnostics.NotAnImage(target.Digest, Describe(target), layout.LocationOf(target.Digest));

    /// <summary>Describes a target that is not an image, for a message.</summary>
    private string Describe(Descriptor target)
    {
        if (MediaTypes.IsIndex(target.MediaType))
        {
            var children = Manifests(target);
            return children.Count == 0
                ? "an image index of which no manifest is in the store"
                : $"an image index; its first manifest is {Describe(children[0])}";
        }

        if (!MediaTypes.IsManifest(target.MediaType) || read(target) is not { } raw)
        {
            return $"content with \"mediaType\" \"{UntrustedText.Show(target.MediaType)}\"";
        }

        var manifest = Parse(target, raw);
        if (target.IsAttestation || manifest.Layers.Any(layer => layer.MediaType == "application/vnd.in-toto+json"))
        {
            return "an attestation about an image";
        }

        if (!MediaTypes.IsConfig(manifest.Config.MediaType))
        {
            return "an artifact: its configuration has "
                + $"\"mediaType\" \"{UntrustedText.Show(manifest.Config.MediaType)}\"";
        }

        var foreignLayer = manifest.Layers.FirstOrDefault(layer => !MediaTypes.IsLayer(layer.MediaType));
        return $"an artifact: it has a layer with \"mediaType\" \"{UntrustedText.Show(foreignLayer?.MediaType)}\"";
    }
}
