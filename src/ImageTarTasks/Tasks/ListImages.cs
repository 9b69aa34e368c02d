using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Lists the images of the store, newest first, a row for each name.</summary>
[MSBuildMultiThreadableTask]
[Verb("images", "image ls", "image list", Example = "imagetar images --digests 'acme/*'")]
public sealed class ListImages : ListingTask
{
    private static readonly Dictionary<string, string> Headings = new(StringComparer.Ordinal)
    {
        ["ID"] = "IMAGE ID",
        ["Repository"] = "REPOSITORY",
        ["Tag"] = "TAG",
        ["Digest"] = "DIGEST",
        ["CreatedSince"] = "CREATED",
        ["CreatedAt"] = "CREATED AT",
        ["Size"] = "SIZE",
        ["Containers"] = "CONTAINERS",
        ["VirtualSize"] = "SIZE",
        ["SharedSize"] = "SHARED SIZE",
        ["UniqueSize"] = "UNIQUE SIZE",
    };

    /// <summary>Only images of this name; * and ? match within a part of it.</summary>
    [Argument(0, "REPOSITORY[:TAG]", IsOptional = true)]
    public string? Reference { get; set; }

    /// <summary>Accepted for compatibility with Docker; has no effect.</summary>
    [Option("-a", "--all")]
    public bool All { get; set; }

    /// <summary>Show the digests of the manifests.</summary>
    [Option]
    public bool Digests { get; set; }

    /// <summary>
    /// Only rows that fit: dangling=true|false, label=KEY[=VALUE], reference=PATTERN, before=IMAGE, since=IMAGE,
    /// until=TIME.
    /// </summary>
    [Option("-f", "--filter", ValueName = "FILTER")]
    public string[] Filter { get; set; } = [];

    /// <summary>
    /// Only images for this platform, such as linux/arm64. [default: of an image for several, the one of this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>
    /// The images: first name or ID, with the metadata ImageId, ManifestDigest, References, Platform, Size and Layers.
    /// </summary>
    [Output]
    public ITaskItem[] Images { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var platform = OptionValues.ParsePlatform(Platform);
        var filter = ListFilter.Parse(Filter, "dangling", "label", "reference", "before", "since", "until");
        var fits = CreatePredicate(store, filter);
        PathGlob[] names =
        [
            .. filter["reference"]
                .Append(Reference)
                .OfType<string>()
                .Where(p => p.Length > 0)
                .Select(p => PathGlob.Parse("reference", p)),
        ];
        var listed = new List<(StoredImage Image, IReadOnlyList<ImageReference> References)>();
        foreach (var stored in store.List())
        {
            var image = platform is null ? stored : stored with { Image = store.TryOpenImage(stored.Target, platform) };
            if ((platform is not null && image.Image is null) || !fits(image))
            {
                continue;
            }

            ImageReference[] references =
                names.Length == 0
                    ? [.. image.References]
                    :
                    [
                        .. image.References.Where(r =>
                            names.Any(n => Matches(n, r.Familiar) || Matches(n, r.FamiliarRepository))
                        ),
                    ];
            if (references.Length > 0 || (names.Length == 0 && image.References.Count == 0))
            {
                listed.Add((image, references));
            }
        }

        var sizes = new LayerSizes(store, Reporter, CancellationToken);
        Print(CreateListing(Digests), listed.SelectMany(row => CreateRows(store, row.Image, row.References, sizes)));
        Images = [.. listed.Select(row => ImageItem.Create(row.Image, row.References))];
    }

    private static Listing CreateListing(bool showDigests) =>
        new(
            $"{{{{.Repository}}}}\t{{{{.Tag}}}}\t{(showDigests ? "{{.Digest}}\t" : "")}{{{{.ID}}}}\t{{{{if "
                + $".CreatedSince}}}}{{{{.CreatedSince}}}}{{{{else}}}}N/A{{{{end}}}}\t{{{{.Size}}}}",
            Headings,
            $"repository: {{{{.Repository}}}}\ntag: {{{{.Tag}}}}\n"
                + $"{(showDigests ? "digest: {{.Digest}}\n" : "")}image_id: {{{{.ID}}}}\ncreated_at: "
                + $"{{{{.CreatedAt}}}}\nvirtual_size: {{{{.Size}}}}\n",
            "image_id: {{.ID}}"
        );

    /// <summary>Combines all filters except those on names.</summary>
    private Func<StoredImage, bool> CreatePredicate(ImageStore store, ListFilter filter)
    {
        var dangling = filter.GetBoolean("dangling");
        DateTimeOffset[] before =
        [
            .. filter["before"].Select(name => GetCreated(store.Find(name))),
            .. filter.GetTimes("until", Clock),
        ];
        DateTimeOffset[] since = [.. filter["since"].Select(name => GetCreated(store.Find(name)))];
        return image =>
            (dangling is null || dangling == (image.References.Count == 0))
            && before.All(time => GetCreated(image) < time)
            && since.All(time => GetCreated(image) > time)
            && (
                filter["label"].Count == 0
                || (image.Image is { } labelled && filter.MatchesLabels(labelled.Config.Settings.Labels))
            );
    }

    private static bool Matches(PathGlob pattern, string name) => pattern.Matches(ByteString.FromText(name));

    private static DateTimeOffset GetCreated(StoredImage image) =>
        image.Image?.Config.Created ?? DateTimeOffset.MinValue;

    private IEnumerable<RecordValue> CreateRows(
        ImageStore store,
        StoredImage image,
        IReadOnlyList<ImageReference> references,
        LayerSizes sizes
    )
    {
        if (references.Count == 0)
        {
            return [Row("<none>", "<none>", "<none>")];
        }

        return references.Select(reference =>
            Row(reference.FamiliarRepository, reference.Tag ?? "<none>", image.Target.Digest.Value)
        );

        RecordValue Row(string repository, string tag, string digest)
        {
            var created = image.Image?.Config.Created;
            var size = new Lazy<long?>(() =>
                image.Image is { } sized
                    ? sizes.TryGetSize(sized)
                    : store.Reachable(image.Target).Where(store.Has).Sum(blob => blob.Size)
            );
            return new RecordValue("*formatter.imageContext") { IsRow = true }
                .With("ID", new SafeText(NoTrunc ? image.Id.ToString() : image.Id.Short))
                .With("Repository", new SafeText(repository))
                .With("Tag", new SafeText(tag))
                .With("Digest", new SafeText(digest))
                .With("CreatedSince", new SafeText(created is { } age ? FormatAge(age) : ""))
                .With(
                    "CreatedAt",
                    new SafeText(
                        GoText.FormatTime(
                            DateTimeOffset.FromUnixTimeSeconds((created ?? DateTimeOffset.MinValue).ToUnixTimeSeconds())
                        )
                    )
                )
                .With("Size", () => new SafeText(size.Value is { } bytes ? HumanSize.Format(bytes) : "N/A"))
                .With("Containers", new SafeText("N/A"))
                .With("SharedSize", new SafeText("N/A"))
                .With("UniqueSize", new SafeText("N/A"))
                .With("VirtualSize", () => new SafeText(size.Value is { } bytes ? HumanSize.Format(bytes, 4) : "N/A"));
        }
    }
}
