using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Tests.Support;

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingReporter : IReporter
{
    public List<string> Results { get; } = [];

    public List<string> Details { get; } = [];

    public List<Diagnostic> Warnings { get; } = [];

    public List<(string Step, string Action, long Current, long? Total)> Steps { get; } = [];

    public void Result(string line) => Results.Add(line);

    public void Detail(string line) => Details.Add(line);

    public void Warn(Diagnostic diagnostic) => Warnings.Add(diagnostic);

    public void Progress(string step, string action, long current, long? total) =>
        Steps.Add((step, action, current, total));
}
