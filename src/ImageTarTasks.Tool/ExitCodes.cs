namespace ImageTarTasks.Tool;

/// <summary>The exit codes of the process: Docker's where Docker has one, else those of POSIX shells.</summary>
internal static class ExitCodes
{
    /// <summary>The verb did what was asked.</summary>
    public const int Success = 0;

    /// <summary>The verb failed; standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>An option does not exist or lacks its value.</summary>
    public const int InvalidOption = 125;

    /// <summary>Stopped by Ctrl+C: 128 plus the number of SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of standard output closed it: 128 plus the number of SIGPIPE.</summary>
    public const int OutputClosed = 141;

    /// <summary>Asked to end: 128 plus the number of SIGTERM.</summary>
    public const int Terminated = 143;
}
