using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Oci;

/// <summary>Health check of a container, durations in nanoseconds, as Docker keeps it in the configuration.</summary>
/// <param name="Test">NONE, CMD or CMD-SHELL and its words.</param>
/// <param name="Interval">Nanoseconds; 0 inherits.</param>
/// <param name="Timeout">Nanoseconds; 0 inherits.</param>
/// <param name="StartPeriod">Nanoseconds; 0 inherits.</param>
/// <param name="StartInterval">Nanoseconds; 0 inherits.</param>
/// <param name="Retries">0 inherits.</param>
public sealed record Healthcheck(
    IReadOnlyList<string> Test,
    long Interval,
    long Timeout,
    long StartPeriod,
    long StartInterval,
    int Retries
);

/// <summary>
/// The run-time part of a configuration (<c>config</c>), as the union of OCI's and Docker's fields. Null means not set.
/// </summary>
public sealed record ContainerSettings
{
    /// <summary>The user, or empty.</summary>
    public string User { get; init; } = "";

    /// <summary>Ports such as <c>80/tcp</c>, ordinal order.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary><c>NAME=value</c>, in order.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The entry point.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The default command or arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Mount points, ordinal order.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>The working directory, or empty.</summary>
    public string WorkingDir { get; init; } = "";

    /// <summary>Labels by key, ordinal order.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The signal that stops it, or empty.</summary>
    public string StopSignal { get; init; } = "";

    /// <summary>Triggers for images built on this one.</summary>
    public IReadOnlyList<string> OnBuild { get; init; } = [];

    /// <summary>The health check.</summary>
    public Healthcheck? Healthcheck { get; init; }

    /// <summary>The shell of shell-form commands.</summary>
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>Reads <c>config</c>, accepting what Docker accepts. Null sets nothing.</summary>
    /// <exception cref="ImageTarException">ITT2306.</exception>
    internal static ContainerSettings Read(StrictJson? json)
    {
        if (json is not { } config)
        {
            return new ContainerSettings();
        }

        config.Object();
        return new ContainerSettings
        {
            User = config.Optional("User")?.Text() ?? "",
            ExposedPorts = Keys(config.Optional("ExposedPorts")),
            Env = Texts(config.Optional("Env")),
            Entrypoint = Words(config.Optional("Entrypoint")),
            Cmd = Words(config.Optional("Cmd")),
            Volumes = Keys(config.Optional("Volumes")),
            WorkingDir = config.Optional("WorkingDir")?.Text() ?? "",
            Labels = Map(config.Optional("Labels")),
            StopSignal = config.Optional("StopSignal")?.Text() ?? "",
            OnBuild = Texts(config.Optional("OnBuild")) ?? [],
            Healthcheck = ReadHealthcheck(config.Optional("Healthcheck")),
            Shell = Words(config.Optional("Shell")),
        };
    }

    private static Healthcheck? ReadHealthcheck(StrictJson? json)
    {
        if (json is not { } check)
        {
            return null;
        }

        check.Object();
        return new Healthcheck(
            Texts(check.Optional("Test")) ?? [],
            Number("Interval"),
            Number("Timeout"),
            Number("StartPeriod"),
            Number("StartInterval"),
            Retries()
        );

        long Number(string key) => check.Optional(key)?.Integer() ?? 0;

        int Retries()
        {
            var number = Number("Retries");
            return number == (int)number
                ? (int)number
                : throw check.Required("Retries").Invalid("it does not fit into 32 bits");
        }
    }

    /// <summary>Docker once wrote a command of one word as a string, and still reads it.</summary>
    private static string[]? Words(StrictJson? json) => json is { IsText: true } word ? [word.Text()] : Texts(json);

    /// <summary>Go reads null inside a list of strings as an empty string.</summary>
    private static string[]? Texts(StrictJson? json) =>
        json is { } list ? [.. list.Items(int.MaxValue).Select(item => item.IsNull ? "" : item.Text())] : null;

    private static string[] Keys(StrictJson? json)
    {
        if (json is not { } set)
        {
            return [];
        }

        var keys = new List<string>();
        foreach (var (key, value) in set.Members())
        {
            if (!value.IsNull)
            {
                value.Members();
            }

            keys.Add(key);
        }

        keys.Sort(StringComparer.Ordinal);
        return [.. keys];
    }

    private static SortedDictionary<string, string> Map(StrictJson? json)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (json is { } members)
        {
            foreach (var (key, value) in members.Members())
            {
                map[key] = value.IsNull ? "" : value.Text();
            }
        }

        return map;
    }
}
