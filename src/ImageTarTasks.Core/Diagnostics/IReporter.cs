namespace ImageTarTasks.Core.Diagnostics;

/// <summary>
/// Receives what the core reports. It writes to MSBuild's log in a build and to the terminal in the tool. Steps run in
/// parallel, so several threads may call any member at the same time.
/// </summary>
public interface IReporter
{
    /// <summary>
    /// Reports a result line of the verb (<c>Loaded image: ...</c>): standard output of the tool, a High message in a
    /// build.
    /// </summary>
    void Result(string line);

    /// <summary>Reports a line of detail.</summary>
    void Detail(string line);

    /// <summary>Reports a warning. The work goes on.</summary>
    void Warn(Diagnostic diagnostic);

    /// <summary>
    /// Reports the progress of one step. Called often, so it must be fast.
    /// </summary>
    /// <param name="step">The step, such as a layer's short digest.</param>
    /// <param name="action">The action, such as <c>Loading layer</c>.</param>
    /// <param name="current">Bytes done.</param>
    /// <param name="total">Bytes in total, or null when unknown.</param>
    void Progress(string step, string action, long current, long? total);
}

/// <summary>A reporter that ignores everything.</summary>
internal sealed class SilentReporter : IReporter
{
    /// <summary>The only instance.</summary>
    public static SilentReporter Instance { get; } = new();

    /// <inheritdoc/>
    public void Result(string line) { }

    /// <inheritdoc/>
    public void Detail(string line) { }

    /// <inheritdoc/>
    public void Warn(Diagnostic diagnostic) { }

    /// <inheritdoc/>
    public void Progress(string step, string action, long current, long? total) { }
}
