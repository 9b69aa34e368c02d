using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.Presentation;

/// <summary>How one verb lists its rows.</summary>
/// <param name="TableTemplate">The columns of its table: a template whose cells end in tabs.</param>
/// <param name="Headings">The heading of each field; a field without one is headed <c>&lt;no value&gt;</c>.</param>
/// <param name="RawTemplate">What <c>--format raw</c> means; null where that word means nothing.</param>
/// <param name="QuietRawTemplate">What <c>--format raw</c> means with <c>--quiet</c>.</param>
internal sealed record Listing(
    string TableTemplate,
    IReadOnlyDictionary<string, string> Headings,
    string? RawTemplate = null,
    string? QuietRawTemplate = null
)
{
    /// <summary>
    /// The lines of a listing, in Docker's <c>--format</c>: <c>table</c>, <c>table TEMPLATE</c>, <c>json</c>,
    /// <c>raw</c> or a template for each row.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1030.</exception>
    public IReadOnlyList<string> Render(string? format, bool quiet, IEnumerable<RecordValue> rows)
    {
        format = string.IsNullOrEmpty(format) ? "table" : format;
        if (format == "table")
        {
            format = quiet ? "{{.ID}}" : $"table {TableTemplate}";
        }
        else if (format == "raw" && RawTemplate is not null)
        {
            format = quiet ? QuietRawTemplate! : RawTemplate;
        }

        var isTable = format.StartsWith("table", StringComparison.Ordinal);
        var source =
            format == "json" ? "{{json .}}"
            : isTable ? format["table".Length..]
            : format;
        var template = Template.Parse(
            source
                .Trim(' ')
                .Replace("\\t", "\t", StringComparison.Ordinal)
                .Replace("\\n", "\n", StringComparison.Ordinal)
        );
        var lines = new List<string>();
        foreach (var row in rows)
        {
            lines.AddRange(template.Execute(row).Split('\n'));
        }

        if (!isTable)
        {
            return lines;
        }

        lines.InsertRange(0, template.ExecuteHeadings(CreateHeadingRow()).Split('\n'));
        return TextTable.Align(lines);
    }

    private RecordValue CreateHeadingRow()
    {
        var headings = new RecordValue("headings") { IsHeading = true };
        foreach (var (name, heading) in Headings)
        {
            headings.With(name, new SafeText(heading));
        }

        // A column of one label is headed by the end of the label's name.
        return headings.WithMethod("Label", label => label.Split('.')[^1].Replace('-', ' ').Replace('_', ' '));
    }
}
