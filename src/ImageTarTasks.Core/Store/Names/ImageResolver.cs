using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>Finds the image behind a target: the manifest itself, or the one of an index that fits a platform.</summary>
/// <param name="read">The bytes of a document, verified, or null when it is absent.</param>
/// <param name="layout">The store, for messages.</param>
/// <param name="reporter">Told about images that cannot be read.</param>
internal sealed class ImageResolver(Func<Descriptor, ReadOnlyMemory<byte>?> read, StoreLayout layout, IReporter reporter)
{
    /// <summary>All manifests below a target that are present, attestations left out.</summary>
    public IReadOnlyList<Descriptor> Manifests(Descriptor target) =>
    [
        .. ContentGraph.Walk([target], read, layout.Where)
            .Where(node => node.Kind == ContentKind.Manifest && !node.Descriptor.IsAttestation && read(node.Descriptor) is not null)
            .Select(node => node.Descriptor),
    ];

    /// <summary>The image for a platform: the only one, or the best of an index (default: the host's, else the first).</summary>
    /// <exception cref="ImageTarException">ITT3012, ITT3013, ITT3020, ITT3021, ITT23xx.</exception>
    public Image Open(Descriptor target, Platform? platform)
    {
        if (!MediaTypes.IsIndex(target.MediaType))
        {
            var only = Load(target) ?? throw NotAnImage(target);
            return platform is null || platform.IsSatisfiedBy(only.Config.Platform)
                ? only
                : throw StoreDiagnostics.NoSuchPlatform(target.Digest.Value, platform, [only.Config.Platform]);
        }

        if (read(target) is null)
        {
            throw StoreDiagnostics.BlobMissing(target.Digest, layout.Where(target.Digest));
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

        var fitting = offered.FirstOrDefault(o => (platform ?? Platform.Host).IsSatisfiedBy(o.Platform)).Manifest;
        if (fitting is null && platform is not null)
        {
            throw StoreDiagnostics.NoSuchPlatform(target.Digest.Value, platform, offered.Select(o => o.Platform));
        }

        return Load(fitting ?? offered[0].Manifest) ?? throw NotAnImage(target);
    }

    /// <summary>
    /// The image for a platform (default: the host's, else the first); null when there is none, or when it is damaged, which is reported.
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

    /// <summary>What an index says its child runs on, or else what the child's configuration says; null when it is no image.</summary>
    private Platform? PlatformOf(Descriptor manifest) =>
        manifest.Platform is { } stated
            ? ImageManifest.Parse(Required(manifest), manifest.MediaType, layout.Where(manifest.Digest)).IsImage ? stated : null
            : Load(manifest)?.Config.Platform;

    private Image? Load(Descriptor target)
    {
        if (!MediaTypes.IsManifest(target.MediaType))
        {
            return null;
        }

        var manifest = ImageManifest.Parse(Required(target), target.MediaType, layout.Where(target.Digest));
        return manifest.IsImage ? Image.Parse(manifest, Required(manifest.Config), layout.Where(manifest.Config.Digest)) : null;
    }

    private ReadOnlyMemory<byte> Required(Descriptor blob) => read(blob) ?? throw StoreDiagnostics.BlobMissing(blob.Digest, layout.Where(blob.Digest));

    private ImageTarException NotAnImage(Descriptor target) => StoreDiagnostics.NotAnImage(target.Digest, WhatIs(target), layout.Where(target.Digest));

    /// <summary>What a target is that is no image, in words for a message.</summary>
    private string WhatIs(Descriptor target)
    {
        if (MediaTypes.IsIndex(target.MediaType))
        {
            var children = Manifests(target);
            return children.Count == 0 ? "an image index without a manifest that is there" : $"an image index; its first manifest is {WhatIs(children[0])}";
        }

        if (!MediaTypes.IsManifest(target.MediaType) || read(target) is not { } raw)
        {
            return $"content with \"mediaType\" \"{UntrustedText.Show(target.MediaType)}\"";
        }

        var manifest = ImageManifest.Parse(raw, target.MediaType, layout.Where(target.Digest));
        if (target.IsAttestation || manifest.Layers.Any(layer => layer.MediaType == "application/vnd.in-toto+json"))
        {
            return "an attestation about an image";
        }

        return MediaTypes.IsConfig(manifest.Config.MediaType)
            ? $"an artifact: it has a layer with \"mediaType\" \"{UntrustedText.Show(manifest.Layers.FirstOrDefault(layer => !MediaTypes.IsLayer(layer.MediaType))?.MediaType)}\""
            : $"an artifact: its configuration has \"mediaType\" \"{UntrustedText.Show(manifest.Config.MediaType)}\"";
    }
}
