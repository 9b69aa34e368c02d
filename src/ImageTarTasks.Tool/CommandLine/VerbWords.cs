using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>The words behind a verb, as its options and arguments.</summary>
/// <param name="Options">
/// The options with their values, in the order given. The value of a switch is true or false.
/// </param>
/// <param name="Arguments">The positional arguments.</param>
/// <param name="HelpRequested">Whether <c>--help</c> or <c>-h</c> is among the words.</param>
internal sealed record VerbWords(
    IReadOnlyList<(VerbOption Option, string Value)> Options,
    IReadOnlyList<string> Arguments,
    bool HelpRequested
);
