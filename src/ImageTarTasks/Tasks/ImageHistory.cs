using System.Globalization;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Shows the steps that made an image, newest first, and the size each added.</summary>
[MSBuildMultiThreadableTask]
[Verb("history", "image history", Example = "imagetar history --no-trunc busybox:1.36")]
public sealed class ImageHistory : ListingTask
{
    private const string Missing = "<missing>";
    private const int CreatedByWidth = 45;

    /// <summary>
    /// Times up to this one are not shown as ages: reproducible builds write 0, the start of 1980, or none.
    /// </summary>
    private static readonly DateTimeOffset EarliestCredibleTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, string> Headings = new(StringComparer.Ordinal)
    {
        ["ID"] = "IMAGE",
        ["CreatedSince"] = "CREATED",
        ["CreatedAt"] = "CREATED AT",
        ["CreatedBy"] = "CREATED BY",
        ["Size"] = "SIZE",
        ["Comment"] = "COMMENT",
    };

    /// <summary>The image: a name, an ID, or the first digits of one.</summary>
    [Required, Argument(0, "IMAGE")]
    public string Image { get; set; } = "";

    /// <summary>Print sizes and times for people; --human=false prints bytes and RFC 3339.</summary>
    [Option("-H", "--human")]
    public bool Human { get; set; } = true;

    /// <summary>
    /// The platform to show of an image for several, such as linux/arm64. [default: the one of this machine]
    /// </summary>
    [Option(ValueName = "OS/ARCH")]
    public string? Platform { get; set; }

    /// <summary>
    /// The steps, newest first: the image ID or &lt;missing&gt;, with the metadata Created, CreatedBy, Comment, Size
    /// (bytes) and DiffId (none for a step without a layer).
    /// </summary>
    [Output]
    public ITaskItem[] Steps { get; set; } = [];

    private protected override void Run(ImageStore store)
    {
        var image = store.OpenImage(store.Find(Image).Target, OptionValues.ParsePlatform(Platform));
        var sizes = new LayerSizes(store, Reporter, CancellationToken);
        var steps = PairWithLayers(image)
            .Reverse()
            .Select(
                (step, number) =>
                    (
                        step.Entry,
                        step.Layer,
                        Size: step.Layer is { } layer ? sizes.GetSize(layer) : 0,
                        IsNewest: number == 0
                    )
            )
            .ToArray();
        var time = Human ? "{{.CreatedSince}}" : "{{.CreatedAt}}";
        var listing = new Listing(
            $"{{{{.ID}}}}\t{time}\t{{{{.CreatedBy}}}}\t{{{{.Size}}}}\t{{{{.Comment}}}}",
            Headings
        );
        Print(
            listing,
            steps.Select(step =>
                CreateRow(
                    step.IsNewest
                        ? NoTrunc
                            ? image.Id.ToString()
                            : image.Id.Short
                        : Missing,
                    step.Entry,
                    step.Size
                )
            )
        );
        Steps =
        [
            .. steps.Select(step =>
                TaskItems.Create(
                    step.IsNewest ? image.Id.ToString() : Missing,
                    ("Created", step.Entry.Created is { } created ? GoTime.Format(created) : null),
                    ("CreatedBy", step.Entry.CreatedBy),
                    ("Comment", step.Entry.Comment),
                    ("Size", TaskItems.FormatNumber(step.Size)),
                    ("DiffId", step.Layer?.DiffId.ToString())
                )
            ),
        ];
    }

    /// <summary>
    /// Pairs each step with its layer. Steps that made a layer take the layers in order (image-spec config.md
    /// "history").
    /// </summary>
    private static IEnumerable<(HistoryEntry Entry, Layer? Layer)> PairWithLayers(Image image)
    {
        var next = 0;
        return image.Config.History.Select(entry => (entry, entry.EmptyLayer ? (Layer?)null : image.Layers[next++]));
    }

    private RecordValue CreateRow(string id, HistoryEntry step, long size)
    {
        var by = step.CreatedBy.Replace('\t', ' ');
        var at = step.Created is { } created && created > EarliestCredibleTime ? created : (DateTimeOffset?)null;
        var createdAt = (step.Created ?? DateTimeOffset.UnixEpoch).UtcDateTime.ToString(
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            CultureInfo.InvariantCulture
        );
        return new RecordValue("*formatter.historyContext") { IsRow = true }
            .With("ID", new SafeText(id))
            .With(
                "CreatedSince",
                new SafeText(
                    !Human ? createdAt
                    : at is { } age ? FormatAge(age)
                    : "N/A"
                )
            )
            .With("CreatedAt", new SafeText(createdAt))
            .With("CreatedBy", NoTrunc ? by : DisplayWidth.Ellipsis(by, CreatedByWidth))
            .With("Size", new SafeText(Human ? HumanSize.Format(size) : TaskItems.FormatNumber(size)))
            .With("Comment", step.Comment);
    }
}
