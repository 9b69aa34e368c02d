using ImageTarTasks.Options;
using ImageTarTasks.Presentation;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.TaskBases;

/// <summary>The base of tasks that list something, with Docker's ways of printing rows.</summary>
public abstract class ListingTask : ImageTask
{
    /// <summary>How to print: table, table TEMPLATE, json, or a template of Go's for each row.</summary>
    [Option(ValueName = "FORMAT")]
    public string? Format { get; set; }

    /// <summary>Print IDs only.</summary>
    [Option("-q", "--quiet")]
    public bool Quiet { get; set; }

    /// <summary>Print everything at full length.</summary>
    [Option]
    public bool NoTrunc { get; set; }

    /// <summary>The clock, for ages.</summary>
    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Prints rows as the options say.</summary>
    private protected void Print(Listing listing, IEnumerable<RecordValue> rows)
    {
        foreach (var line in listing.Render(Format, Quiet, rows))
        {
            Reporter.Result(line);
        }
    }

    /// <summary><c>3 weeks ago</c>.</summary>
    private protected string FormatAge(DateTimeOffset time) => $"{HumanAge.Format(Clock.GetUtcNow() - time)} ago";
}
