namespace ImageTarTasks.Tool.CommandLine;

/// <summary>The error of a command line that cannot run.</summary>
/// <param name="Text">The text to print, safe for a terminal.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record UsageError(string Text, int ExitCode);
