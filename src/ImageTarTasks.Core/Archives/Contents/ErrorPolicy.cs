using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>
/// What happens after an error in an archive. Loading stops at the first error; verifying collects it and continues.
/// </summary>
internal abstract class ErrorPolicy
{
    /// <summary>The first fault ends all.</summary>
    public static ErrorPolicy Stop { get; } = new StopOnFirstError();

    /// <summary>
    /// Whether an error was collected already. Errors that may only follow from it are then not reported.
    /// </summary>
    public abstract bool HasErrors { get; }

    /// <summary>Whether to check members as well that no image needs and that loading ignores.</summary>
    public abstract bool ChecksUnusedMembers { get; }

    /// <summary>Runs a check. Returns false when it failed and the work may continue.</summary>
    public abstract bool TryRun(Action check);

    /// <summary>Computes a value. Returns null when that failed and the work may continue.</summary>
    public T? Try<T>(Func<T> make)
        where T : class
    {
        T? made = null;
        return TryRun(() => made = make()) ? made : null;
    }

    private sealed class StopOnFirstError : ErrorPolicy
    {
        public override bool HasErrors => false;

        public override bool ChecksUnusedMembers => false;

        public override bool TryRun(Action check)
        {
            check();
            return true;
        }
    }
}

/// <summary>Collects faults, each once.</summary>
internal sealed class ErrorCollector : ErrorPolicy
{
    private readonly List<Diagnostic> _found = [];

    /// <summary>In the order they were met.</summary>
    public IReadOnlyList<Diagnostic> Found => _found;

    public override bool HasErrors => _found.Count > 0;

    public override bool ChecksUnusedMembers => true;

    public override bool TryRun(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ImageTarException fault)
        {
            if (!_found.Contains(fault.Diagnostic))
            {
                _found.Add(fault.Diagnostic);
            }

            return false;
        }
    }
}
