using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// A prepared store, and a fresh copy of it for each run of a verb under strace: an image of two names, one without a
/// name, and a container with a layer of its own. Beside it are archives and an empty folder for outputs.
/// </summary>
internal sealed class StoreTrial : IDisposable
{
    public StoreTrial()
    {
        new HandMadeImage("app:1", OddLayers.Agreed()).Write(Folder["app.tar"]);
        new HandMadeImage("more:1", [.. OddLayers.Agreed().Take(1)]).Write(Folder["more.tar"]);
        new HandMadeImage("untagged:1", [.. OddLayers.Agreed().Take(2)]).Write(Folder["untagged.tar"]);
        File.WriteAllBytes(Folder["root.tar"], OddLayers.Agreed()[0]);
        var prepared = new Imagetar(Prepared);
        prepared.Run("load", "-i", Folder["untagged.tar"]);
        prepared.Run("load", "-i", Folder["app.tar"]);
        prepared.Run("tag", "app:1", "untagged:1");
        prepared.Run("rmi", "untagged:1");
        prepared.Run("tag", "app:1", "app:spare");
        prepared.Run("create", "--name", "one", "app:1");
        prepared.Run("cp", Folder["root.tar"], "one:/first");
        Imagetar = new Imagetar(Folder["store"]);
    }

    public TestFolder Folder { get; } = new();

    /// <summary>The folder of the prepared store.</summary>
    public string Prepared => Folder["prepared"];

    /// <summary>The tool on the copy.</summary>
    public Imagetar Imagetar { get; }

    /// <summary>The file with the last trace.</summary>
    public string TraceFile => Folder["trace"];

    public void Dispose() => Folder.Dispose();

    /// <summary>A store as prepared, and an empty folder <c>output</c>.</summary>
    public void Begin() => Programs.Shell("rm -rf store output; cp -a prepared store; mkdir output", Folder.Root);

    /// <summary>Runs a verb in the trial's folder.</summary>
    public ProgramResult Run(params string[] verb) => Imagetar.Try(verb, new ProgramOptions { Folder = Folder.Root });

    /// <summary>Runs a verb under strace with some of its options.</summary>
    public ProgramResult Trace(IReadOnlyList<string> options, IReadOnlyList<string> verb) =>
        Programs.Try(
            "strace",
            ["-f", "-qq", .. options, "-o", TraceFile, Imagetar.Executable, .. verb],
            new ProgramOptions
            {
                Folder = Folder.Root,
                Environment = new Dictionary<string, string?>
                {
                    ["IMAGETAR_STORE"] = Imagetar.Store,
                    ["DOTNET_EnableDiagnostics"] = "0",
                },
            }
        );
}
