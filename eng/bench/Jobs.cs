namespace ImageTarTasks.Bench;

/// <summary>One program's way to do a job.</summary>
/// <param name="Name">Shown in the table; <c>imagetar</c> and <c>limit</c> are special.</param>
/// <param name="Command">What is measured.</param>
/// <param name="Before">Shell, not measured: puts everything back to how it was.</param>
internal sealed record Contender(string Name, string[] Command, string Before = ":");

/// <summary>A job and who does it.</summary>
internal sealed record Job(string Name, Contender[] Contenders);

/// <summary>The jobs of docs/design/performance.md. Files are in the folder every command runs in.</summary>
internal sealed class Jobs(string imagetar, string? portable, string self, DockerEngine? docker)
{
    /// <summary>With a storage of its own.</summary>
    private const string Podman = "podman --root $PWD/podman --runroot $PWD/podman-run";

    private static readonly string[] Kinds = ["plain", "gz", "zst"];

    public IEnumerable<Job> All(bool quick)
    {
        foreach (var kind in Kinds)
        {
            yield return Load("load " + kind, $"layers-{kind}.tar", kind == "gz" ? "limit-gz" : kind);
        }

        yield return Load("load, outer gzip", "layers-plain.tar.gz", "limit-gz");
        yield return new Job(
            "load from a pipe",
            [
                Sh("imagetar", $"cat layers-plain.tar | {imagetar} load -q --store fresh", "rm -rf fresh"),
                .. LimitOf("hash+write", "layers-plain.tar"),
            ]
        );

        foreach (var format in new[] { "docker", "oci" })
        {
            yield return new Job(
                $"save {format}",
                [
                    new(
                        "imagetar",
                        [imagetar, "save", "--store", "store", "--format", format, "-o", "out.tar", "bench/layers:gz"],
                        "rm -f out.tar"
                    ),
                    .. LimitOf("hash+write", "layers-gz.tar"),
                    .. format == "oci" ? Skopeo("oci:skopeo-gz:gz", "oci-archive:out.tar:gz", "rm -f out.tar") : [],
                    .. format == "docker"
                        ? Docker(["save", "-o", "out.tar", "bench/layers:gz"], "rm -f out.tar; " + docker?.Fill)
                        : [],
                ]
            );
        }

        yield return Recompress("gzip", "pigz -c");
        yield return Recompress("zstd", "zstd -q -T0 -c");
        foreach (var kind in Kinds)
        {
            yield return new Job(
                "export " + kind,
                [
                    new(
                        "imagetar",
                        [imagetar, "export", "--store", "store", "-o", "out.tar", "bench/layers:" + kind],
                        "rm -f out.tar"
                    ),
                    .. kind switch
                    {
                        "gz" => LimitOf("inflate+write", "layers.gz"),
                        "zst" =>
                        [
                            Sh("limit", "zstd -q -dc layers.zst >out.limit && sync out.limit", "rm -f out.limit"),
                        ],
                        _ => LimitOf("hash+write", "layers-plain.tar"),
                    },
                    .. Exists("umoci") && kind == "gz"
                        ?
                        [
                            Sh(
                                "umoci+tar",
                                "umoci unpack --rootless --image skopeo-gz:gz bundle && tar -C "
                                    + "bundle/rootfs -cf out.tar .",
                                "rm -rf bundle out.tar"
                            ),
                        ]
                        : Array.Empty<Contender>(),
                    .. Exists("crane") && kind != "zst"
                        ? [Sh("crane", $"crane export - out.tar <layers-{kind}.tar", "rm -f out.tar")]
                        : Array.Empty<Contender>(),
                    .. Exists("undocker") && kind != "zst"
                        ? [Sh("undocker", $"undocker layers-{kind}.tar out.tar", "rm -f out.tar")]
                        : Array.Empty<Contender>(),
                    .. docker is not null && kind != "zst"
                        ?
                        [
                            Sh(
                                "docker",
                                $"c=$({docker.Client} create bench/layers:{kind} x) && {docker.Client} "
                                    + $"export -o out.tar $c && {docker.Client} rm $c",
                                "rm -f out.tar; " + docker.Fill
                            ),
                        ]
                        : Array.Empty<Contender>(),
                ]
            );
        }

        foreach (var compression in new[] { "gzip", "zstd" })
        {
            yield return new Job(
                $"export, {compression} written",
                [
                    new(
                        "imagetar",
                        [
                            imagetar,
                            "export",
                            "--store",
                            "store",
                            "--compression",
                            compression,
                            "-o",
                            "out.packed",
                            "bench/layers:plain",
                        ],
                        "rm -f out.packed"
                    ),
                    Sh(
                        "limit",
                        (compression == "gzip" ? "pigz -c" : "zstd -q -T0 -c")
                            + " flat.tar >out.limit && sync out.limit",
                        "rm -f out.limit"
                    ),
                ]
            );
        }

        foreach (
            var (name, input, limit) in new[]
            {
                ("tar", "layers-rootfs.tar", "hash+write"),
                ("tar.gz", "layers-rootfs.tar.gz", "inflate+hash+write"),
            }
        )
        {
            yield return new Job(
                "import " + name,
                [
                    new("imagetar", [imagetar, "import", "--store", "fresh", input, "bench/import:1"], "rm -rf fresh"),
                    .. LimitOf(limit, input),
                    .. Docker(
                        ["import", input, "bench/import:1"],
                        docker is null ? ":" : $"{docker.Client} rmi -f bench/import:1"
                    ),
                ]
            );
        }

        yield return new Job(
            "import folder",
            [
                new(
                    "imagetar",
                    [imagetar, "import", "--store", "fresh", "layers-rootfs", "bench/import:1"],
                    "rm -rf fresh"
                ),
                Sh("limit", "tar -C layers-rootfs -cf out.limit . && sync out.limit", "rm -f out.limit"),
                .. docker is not null
                    ?
                    [
                        Sh(
                            "tar|docker",
                            $"tar -C layers-rootfs -c . | {docker.Client} import - bench/import:1",
                            $"{docker.Client} rmi -f bench/import:1"
                        ),
                    ]
                    : Array.Empty<Contender>(),
            ]
        );

        foreach (var arguments in new[] { "--help", "images --store store", "history --store store bench/layers:gz" })
        {
            yield return new Job(
                arguments.Split(' ')[0],
                [
                    new("imagetar", [imagetar, .. arguments.Split(' ')]),
                    .. portable is null
                        ? Array.Empty<Contender>()
                        : [new Contender("imagetar, portable", [portable, .. arguments.Split(' ')])],
                    new("limit", [self, "nothing"]),
                ]
            );
        }

        if (!quick)
        {
            yield return Load("load 1,000,000 entries", "million-plain.tar", "plain", peers: false);
            yield return Load("load one 2 GB layer", "big-plain.tar", "plain", peers: false);
            yield return new Job(
                "export 1,000,000 entries",
                [
                    new(
                        "imagetar",
                        [imagetar, "export", "--store", "store", "-o", "out.tar", "bench/million:plain"],
                        "rm -f out.tar"
                    ),
                    .. LimitOf("hash+write", "million-plain.tar"),
                ]
            );
        }
    }

