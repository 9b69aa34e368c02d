using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Archives.Oci;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>
/// Decides which images an archive has. Both index.json and manifest.json may exist (Docker 25 and later, BuildKit,
/// this project). Then index.json gives the images with their own manifests, and manifest.json adds names and the
/// images that Docker leaves out of index.json. When the two contradict each other, nothing is loaded.
/// </summary>
internal sealed class ArchiveImages(
    ArchiveContents contents,
    IBlobIngester ingester,
    ErrorPolicy errorPolicy,
    IReporter reporter
)
{
    private readonly List<ArchiveTarget> _targets = [];
    private readonly Dictionary<Digest, ArchiveTarget> _byDigest = [];
    private readonly Dictionary<Digest, ArchiveTarget> _byImageId = [];
    private readonly Dictionary<ImageReference, ArchiveTarget> _byName = [];

    /// <summary>Everything to publish, in the archive's order, each target once.</summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx, ITT1001 for a name.</exception>
    public IReadOnlyList<ArchiveTarget> Decide()
    {
        var docker = new DockerImages(contents, ingester, errorPolicy);
        var dockerImages = Document(DockerManifest.FileName) is { } manifest
            ? errorPolicy.Try(() => docker.Read(manifest)) ?? []
            : [];
        if (Document(OciLayout.IndexFile) is { } index)
        {
            errorPolicy.TryRun(() => AddLayout(index, dockerImages));
        }
        else if (!HasIndex && !contents.Has(DockerManifest.FileName))
        {
            dockerImages = ReadLegacy(docker);
        }

        if (_targets.Count == 0 && dockerImages.Count == 0 && !errorPolicy.HasErrors)
        {
            var document = HasIndex ? OciLayout.IndexFile : DockerManifest.FileName;
            throw ArchiveDiagnostics.NothingToLoad(document, contents.Location.In(document));
        }

        AddDocker(dockerImages, inLayout: HasIndex && _targets.Count > 0);
        return _targets;
    }

    private bool HasIndex => contents.Has(OciLayout.IndexFile);

    private ReadOnlyMemory<byte>? Document(string name)
    {
        ReadOnlyMemory<byte>? bytes = null;
        errorPolicy.TryRun(() => bytes = contents.ReadDocument(name));
        return bytes;
    }

    private IReadOnlyList<DockerImage> ReadLegacy(DockerImages docker)
    {
        if (LegacyImages.ArePresentIn(contents))
        {
            return new LegacyImages(contents, ingester, docker, errorPolicy).Read();
        }

        throw contents.IsEmpty ? ArchiveDiagnostics.EmptyArchive("the archive has no member", contents.Location)
        : contents.Has(OciLayout.LayoutFile) ? ArchiveDiagnostics.LayoutWithoutIndex(contents.Location)
        : ArchiveDiagnostics.RootFilesystem("tar", contents.Location);
    }

    private void AddLayout(ReadOnlyMemory<byte> indexJson, IReadOnlyList<DockerImage> dockerImages)
    {
        var byConfig = new Dictionary<Digest, DockerImage>();
        foreach (var image in dockerImages)
        {
            byConfig.TryAdd(image.Image.Image.Manifest.Config.Digest, image);
        }

        var bareNames = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var entry in new OciLayoutImages(contents, byConfig.Keys.ToHashSet(), errorPolicy).Read(indexJson))
        {
            var target = entry.ReplacedBy is { } config
                ? AddTarget(byConfig[config].Image.Manifest, [byConfig[config].Image])
                : AddTarget(entry.Descriptor, entry.Images, entry.Missing);
            if (entry.ReplacedBy is not null)
            {
                reporter.Detail(
                    $"the manifest {entry.Descriptor.Digest} contradicts its configuration; the image was "
                        + $"taken from manifest.json"
                );
            }

            errorPolicy.TryRun(() => NameLayout(entry.Descriptor, target, bareNames));
        }
    }

    private void NameLayout(Descriptor descriptor, ArchiveTarget target, Dictionary<string, Digest> bareNames)
    {
        if (LayoutName(descriptor, bareNames) is { } name)
        {
            AddName(name, target, OciLayout.IndexFile);
        }
        else if (descriptor.Annotation(OciLayout.RefNameAnnotation) is { } label)
        {
            target.Labels.Add(label);
        }
    }

    private void AddDocker(IReadOnlyList<DockerImage> images, bool inLayout)
    {
        foreach (var image in images)
        {
            errorPolicy.TryRun(() => AddDocker(image, inLayout));
        }
    }

    private void AddDocker(DockerImage dockerImage, bool inLayout)
    {
        var (image, names) = dockerImage;

        // Images that index.json lists keep its manifests. Docker leaves images without a name out of index.json.
        var known = inLayout && _byImageId.TryGetValue(image.Image.Id.Digest, out var target) ? target : null;
        if (inLayout && known is null && names.Count > 0 && !errorPolicy.HasErrors)
        {
            throw ArchiveDiagnostics.DocumentsDisagree(names[0].Familiar, contents.Location);
        }

        known ??= AddTarget(image.Manifest, [image]);
        foreach (var name in names)
        {
            if (!_byName.TryGetValue(name, out var named))
            {
                AddName(name, known, DockerManifest.FileName);
            }
            else if (named.Images.All(one => one.Image.Id != image.Image.Id))
            {
                throw inLayout
                    ? ArchiveDiagnostics.DocumentsDisagree(name.Familiar, contents.Location)
                    : ArchiveDiagnostics.AmbiguousName(name.Familiar, DockerManifest.FileName, contents.Location);
            }
        }
    }

    private ArchiveTarget AddTarget(
        Descriptor descriptor,
        IReadOnlyList<PlatformImage> images,
        IReadOnlyList<Descriptor>? missing = null
    )
    {
        if (!_byDigest.TryGetValue(descriptor.Digest, out var target))
        {
            // The annotations of the entry name the image in that archive. Here its names are kept separately.
            target = new ArchiveTarget(descriptor with { Annotations = [], Platform = null, Urls = [] }, images)
            {
                Missing = missing ?? [],
            };
            _byDigest.Add(descriptor.Digest, target);
            _targets.Add(target);
            foreach (var image in images)
            {
                _byImageId.TryAdd(image.Image.Id.Digest, target);
            }
        }

        return target;
    }

    private void AddName(ImageReference name, ArchiveTarget target, string document)
    {
        if (name.IsDigestAlgorithm)
        {
            throw ArchiveDiagnostics.NameNotATag(
                name.Familiar,
                "the name of a digest algorithm cannot be the name of an image",
                contents.Location.In(document)
            );
        }

        if (!_byName.TryAdd(name, target) && _byName[name] != target)
        {
            throw ArchiveDiagnostics.AmbiguousName(name.Familiar, document, contents.Location);
        }

        target.AddName(name);
    }

    /// <summary>
    /// The name of an entry of index.json. containerd's annotation is a whole reference. The OCI annotation is a
    /// reference or only a tag (<c>v9</c>, which skopeo writes for <c>oci-archive:f.tar:v9</c>). A tag alone names no
    /// repository, so the image stays without a name.
    /// </summary>
    private ImageReference? LayoutName(Descriptor descriptor, Dictionary<string, Digest> bareNames)
    {
        var location = contents.Location.In(OciLayout.IndexFile);
        if (descriptor.Annotation(OciLayout.ContainerdNameAnnotation) is { } containerdName)
        {
            return WithoutDigest(ImageReference.Parse(containerdName, location));
        }

        if (descriptor.Annotation(OciLayout.RefNameAnnotation) is not { } refName)
        {
            return null;
        }

        if (!bareNames.TryAdd(refName, descriptor.Digest) && bareNames[refName] != descriptor.Digest)
        {
            throw ArchiveDiagnostics.AmbiguousName(refName, OciLayout.IndexFile, contents.Location);
        }

        var isWhole =
            ImageReference.TryParse(refName, out var reference, out _)
            && (
                reference.Tag is not null
                || reference.Digest is not null
                || refName.Contains('/', StringComparison.Ordinal)
            );
        if (!isWhole)
        {
            reporter.Detail(
                $"index.json calls the image {descriptor.Digest} \"{UntrustedText.Show(refName)}\", which "
                    + $"is no repository and tag: it is loaded without a name"
            );
            return null;
        }

        return WithoutDigest(reference!);
    }

    /// <summary>
    /// A name that can be given: with the tag latest when it has none, and none when it is only a digest.
    /// </summary>
    private static ImageReference? WithoutDigest(ImageReference reference) =>
        reference.Digest is null ? reference.OrLatest()
        : reference.Tag is { } tag ? reference.WithTag(tag)
        : null;
}
