using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.TaskBases;

/// <summary>The base of tasks that print all details of something.</summary>
public abstract class InspectTask : ImageTask
{
    /// <summary>What to inspect: names or IDs. All are tried, whatever happens to the others.</summary>
    [Microsoft.Build.Framework.Required, Argument(0, "NAME|ID")]
    public string[] Names { get; set; } = [];

    /// <summary>How to print: json, or a template of Go's for each; indented JSON when it is not given.</summary>
    [Option("-f", "--format", ValueName = "FORMAT")]
    public string? Format { get; set; }

    private protected sealed override void Run(ImageStore store)
    {
        var template = string.IsNullOrEmpty(Format) ? null : Template.ParseFormat(Format);
        var found = new List<RecordValue>();
        ForEachArgument(Names, name => found.Add(Inspect(store, name)));
        var text = template is null
            ? ValueJson.Write(new ListValue(found), "    ")
            : string.Join('\n', found.Select(template.Execute));
        if (template is null || found.Count > 0)
        {
            foreach (var line in text.Split('\n'))
            {
                Reporter.Result(line);
            }
        }
    }

    /// <summary>All details of one object.</summary>
    /// <exception cref="ImageTarException">It does not exist.</exception>
    private protected abstract RecordValue Inspect(ImageStore store, string name);
}
