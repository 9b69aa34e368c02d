using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Docker;

/// <summary>An image that manifest.json describes, with the names it gives.</summary>
internal sealed record DockerImage(PlatformImage Image, IReadOnlyList<ImageReference> Names);

/// <summary>
/// Reads the images of manifest.json (moby image/tarexport). Such an archive has no image manifests. One is composed
/// for the configuration and the layers as they are, so the image ID stays, and the same archive always gives the same
/// manifest.
/// </summary>
internal sealed class DockerImages(ArchiveContents contents, IBlobIngester ingester, ErrorPolicy errorPolicy)
{
    private const string Document = DockerManifest.FileName;

    private readonly ForeignLayers _foreignLayers = new(contents);

    /// <summary>All sound images, in order.</summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx.</exception>
    public IReadOnlyList<DockerImage> Read(ReadOnlyMemory<byte> manifest) =>
        DockerManifest
            .Parse(manifest, contents.Location)
            .Select(entry => errorPolicy.Try(() => Resolve(entry)!))
            .OfType<DockerImage>()
            .ToArray();

    private DockerImage? Resolve(DockerManifestEntry entry)
    {
        var location = contents.Location.In(entry.Config);
        var blob = GetBlob(entry.Config, "Config");
        var config = ImageConfig.Parse(contents.Read(blob, "configuration", entry.Config), location);
        if (entry.Layers.Count != config.DiffIds.Count)
        {
            throw ArchiveDiagnostics.ListedLayersDiffer(
                entry.Layers.Count,
                config.DiffIds.Count,
                contents.Location.In(Document)
            );
        }

        var layers = entry
            .Layers.Select((member, i) => errorPolicy.Try(() => ResolveLayer(entry, member, i, config.DiffIds[i])))
            .ToArray();
        var names = entry.RepoTags.Select(tag => errorPolicy.Try(() => ParseTag(tag))).ToArray();
        return layers.Contains(null)
            ? null
            : new DockerImage(Compose(config, blob, layers!), names.OfType<ImageReference>().Distinct().ToArray());
    }

    /// <summary>Makes and stages the manifest of an image.</summary>
    public PlatformImage Compose(ImageConfig config, StagedBlob configBlob, IReadOnlyList<Descriptor> layers)
    {
        var manifest = ImageManifest.Compose(
            new Descriptor(MediaTypes.OciConfig, configBlob.Digest, configBlob.Size),
            layers
        );
        ingester.Stage(manifest.Raw);
        return new PlatformImage(manifest.Descriptor, new Image(manifest, config));
    }

    private Descriptor ResolveLayer(DockerManifestEntry entry, ByteString member, int number, DiffId diffId)
    {
        var foreign = entry.ForeignLayers.GetValueOrDefault(diffId.ToString());
        if (!contents.Has(member) && (foreign ?? _foreignLayers.Find(member)) is { } absent)
        {
            return new Descriptor(MediaTypes.OciLayerOf(absent.MediaType), absent.Digest, absent.Size)
            {
                Urls = absent.Urls,
            };
        }

        var location = contents.Location.In(member);
        var blob = GetBlob(member, $"Layers[{number}]");
        var layer = LayerVerification.AsLayer(blob, location);
        LayerVerification.CheckDiffId(layer, diffId, number, location);

        // An image with all its layers has the same manifest as one that lacks them, when these are the same bytes.
        return foreign is not null && foreign.Digest == blob.Digest && foreign.Size == blob.Size
            ? new Descriptor(MediaTypes.WithCompression(foreign.MediaType, layer.Compression), blob.Digest, blob.Size)
            {
                Urls = foreign.Urls,
            }
            : new Descriptor(MediaTypes.OciLayerOf(layer.Compression), blob.Digest, blob.Size);
    }

    private StagedBlob GetBlob(ByteString member, string field)
    {
        var blob = contents.GetBlob(member, $"{Document}: {field}");

        // In archives of Docker 25 and later the path states a digest, so the content must match it.
        if (OciLayout.DigestOf(member) is { } stated && stated != blob.Digest)
        {
            throw ArchiveDiagnostics.BlobPathMismatch(stated, blob.Digest, contents.Location.In(member));
        }

        return blob;
    }

    /// <summary>Parses a name. A name without a tag, as skopeo writes and reads it, gets the tag latest.</summary>
    private ImageReference ParseTag(string text)
    {
        var location = contents.Location.In(Document);
        var name = ImageReference.Parse(text, location);
        return name.Digest is null
            ? name.OrLatest()
            : throw ArchiveDiagnostics.NameNotATag(text, "a digest cannot be given as a name", location);
    }
}
