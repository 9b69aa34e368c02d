using System.Diagnostics;
using System.Text.Json;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// A Docker Engine of its own: private socket, data root and execution root, no network. All paths are absolute:
/// containerd does not come up on relative ones.
/// </summary>
internal sealed class DockerEngine : IDisposable
{
    private readonly Process _daemon;

    private DockerEngine()
    {
        Directory.CreateDirectory(Folder);
        // overlay2 is what engines run on; where it cannot be mounted (a container on overlay without a volume), vfs
        // gives the same trees.
        _daemon =
            StartDaemon("overlay2")
            ?? StartDaemon("vfs")
            ?? throw new InvalidOperationException("dockerd does not start:\n" + File.ReadAllText(LogFile("vfs")));
    }

    /// <summary>Everything it has on disk.</summary>
    public string Folder { get; } =
        Path.Combine(Path.GetTempPath(), "imagetar-engine-" + Guid.NewGuid().ToString("n")[..12]);

    /// <summary>The address of its socket, as <c>DOCKER_HOST</c> takes it.</summary>
    public string Host => "unix://" + Path.Combine(Folder, "docker.sock");

    /// <summary>An engine that has never seen a layer.</summary>
    public static DockerEngine Start() => new();

    /// <summary>Runs the docker client on this engine and insists on exit code 0.</summary>
    public ProgramResult Run(params IReadOnlyList<string> arguments) => Try(arguments).Succeeds();

    /// <summary>Runs the docker client on this engine.</summary>
    public ProgramResult Try(IReadOnlyList<string> arguments, ProgramOptions? options = null)
    {
        options ??= new ProgramOptions();
        // The classic builder writes the history that docker-archives of these engines have; a client's own settings
        // must not matter.
        var environment = new Dictionary<string, string?>(options.Environment)
        {
            ["DOCKER_BUILDKIT"] = "0",
            ["DOCKER_CONFIG"] = Path.Combine(Folder, "client"),
            ["DOCKER_HOST"] = null,
            ["DOCKER_CONTEXT"] = null,
            ["DOCKER_DEFAULT_PLATFORM"] = null,
        };
        return Programs.Try("docker", ["-H", Host, .. arguments], options with { Environment = environment });
    }

    /// <summary>What <c>docker image inspect</c> says of an image.</summary>
    public JsonElement Inspect(string image)
    {
        using var document = JsonDocument.Parse(Run("image", "inspect", image).Bytes);
        return document.RootElement[0].Clone();
    }

    /// <summary>Builds an image, without network, from a Dockerfile and a folder.</summary>
    public void Build(string folder, string dockerfile, string name)
    {
        File.WriteAllText(Path.Combine(folder, "Dockerfile"), dockerfile);
        Run("build", "--network", "none", "-q", "-t", name, folder);
    }

    /// <summary>The root filesystem docker export gives of an image.</summary>
    public void Export(string image, string file)
    {
        var container = Run("create", "--network", "none", image, "/none").Output.Trim();
        Run("export", "-o", file, container);
        Run("rm", container);
    }

    public void Dispose()
    {
        Stop(_daemon);
        foreach (
            var mount in File.ReadLines("/proc/mounts")
                .Select(line => line.Split(' ')[1])
                .Where(mount => mount.StartsWith(Folder, StringComparison.Ordinal))
                .Reverse()
                .ToList()
        )
        {
            Programs.Try("umount", ["-l", mount]);
        }

        // Overlay's work folders have modes that .NET's recursive delete cannot open.
        Programs.Run("rm", "-rf", Folder);
    }

    private string LogFile(string driver) => Path.Combine(Folder, driver + ".log");

    private Process? StartDaemon(string driver)
    {
        var arguments = string.Join(
            ' ',
            [
                "--data-root",
                Path.Combine(Folder, "data"),
                "--exec-root",
                Path.Combine(Folder, "exec"),
                "--pidfile",
                Path.Combine(Folder, "pid"),
                "-H",
                Host,
                "--iptables=false",
                "--ip6tables=false",
                "--bridge=none",
                "--storage-driver=" + driver,
            ]
        );
        // By a shell that is replaced: the log then is a file, and the process is the daemon itself.
        var daemon = Programs.Start(
            "/bin/sh",
            ["-c", $"exec dockerd {arguments} >{LogFile(driver)} 2>&1"],
            new ProgramOptions()
        );
        var patience = Stopwatch.StartNew();
        while (!daemon.HasExited && patience.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (Try(["version"]).ExitCode == 0)
            {
                return daemon;
            }

            daemon.WaitForExit(200);
        }

        Stop(daemon);
        return null;
    }

    private static void Stop(Process daemon)
    {
        if (!daemon.HasExited)
        {
            Programs.Try("kill", ["-TERM", daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            if (!daemon.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                daemon.Kill(entireProcessTree: true);
                daemon.WaitForExit();
            }
        }

        daemon.Dispose();
    }
}
