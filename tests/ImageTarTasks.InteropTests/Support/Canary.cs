namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// Files outside everything the tool may touch, with a secret nothing may repeat; hostile inputs aim at them.
/// </summary>
internal sealed class Canary : IDisposable
{
    private const string Folder = "/var/lib/badinputs-canary";

    private readonly string[] _before;

    public Canary()
    {
        Directory.CreateDirectory(Folder + "/victim");
        foreach (var name in new[] { "secret.txt", "secret.json", "secret.tar", "victim/keep.txt" })
        {
            File.WriteAllText(Path.Combine(Folder, name), $"{{\"secret\":\"{Token}\"}}\n");
        }

        _before = Look();
    }

    /// <summary>The secret.</summary>
    public string Token { get; } = "canary-" + Guid.NewGuid().ToString("n");

    /// <summary>What happened to the files, or null.</summary>
    public string? Harm()
    {
        var now = Look();
        return now.SequenceEqual(_before)
            ? null
            : $"{Folder} was {string.Join(", ", _before)} and is {string.Join(", ", now)}";
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string[] Look() =>
        [
            .. new DirectoryInfo(Folder)
                .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Select(file => $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.UnixFileMode}")
                .Order(StringComparer.Ordinal),
        ];
}
