namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// One engine for the whole run, started when a test first asks for it. It keeps layers it has seen and then no longer
/// reads them: a test in which the engine judges bytes starts its own.
/// </summary>
[TestClass]
public static class SharedEngine
{
    private static readonly Lazy<DockerEngine> Running = new(DockerEngine.Start);

    internal static DockerEngine Get() => Running.Value;

    /// <summary>Stops the engine, if a test started it.</summary>
    [AssemblyCleanup]
    public static void Stop()
    {
        if (Running.IsValueCreated)
        {
            Running.Value.Dispose();
        }
    }
}