    /// <summary>What has to be there before any job.</summary>
    public IEnumerable<string> Preparations(bool quick)
    {
        yield return "rm -rf store store-plain skopeo-gz fresh podman podman-run";

        // A store that has the compressed layers would hand those out.
        yield return $"{imagetar} load -q --store store-plain -i layers-plain.tar";
        foreach (
            var archive in Kinds
                .Select(kind => $"layers-{kind}.tar")
                .Concat(quick ? [] : ["million-plain.tar", "big-plain.tar"])
        )
        {
            yield return $"{imagetar} load -q --store store -i {archive}";
        }

        yield return $"{imagetar} export --store store -o flat.tar bench/layers:plain";
        foreach (var (kind, magic) in new[] { ("gz", "gzip"), ("zst", "zstd") })
        {
            // The layers one after another: what an export has to decompress. Both formats are read as one content.
            yield return $"tar -xOf layers-{kind}.tar $(tar -tvf layers-{kind}.tar | awk '$3 > 100000 {{ print $6 "
                + $"}}') >layers.{kind}; {magic} -t layers.{kind}";
        }

        if (Exists("skopeo"))
        {
            yield return "skopeo copy -q oci-archive:layers-gz.tar:gz oci:skopeo-gz:gz";
        }

        if (docker is not null)
        {
            yield return $"{docker.Client} load -q -i layers-plain.tar && {docker.Client} load -q -i layers-gz.tar";
        }
    }

