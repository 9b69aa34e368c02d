namespace ImageTarTasks.Tool;

/// <summary>What the process says by its exit code; Docker's numbers where Docker has one.</summary>
internal static class ExitCodes
{
    /// <summary>The verb did what it was asked for.</summary>
    public const int Success = 0;

    /// <summary>It did not, and standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>An option that does not exist or lacks its value.</summary>
    public const int InvalidOption = 125;

    /// <summary>Stopped by Ctrl+C: 128 and the signal's number, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read the output went away: 128 and the number of SIGPIPE.</summary>
    public const int OutputClosed = 141;

    /// <summary>Asked to end: 128 and the number of SIGTERM.</summary>
    public const int Terminated = 143;
}
