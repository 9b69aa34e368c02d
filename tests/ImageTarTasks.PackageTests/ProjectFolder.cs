using Microsoft.Build.Logging.StructuredLogger;

namespace ImageTarTasks.PackageTests;

/// <summary>A folder outside the repository with projects to build against the packages.</summary>
internal sealed class ProjectFolder : IDisposable
{
    private int _builds;

    public ProjectFolder(string name = "work")
    {
        Root = Path.Combine(Feed.Instance.Root, Guid.NewGuid().ToString("n")[..8], name);
        Directory.CreateDirectory(Root);
        Feed.Instance.WriteNugetConfig(Root);
        File.WriteAllText(Path.Combine(Root, "Directory.Build.props"), "<Project />");
    }

    public string Root { get; }

    public string Store => Path.Combine(Root, "store");

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a project that references the package and has <paramref name="body"/> besides.</summary>
    public string WriteProject(
        string name,
        string body,
        string framework = "<TargetFramework>net10.0</TargetFramework>"
    )
    {
        var path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(
            path,
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>{framework}</PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ImageTarTasks" Version="{Feed.Instance.Version}" PrivateAssets="all" />
              </ItemGroup>
            {body}
            </Project>
            """
        );
        return path;
    }

    /// <summary>A small root filesystem to import.</summary>
    public string WriteRootfs(string name = "rootfs")
    {
        var root = this[name];
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        File.WriteAllText(Path.Combine(root, "etc", "motd"), "hello\n");
        File.WriteAllText(Path.Combine(root, "ünïcödé file"), "1");
        return root;
    }

    /// <summary>Runs dotnet here with this folder's store.</summary>
    public ProcessResult Dotnet(params IEnumerable<string> arguments) =>
        ImageTarTasks.PackageTests.Dotnet.Run("dotnet", Root, Feed.Instance.WithStore(Store), arguments);

    /// <summary>Runs the installed tool here with this folder's store.</summary>
    public ProcessResult Tool(params IEnumerable<string> arguments) =>
        ImageTarTasks.PackageTests.Dotnet.Run(Feed.Instance.Tool, Root, Feed.Instance.WithStore(Store), arguments);

    /// <summary>Builds and returns the binary log.</summary>
    public Build Build(params IEnumerable<string> arguments)
    {
        var log = this[$"build{++_builds}.binlog"];
        Dotnet(["build", .. arguments, $"-bl:{log}", "-nodeReuse:false"]).Succeeded();
        return BinaryLog.ReadBuild(log);
    }

    /// <summary>The names of our tasks that ran in a build.</summary>
    public static IReadOnlyList<string> OurTasks(Build build)
    {
        var names = new List<string>();
        build.VisitAllChildren<Microsoft.Build.Logging.StructuredLogger.Task>(task =>
        {
            if (task.FromAssembly?.Contains("ImageTarTasks", StringComparison.Ordinal) == true)
            {
                names.Add(task.Name);
            }
        });
        return names;
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Root)!, recursive: true);
}
