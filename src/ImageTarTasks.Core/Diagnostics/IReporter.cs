namespace ImageTarTasks.Core.Diagnostics;

/// <summary>Where the core tells what it does: MSBuild's log on one side, a terminal on the other. Called from one thread at a time.</summary>
public interface IReporter
{
    /// <summary>A line that is a result of the verb (<c>Loaded image: ...</c>): standard output of the tool, a High message in a build.</summary>
    void Result(string line);

    /// <summary>A line of detail for whoever asks for it.</summary>
    void Detail(string line);

    /// <summary>A doubt that did not stop the work.</summary>
    void Warn(Diagnostic diagnostic);

    /// <summary>How far one step has come; called often, so it must be cheap, and by several threads when steps go on side by side.</summary>
    /// <param name="step">What moves, such as a layer's short digest.</param>
    /// <param name="action">What is done with it, such as <c>Loading layer</c>.</param>
    /// <param name="current">Bytes done.</param>
    /// <param name="total">Bytes in all, or null when unknown.</param>
    void Progress(string step, string action, long current, long? total);
}

/// <summary>Tells nobody.</summary>
internal sealed class SilentReporter : IReporter
{
    /// <summary>The only one needed.</summary>
    public static SilentReporter Instance { get; } = new();

    /// <inheritdoc/>
    public void Result(string line)
    {
    }

    /// <inheritdoc/>
    public void Detail(string line)
    {
    }

    /// <inheritdoc/>
    public void Warn(Diagnostic diagnostic)
    {
    }

    /// <inheritdoc/>
    public void Progress(string step, string action, long current, long? total)
    {
    }
}