    private Job Load(string name, string archive, string limit, bool peers = true) =>
        new(
            name,
            [
                new("imagetar", [imagetar, "load", "-q", "--store", "fresh", "-i", archive], "rm -rf fresh"),
                .. limit switch
                {
                    "limit-gz" =>
                    [
                        Sh(
                            "limit",
                            $"{self} limit inflate+hash "
                                + $"{(archive.EndsWith(".gz", StringComparison.Ordinal) ? archive : "layers.gz")} "
                                + $"& {self} limit hash+write {archive} out.limit; wait",
                            "rm -f out.limit"
                        ),
                    ],
                    "zst" =>
                    [
                        Sh(
                            "limit",
                            $"zstd -q -dc layers.zst | {self} limit hash - & {self} limit hash+write "
                                + $"{archive} out.limit; wait",
                            "rm -f out.limit"
                        ),
                    ],
                    _ => LimitOf("hash+write", archive),
                },
                .. peers && !archive.EndsWith(".gz", StringComparison.Ordinal)
                    ? Skopeo("oci-archive:" + archive, "oci:fresh-skopeo:x", "rm -rf fresh-skopeo")
                    : [],
                .. peers && Exists("podman") && limit != "zst"
                    ? [Sh("podman", $"{Podman} load -q -i {archive}", $"{Podman} rmi -fa")]
                    : Array.Empty<Contender>(),
                .. peers && docker is not null && limit != "zst"
                    ? Docker(["load", "-q", "-i", archive], docker.Empty)
                    : [],
            ]
        );

    private Job Recompress(string kind, string program) =>
        new(
            $"save, layers to {kind}",
            [
                new(
                    "imagetar",
                    [
                        imagetar,
                        "save",
                        "--store",
                        "store-once",
                        "--layer-compression",
                        kind,
                        "-o",
                        "out.tar",
                        "bench/layers:plain",
                    ],
                    "rm -rf out.tar store-once; cp -r store-plain store-once"
                ),
                Sh("limit", $"{program} layers-plain.tar >out.limit && sync out.limit", "rm -f out.limit"),
                .. kind == "gzip" && Exists("skopeo")
                    ?
                    [
                        new Contender(
                            "skopeo",
                            [
                                "skopeo",
                                "copy",
                                "-q",
                                "--dest-compress-format",
                                kind,
                                "--dest-compress",
                                "oci-archive:layers-plain.tar",
                                "oci:fresh-skopeo:x",
                            ],
                            "rm -rf fresh-skopeo"
                        ),
                    ]
                    : Array.Empty<Contender>(),
            ]
        );

    private static Contender Sh(string name, string script, string before) =>
        new(name, ["/bin/sh", "-c", script], before);

    private Contender[] LimitOf(string steps, string file) =>
        [new("limit", [self, "limit", steps, file, "out.limit"], "rm -f out.limit")];

    private static Contender[] Skopeo(string from, string to, string before) =>
        Exists("skopeo") ? [new("skopeo", ["skopeo", "copy", "-q", "--insecure-policy", from, to], before)] : [];

    private Contender[] Docker(string[] arguments, string before) =>
        docker is not null ? [new("docker", [.. docker.Client.Split(' '), .. arguments], before)] : [];

    private static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
