namespace ImageTarTasks.Bench;

/// <summary>A Docker Engine of its own, on a private socket, without network; it needs root.</summary>
internal sealed class DockerEngine : IDisposable
{
    private readonly string _folder;

    private DockerEngine(string folder)
    {
        _folder = folder;
        Client = $"docker -H unix://{folder}/docker.sock";
        Pid = Measured.Start(
            Path.Combine(folder, "log"),
            "dockerd",
            "--data-root",
            folder + "/data",
            "--exec-root",
            folder + "/exec",
            "--pidfile",
            folder + "/pid",
            "-H",
            $"unix://{folder}/docker.sock",
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none"
        );
    }

    /// <summary>How its client is called.</summary>
    public string Client { get; }

    /// <summary>The daemon.</summary>
    public int Pid { get; }

    /// <summary>Shell that removes the images of the benchmark, so that a load has something to do.</summary>
    public string Empty => $"{Client} rmi -f bench/layers:plain bench/layers:gz";

    /// <summary>Shell that brings them back.</summary>
    public string Fill =>
        $"for kind in plain gz; do {Client} image inspect bench/layers:$kind >/dev/null || "
        + $"{Client} load -q -i layers-$kind.tar; done";

    /// <summary>Null where none can be started.</summary>
    public static DockerEngine? TryStart(string scratch)
    {
        var folder = Path.Combine(scratch, "engine");
        Measured.Run("/", Path.Combine(scratch, "engine.out"), "rm", "-rf", folder);
        Directory.CreateDirectory(folder);
        var engine = new DockerEngine(folder);
        for (var tries = 0; tries < 150; tries++)
        {
            if (
                Measured
                    .Run(scratch, Path.Combine(scratch, "engine.out"), [.. engine.Client.Split(' '), "version"])
                    .ExitCode == 0
            )
            {
                return engine;
            }

            Thread.Sleep(200);
        }

        Console.Error.WriteLine($"no Docker Engine: see {folder}/log");
        engine.Dispose();
        return null;
    }

    public void Dispose()
    {
        Measured.Stop(Pid);
        Measured.Run(
            "/",
            _folder + ".out",
            "/bin/sh",
            "-c",
            $"for m in $(grep -o '{_folder}[^ ]*' /proc/mounts | sort -r); do umount -l $m; done; rm -rf {_folder}"
        );
    }
}
