using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Docker;

/// <summary>
/// Reads archives of Docker before 1.10 (moby image/spec v1.md): a folder for each layer with <c>json</c>
/// (configuration and parent) and <c>layer.tar</c>, and names in <c>repositories</c>. In this format every layer is an
/// image. Images with a name are read, and images that no other image is based on.
/// </summary>
internal sealed class LegacyImages(
    ArchiveContents contents,
    IBlobIngester ingester,
    DockerImages docker,
    ErrorPolicy errorPolicy
)
{
    public const string RepositoriesName = "repositories";

    private const string MemberSuffix = "/json";

    private readonly Dictionary<string, LegacyLayer> _layers = new(StringComparer.Ordinal);

    /// <summary>A layer's folder.</summary>
    private sealed record LegacyLayer(string Id, string? Parent, ReadOnlyMemory<byte> Json);

    /// <summary>Whether the archive has folders of this kind.</summary>
    public static bool ArePresentIn(ArchiveContents contents) => FolderIds(contents).Any();

    /// <summary>
    /// The images with their names: first those of <c>repositories</c> in its order, then those without a name.
    /// </summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx.</exception>
    public IReadOnlyList<DockerImage> Read()
    {
        foreach (var id in FolderIds(contents).Order(StringComparer.Ordinal))
        {
            _layers.Add(id, ReadLayer(id));
        }

        var names = ReadRepositories();
        var parents = _layers.Values.Select(layer => layer.Parent).ToHashSet(StringComparer.Ordinal);
        var leaves = _layers.Keys.Where(id => !parents.Contains(id)).Order(StringComparer.Ordinal);
        var images = names
            .Select(name => name.Id)
            .Concat(leaves)
            .Distinct(StringComparer.Ordinal)
            .Select(id =>
                errorPolicy.Try(() =>
                    new DockerImage(Compose(id), names.Where(name => name.Id == id).Select(name => name.Name).ToArray())
                )
            )
            .ToArray();
        return images.Length > 0
            ? images.OfType<DockerImage>().ToArray()
            : throw ArchiveDiagnostics.NothingToLoad(RepositoriesName, contents.Location.In(RepositoriesName));
    }

    private static IEnumerable<string> FolderIds(ArchiveContents contents) =>
        from name in contents.Names
        let units = name.Units
        where
            units.Length == 64 + MemberSuffix.Length
            && units.EndsWith(MemberSuffix, StringComparison.Ordinal)
            && Digest.IsLowerHex(units.AsSpan(0, 64))
            && contents.Has(units[..64] + "/layer.tar")
        select units[..64];

    private LegacyLayer ReadLayer(string id)
    {
        var name = id + MemberSuffix;
        var bytes =
            contents.ReadDocument(name)
            ?? throw ArchiveDiagnostics.MemberMissing(RepositoriesName, name, contents.Location);
        var parentId =
            StrictJson.Parse(bytes, "layer's json", contents.Location.In(name)).Object().Optional("parent")?.Text()
            ?? "";
        return new LegacyLayer(id, parentId.Length == 0 ? null : parentId, bytes);
    }

    private List<(string Id, ImageReference Name)> ReadRepositories()
    {
        var names = new List<(string Id, ImageReference Name)>();
        if (contents.ReadDocument(RepositoriesName) is not { } bytes)
        {
            return names;
        }

        foreach (
            var (repository, tags) in StrictJson
                .Parse(bytes, RepositoriesName, contents.Location.In(RepositoriesName))
                .Members()
        )
        {
            foreach (var (tag, id) in tags.Members())
            {
                names.Add(
                    (id.Text(), ImageReference.Parse($"{repository}:{tag}", contents.Location.In(RepositoriesName)))
                );
            }
        }

        return names;
    }

    /// <summary>The layer and all it is built on, as one image.</summary>
    private PlatformImage Compose(string id)
    {
        var chain = new List<LegacyLayer>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = id; at is not null; at = chain[^1].Parent)
        {
            if (!_layers.TryGetValue(at, out var layer))
            {
                throw ArchiveDiagnostics.BrokenParentChain(at, "is needed, and not in the archive", contents.Location);
            }

            if (!seen.Add(at) || chain.Count == Limits.Layers)
            {
                throw ArchiveDiagnostics.BrokenParentChain(
                    at,
                    "is its own ancestor, or has too many",
                    contents.Location
                );
            }

            chain.Add(layer);
        }

        chain.Reverse();
        var descriptors = new List<Descriptor>();
        var diffIds = new List<DiffId>();
        foreach (var layer in chain)
        {
            var name = ByteString.FromText(layer.Id + "/layer.tar");
            var blob = contents.GetBlob(name, layer.Id + MemberSuffix);
            var summary = LayerVerification.AsLayer(blob, contents.Location.In(name));
            descriptors.Add(new Descriptor(MediaTypes.OciLayerOf(summary.Compression), blob.Digest, blob.Size));
            diffIds.Add(summary.DiffId);
        }

        var raw = LegacyConfig.Convert(chain.Select(layer => layer.Json).ToArray(), diffIds);
        var location = contents.Location.In(id + MemberSuffix);
        return docker.Compose(ImageConfig.Parse(raw, location), ingester.Stage(raw), descriptors);
    }
}
