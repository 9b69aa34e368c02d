using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Reporting;

/// <summary>Passes everything on but progress.</summary>
internal sealed class NoProgressReporter(IReporter inner) : IReporter
{
    public void Result(string line) => inner.Result(line);

    public void Detail(string line) => inner.Detail(line);

    public void Warn(Diagnostic diagnostic) => inner.Warn(diagnostic);

    public void Progress(string step, string action, long current, long? total) { }
}

/// <summary>Wraps reporters.</summary>
internal static class ReporterExtensions
{
    /// <summary>The same without progress.</summary>
    public static IReporter WithoutProgress(this IReporter reporter) => new NoProgressReporter(reporter);
}
