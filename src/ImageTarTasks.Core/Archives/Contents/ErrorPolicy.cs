using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>
/// What happens after an error in an archive. Loading stops at the first error; verifying collects it and continues.
/// </summary>
internal abstract class ErrorPolicy
{
    /// <summary>The first fault ends all.</summary>
    public static ErrorPolicy Stop { get; } = new Stopping();

    /// <summary>
    /// Whether an error was collected already. Errors that may only follow from it are then not reported.
    /// </summary>
    public abstract bool AnyMet { get; }

    /// <summary>Whether to check members as well that no image needs and that loading ignores.</summary>
    public abstract bool IsThorough { get; }

    /// <summary>Runs a check. Returns false when it failed and the work may continue.</summary>
    public abstract bool Passes(Action check);

    /// <summary>Computes a value. Returns null when that failed and the work may continue.</summary>
    public T? Try<T>(Func<T> make)
        where T : class
    {
        T? made = null;
        return Passes(() => made = make()) ? made : null;
    }

    private sealed class Stopping : ErrorPolicy
    {
        public override bool AnyMet => false;

        public override bool IsThorough => false;

        public override bool Passes(Action check)
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

    public override bool AnyMet => _found.Count > 0;

    public override bool IsThorough => true;

    public override bool Passes(Action check)
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
