namespace ImageTarTasks.Tests.Support;

/// <summary>A folder of one test, removed with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Directory.CreateDirectory(Root);

    /// <summary>Short: podman takes no run folder of more than 50 characters.</summary>
    public string Root { get; } = Path.Combine(Path.GetTempPath(), "imagetar-" + Guid.NewGuid().ToString("n")[..16]);

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
