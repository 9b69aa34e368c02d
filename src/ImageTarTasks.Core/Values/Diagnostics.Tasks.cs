namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    /// <summary>ITT1010: the system refused to read or write somewhere no better is known about.</summary>
    public static ImageTarException InputOutputFailed(Exception failure) =>
        Error("ITT1010", UntrustedText.Show(failure.Message), failure is FileNotFoundException { FileName: { } name } ? new ContentLocation(name) : null, failure);
}
