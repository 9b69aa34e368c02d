using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Reporting;

/// <summary>
/// What tasks report in addition to the core. Each text is one line. The reporter makes it safe to print.
/// </summary>
internal interface ITaskReporter : IReporter
{
    /// <summary>
    /// Reports the line about the result that a build shows. The tool prints nothing here, like Docker.
    /// </summary>
    void Summary(string line);

    /// <summary>Asks the user. In a build nobody can answer, and the answer is yes.</summary>
    /// <param name="lines">What is going to happen.</param>
    /// <param name="question">The question, without the choices.</param>
    bool Confirm(IReadOnlyList<string> lines, string question);

    /// <summary>A failure that was asked to be tolerated.</summary>
    void Note(Diagnostic diagnostic);

    /// <summary>A failure: the task will return false.</summary>
    void Error(Diagnostic diagnostic);
}

/// <summary>The standard streams of a process, for verbs that read or write archives there, and its reporter.</summary>
/// <param name="Input">Standard input, as bytes.</param>
/// <param name="Output">Standard output, as bytes.</param>
/// <param name="Reporter">Lines for people.</param>
internal sealed record StandardStreams(Stream Input, Stream Output, ITaskReporter Reporter)
{
    /// <summary>Whether the input is a terminal. Then no archive is read from it.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Whether the output is a terminal. Then no archive is written to it.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>The columns of the terminal, or null when there is none.</summary>
    public int? Width { get; init; }
}
