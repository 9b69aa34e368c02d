using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>What becomes of a fault in an archive: whoever loads stops at the first one, whoever verifies notes it and looks at the rest.</summary>
internal abstract class ErrorPolicy
{
    /// <summary>The first fault ends all.</summary>
    public static ErrorPolicy Stop { get; } = new Stopping();

    /// <summary>Whether one was met already: what depends on it need not be told apart.</summary>
    public abstract bool AnyMet { get; }

    /// <summary>Whether to look also at what no image needs, and loading ignores.</summary>
    public abstract bool IsThorough { get; }

    /// <summary>Does something that may meet a fault; false when it met one and work may go on.</summary>
    public abstract bool Passes(Action check);

    /// <summary>Makes something; null when a fault was met and work may go on.</summary>
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
