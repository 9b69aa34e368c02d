using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool.CommandLine;

/// <summary>What a command line asks the tool to do.</summary>
internal abstract record ParsedCommand;

/// <summary>Print the version.</summary>
internal sealed record PrintVersion : ParsedCommand;

/// <summary>Print the help page of the program or a group.</summary>
internal sealed record ShowGroupHelp(CommandGroup Group) : ParsedCommand;

/// <summary>Print the help page of a verb.</summary>
/// <param name="Path">The path the user wrote, such as <c>image save</c>.</param>
/// <param name="Verb">The verb.</param>
internal sealed record ShowVerbHelp(string Path, Verb Verb) : ParsedCommand;

/// <summary>Run a verb.</summary>
internal sealed record RunVerb(Verb Verb, VerbWords Words) : ParsedCommand;

/// <summary>Print a usage error and run nothing.</summary>
internal sealed record ReportUsageError(UsageError Error) : ParsedCommand;
