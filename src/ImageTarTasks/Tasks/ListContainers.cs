using System.Globalization;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Lists containers, newest first. As with Docker, only running ones are listed without All, and here none ever runs.
/// </summary>
[MSBuildMultiThreadableTask]
[Verb("ps", "container ls", "container list", "container ps", Example = "imagetar ps -a")]
public sealed class ListContainers : ListingTask
{
    private const int CommandWidth = 20;

    private static readonly Dictionary<string, string> Headings = new(StringComparer.Ordinal)
    {
        ["ID"] = "CONTAINER ID",
        ["Image"] = "IMAGE",
        ["Command"] = "COMMAND",
        ["CreatedAt"] = "CREATED AT",
        ["RunningFor"] = "CREATED",
        ["Ports"] = "PORTS",
        ["State"] = "STATE",
        ["Status"] = "STATUS",
        ["Size"] = "SIZE",
        ["Names"] = "NAMES",
        ["Labels"] = "LABELS",
        ["Mounts"] = "MOUNTS",
        ["LocalVolumes"] = "LOCAL VOLUMES",
        ["Networks"] = "NETWORKS",
    };

    /// <summary>List containers that do not run, which here are all.</summary>
    [Option("-a", "--all")]
    public bool All { get; set; }

    /// <summary>List the newest container in any state.</summary>
    [Option("-l", "--latest")]
    public bool Latest { get; set; }

    /// <summary>List this many of the newest containers in any state.</summary>
    [Option("-n", "--last", ValueName = "NUMBER")]
    public string? Last { get; set; }

    /// <summary>Show sizes: of the container's own layers, and with its image's.</summary>
    [Option("-s", "--size")]
    public bool Size { get; set; }

    /// <summary>
    /// Only containers that fit, in every state: name=REGEX, id=PREFIX, label=KEY[=VALUE], ancestor=IMAGE,
    /// status=STATUS, before=CONTAINER, since=CONTAINER.
    /// </summary>
    [Option("-f", "--filter", ValueName = "FILTER")]
    public string[] Filter { get; set; } = [];

    /// <summary>The containers: their IDs, with the metadata Name, Image and ManifestDigest.</summary>
    [Output]
    public ITaskItem[] Containers { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var filter = ListFilter.Parse(Filter, "name", "id", "label", "ancestor", "status", "before", "since");
        var fits = CreatePredicate(store, filter);
        int? last = string.IsNullOrEmpty(Last)
            ? Latest
                ? 1
                : null
            : int.TryParse(Last, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw PresentationDiagnostics.InvalidNumber("--last", Last);
        var shown = All || last > 0 || filter["status"].Count > 0 ? store.Containers().Where(fits) : [];
        Container[] containers = [.. last > 0 ? shown.Take(last.Value) : shown];
        var sizes = new LayerSizes(store, Reporter, CancellationToken);
        Print(CreateListing(Size), containers.Select(container => CreateRow(store, container, sizes)));
        Containers =
        [
            .. containers.Select(c =>
                TaskItems.Create(
                    c.Id,
                    ("Name", c.Name),
                    ("Image", c.ImageName),
                    ("ManifestDigest", c.Image.Digest.Value)
                )
            ),
        ];
    }

    private static Listing CreateListing(bool showSize) =>
        new(
            "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
                + (showSize ? "\t{{.Size}}" : ""),
            Headings,
            "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: "
                + "{{.CreatedAt}}\nstate: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\n"
                + "labels: {{.Labels}}\nports: {{.Ports}}\n"
                + (showSize ? "size: {{.Size}}\n" : ""),
            "container_id: {{.ID}}"
        );

    private static Func<Container, bool> CreatePredicate(ImageStore store, ListFilter filter)
    {
        Regex[] names = [.. filter["name"].Select(ParseNamePattern)];
        Descriptor[] ancestors =
        [
            .. filter["ancestor"]
                .Select(name => store.TryFind(name))
                .OfType<StoredImage>()
                .SelectMany(image => store.Manifests(image.Target)),
        ];
        DateTimeOffset[] before = [.. filter["before"].Select(Created)];
        DateTimeOffset[] since = [.. filter["since"].Select(Created)];
        return container =>
            (names.Length == 0 || names.Any(name => name.IsMatch(container.Name) || name.IsMatch("/" + container.Name)))
            && (
                filter["id"].Count == 0 || filter["id"].Any(id => container.Id.StartsWith(id, StringComparison.Ordinal))
            )
            && (filter["status"].Count == 0 || filter["status"].Contains("created"))
            && (filter["ancestor"].Count == 0 || ancestors.Any(image => image.Digest == container.Image.Digest))
            && before.All(time => container.Created < time)
            && since.All(time => container.Created > time)
            && (
                filter["label"].Count == 0
                || (
                    store.TryOpenImage(container.Image) is { } image
                    && filter.MatchesLabels(image.Config.Settings.Labels)
                )
            );

        DateTimeOffset Created(string name) =>
            (store.FindContainer(name) ?? throw StoreDiagnostics.NoSuchContainer(name)).Created;
    }

    private static Regex ParseNamePattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw PresentationDiagnostics.InvalidFilter($"name={pattern}", e.Message);
        }
    }

    private RecordValue CreateRow(ImageStore store, Container container, LayerSizes sizes)
    {
        var image = store.TryOpenImage(container.Image);
        var labels = image?.Config.Settings.Labels;
        var command = string.Join(' ', container.Command);
        return new RecordValue("*formatter.ContainerContext") { IsRow = true }
            .With("ID", new SafeText(NoTrunc ? container.Id : container.Id[..12]))
            .With("Image", () => GetImageName(store, container, image))
            .With(
                "Command",
                new SafeText(GoText.Quote(NoTrunc ? command : DisplayWidth.Ellipsis(command, CommandWidth)))
            )
            .With(
                "CreatedAt",
                new SafeText(
                    GoText.FormatTime(DateTimeOffset.FromUnixTimeSeconds(container.Created.ToUnixTimeSeconds()))
                )
            )
            .With("RunningFor", new SafeText(FormatAge(container.Created)))
            .With("State", new SafeText("created"))
            .With("Status", new SafeText("Created"))
            .With("Ports", new SafeText(""))
            .With("Names", new SafeText(container.Name))
            .With(
                "Labels",
                string.Join(
                    ',',
                    (labels ?? new Dictionary<string, string>()).Select(label => $"{label.Key}={label.Value}")
                )
            )
            .With("Mounts", new SafeText(""))
            .With("LocalVolumes", new SafeText("0"))
            .With("Networks", new SafeText(""))
            .With("Size", () => new SafeText(FormatSize(container, image, sizes)))
            .WithMethod("Label", name => labels?.GetValueOrDefault(name) ?? "");
    }

    /// <summary>The name the image was given by, while that name still means it; else its ID.</summary>
    private string GetImageName(ImageStore store, Container container, Core.Oci.Image? image)
    {
        var id = image?.Id ?? new ImageId(container.Image.Digest);
        var named = store.TryFind(container.ImageName);
        return
            named is null
            || !store.Manifests(named.Target).Any(manifest => manifest.Digest == container.Image.Digest)
            || id.Matches(container.ImageName)
            ? NoTrunc
                ? id.ToString()
                : id.Short
            : container.ImageName;
    }

    private string FormatSize(Container container, Core.Oci.Image? image, LayerSizes sizes)
    {
        var own = container.Layers.Sum(sizes.GetSize);
        var all = Size && image is not null ? sizes.TryGetSize(image) + own : null;
        return HumanSize.Format(own) + (all is { } total ? $" (virtual {HumanSize.Format(total)})" : "");
    }
}
