namespace ImageTarTasks.Tests.Support;

/// <summary>A folder of one test, removed with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "imagetar-tests-" + Guid.NewGuid().ToString("n"));

    /// <summary>An absolute path below the folder; the folders above it are made.</summary>
    public string this[string name]
    {
        get
        {
            var path = Path.Combine(Root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return path;
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
