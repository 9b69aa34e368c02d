using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Reporting;

/// <summary>What tasks tell beyond what the core does. Whatever is given is one line, and is made safe to print here, not by the caller.</summary>
internal interface ITaskReporter : IReporter
{
    /// <summary>The one line about what a task did that a build shows; the verb of the tool, like Docker's, says nothing there.</summary>
    void Summary(string line);

    /// <summary>A failure that was asked to be tolerated.</summary>
    void Note(Diagnostic diagnostic);

    /// <summary>A failure: the task will return false.</summary>
    void Error(Diagnostic diagnostic);
}

/// <summary>The streams of a process that a verb may read an archive from and write one to, and its reporter.</summary>
/// <param name="Input">Standard input, as bytes.</param>
/// <param name="Output">Standard output, as bytes.</param>
/// <param name="Reporter">Lines for people.</param>
internal sealed record StandardStreams(Stream Input, Stream Output, ITaskReporter Reporter)
{
    /// <summary>Whether a person types the input: no archive will come from there.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Whether a person reads the output: no archive may go there.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>The columns of the terminal, or null when there is none.</summary>
    public int? Width { get; init; }
}
