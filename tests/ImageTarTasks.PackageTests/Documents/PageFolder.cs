using ImageTarTasks.InteropTests.Support;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// An empty folder to run a page in. The tool is on PATH; both packages, under the version the pages name, are the only
/// package source; home folder, image store and the storage of podman are folders beside it.
/// </summary>
internal sealed class PageFolder : IDisposable
{
    private static readonly Lazy<bool> Released = new(Feed.Instance.PackRelease);

    private readonly string _parent = Path.Combine(Feed.Instance.Root, Guid.NewGuid().ToString("n")[..8]);

    public PageFolder(DockerEngine? engine = null)
    {
        Assert.IsTrue(Released.Value);
        Root = Path.Combine(_parent, "me");
        var home = Path.Combine(_parent, "home");
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(home);
        var storage = Path.Combine(home, "storage.conf");
        File.WriteAllText(
            storage,
            $"[storage]\ndriver = \"vfs\"\ngraphroot = \"{home}/containers\"\nrunroot = \"{home}/run\"\n"
        );
        Environment = new Dictionary<string, string>(
            Feed.Instance.WithStore(Path.Combine(_parent, "store")),
            StringComparer.Ordinal
        )
        {
            ["HOME"] = home,
            ["DOTNET_CLI_HOME"] = home,
            ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
            ["NUGET_PACKAGES"] = Path.Combine(home, "nuget"),
            ["CONTAINERS_STORAGE_CONF"] = storage,
            ["DOCKER_CONFIG"] = home,
            ["DOCKER_DEFAULT_PLATFORM"] = "",
            ["LC_ALL"] = "C.UTF-8",
            ["PATH"] = string.Join(
                Path.PathSeparator,
                Path.Combine(home, ".dotnet", "tools"),
                Path.GetDirectoryName(Feed.Instance.Tool),
                System.Environment.GetEnvironmentVariable("PATH"),
                "/usr/sbin",
                "/sbin"
            ),
        };
        if (engine is not null)
        {
            Environment["DOCKER_HOST"] = engine.Host;
        }
    }

    /// <summary>The folder the page runs in.</summary>
    public string Root { get; }

    public Dictionary<string, string> Environment { get; }

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
