using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Tests.Support;

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingReporter : IReporter
{
    public List<string> Results { get; } = [];

    public List<string> Details { get; } = [];

    public List<Diagnostic> Warnings { get; } = [];

    public List<(string Step, string Action, long Current, long? Total)> Steps { get; } = [];

    public void Result(string line) => Add(Results, line);

    public void Detail(string line) => Add(Details, line);

    public void Warn(Diagnostic diagnostic) => Add(Warnings, diagnostic);

    public void Progress(string step, string action, long current, long? total) =>
        Add(Steps, (step, action, current, total));

    private static void Add<T>(List<T> list, T item)
    {
        lock (list)
        {
            list.Add(item);
        }
    }
}
