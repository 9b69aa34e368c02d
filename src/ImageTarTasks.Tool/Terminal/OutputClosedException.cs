namespace ImageTarTasks.Tool.Terminal;

/// <summary>The reader of standard output closed it. Nothing more can be written.</summary>
internal sealed class OutputClosedException : OperationCanceledException
{
    /// <summary>Creates the exception for a failed write.</summary>
    public OutputClosedException(IOException cause)
        : base("the reader of the output went away", cause) { }
}
