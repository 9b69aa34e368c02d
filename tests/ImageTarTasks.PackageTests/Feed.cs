using System.Reflection;
using System.Xml.Linq;

namespace ImageTarTasks.PackageTests;

/// <summary>
/// Both packages, packed from what this run built, under a version no cache has seen, with a package folder and a store
/// of their own.
/// </summary>
internal sealed class Feed
{
    private Feed(string root)
    {
        Root = root;
        Version = "0.1.0-test." + Guid.NewGuid().ToString("n")[..8];
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NUGET_PACKAGES"] = Path.Combine(root, "nuget"),
            ["IMAGETAR_STORE"] = Path.Combine(root, "store"),
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
            ["ImageTarTasksVersion"] = Version,
            ["SOURCE_DATE_EPOCH"] = "",
        };
    }

    public static string Repository { get; } = FindRepository();

    public static string Configuration { get; } =
        Assembly
            .GetExecutingAssembly()
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "Configuration")
            .Value!;

    public static Feed Instance { get; } = Make();

    public string Root { get; }

    public string Version { get; }

    public string Packages => Path.Combine(Root, "packages");

    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The tool, installed from its package as a user would.</summary>
    public string Tool => Path.Combine(Root, "tool", OperatingSystem.IsWindows() ? "imagetar.exe" : "imagetar");

    /// <summary>The environment with another store.</summary>
    public Dictionary<string, string> WithStore(string store) =>
        new(Environment, StringComparer.Ordinal) { ["IMAGETAR_STORE"] = store };

    /// <summary>Makes the packages the only source below a folder.</summary>
    public void WriteNugetConfig(string folder) =>
        File.WriteAllText(
            Path.Combine(folder, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{Packages}" />
              </packageSources>
            </configuration>
            """
        );

    /// <summary>The newest release, which the documents and the samples name.</summary>
    public static string ReleasedVersion { get; } =
        XDocument
            .Load(Path.Combine(Repository, "samples", "Directory.Build.props"))
            .Descendants("ImageTarTasksVersion")
            .Single()
            .Value;

    /// <summary>Packs both packages once more, under the version of the newest release.</summary>
    public bool PackRelease()
    {
        Pack($"-p:MinVerVersionOverride={ReleasedVersion}");
        return true;
    }

    private void Pack(params string[] properties)
    {
        foreach (var project in (string[])["ImageTarTasks", "ImageTarTasks.Tool"])
        {
            Dotnet
                .Run(
                    Repository,
                    this,
                    [
                        "pack",
                        Path.Combine(Repository, "src", project),
                        "--no-build",
                        "-c",
                        Configuration,
                        "-o",
                        Packages,
                        .. properties,
                    ]
                )
                .Succeeded();
        }
    }

    /// <summary>Packs both packages and installs the tool.</summary>
    private static Feed Make()
    {
        var feed = new Feed(Path.Combine(Path.GetTempPath(), "imagetar-package-tests-" + Guid.NewGuid().ToString("n")));
        Directory.CreateDirectory(feed.Packages);
        feed.Pack($"-p:MinVerVersionOverride={feed.Version}");
        feed.WriteNugetConfig(feed.Root);
        Dotnet
            .Run(
                feed.Root,
                feed,
                "tool",
                "install",
                "ImageTarTasks.Tool",
                "--version",
                feed.Version,
                "--tool-path",
                Path.Combine(feed.Root, "tool")
            )
            .Succeeded();
        return feed;
    }

    private static string FindRepository()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "ImageTarTasks.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests do not run below the solution");
    }
}
