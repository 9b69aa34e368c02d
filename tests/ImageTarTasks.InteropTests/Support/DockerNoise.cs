namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// What Docker lays over the root filesystem of every container; <c>dev</c> and <c>etc</c> take on its attributes.
/// </summary>
internal static class DockerNoise
{
    public static IReadOnlySet<string> Paths { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            ".dockerenv",
            "dev",
            "dev/console",
            "dev/pts",
            "dev/shm",
            "etc",
            "etc/hostname",
            "etc/hosts",
            "etc/mtab",
            "etc/resolv.conf",
            "proc",
            "sys",
        };
}
