using System.Reflection;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation;

namespace ImageTarTasks.TaskBases;

/// <summary>
/// The base of tasks whose verb can print its result as one JSON document for programs instead of lines for people.
/// </summary>
/// <remarks>
/// docs/reference/json.md has the rules and every document. A verb whose product itself goes to standard output refuses
/// <c>--json</c>.
/// </remarks>
public abstract class ResultTask : ImageTask
{
    /// <summary>Print the result as one JSON document instead of lines (docs/reference/json.md).</summary>
    [Option]
    public bool Json { get; set; }

    /// <summary>Tells the result: the lines, or with <see cref="Json"/> the document.</summary>
    /// <param name="lines">For people.</param>
    /// <param name="writeMembers">
    /// Writes the members of the document behind <c>schemaVersion</c> and <c>verb</c>.
    /// </param>
    private protected void WriteResult(IEnumerable<string> lines, Action<GoJsonWriter> writeMembers)
    {
        foreach (
            var line in Json
                ? [ResultDocument.Compose(GetType().GetCustomAttribute<VerbAttribute>()!.Paths[0], writeMembers)]
                : lines
        )
        {
            Reporter.Result(line);
        }
    }
}
