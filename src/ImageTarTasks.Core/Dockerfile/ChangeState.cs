using ImageTarTasks.Core.Oci;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// The settings while Dockerfile changes are applied to them in order. A variable sees the ENV instructions before it.
/// </summary>
internal sealed class ChangeState(ContainerSettings settings, string os, char escape)
{
    private readonly List<string> _env = [.. settings.Env ?? []];
    private readonly SortedSet<string> _ports = new(settings.ExposedPorts, StringComparer.Ordinal);
    private readonly SortedSet<string> _volumes = new(settings.Volumes, StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _labels = new(
        settings.Labels.ToDictionary(),
        StringComparer.Ordinal
    );
    private IReadOnlyList<string>? _command = settings.Cmd;
    private IReadOnlyList<string>? _entrypoint = settings.Entrypoint;
    private string _user = settings.User;
    private string _workdir = settings.WorkingDir;
    private string _stopSignal = settings.StopSignal;
    private bool _commandWasSet;

    /// <summary>The triggers so far.</summary>
    public List<string> OnBuild { get; } = [.. settings.OnBuild];

    /// <summary>The health check.</summary>
    public Healthcheck? Healthcheck { get; set; } = settings.Healthcheck;

    public void SetCommand(IReadOnlyList<string> words, bool json)
    {
        _command = json ? words : [.. Shell(), .. words];
        _commandWasSet |= words.Count > 0;
    }

    /// <summary>
    /// Sets the entry point. It removes an inherited command, which belonged to another entry point, but not a command
    /// of the same changes.
    /// </summary>
    public void SetEntrypoint(IReadOnlyList<string> words, bool json)
    {
        _entrypoint =
            words.Count == 0 ? null
            : json ? words
            : [.. Shell(), .. words];
        if (!_commandWasSet)
        {
            _command = null;
        }
    }

    public void SetEnvironment(IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        // All pairs are expanded before any is set: the variables of one ENV do not see each other.
        foreach (var (name, value) in pairs.Select(pair => (Expand(pair.Key), Expand(pair.Value))).ToArray())
        {
            SetVariable(name, value);
        }
    }

    /// <summary>Sets a variable to a literal value. A variable that exists keeps its place.</summary>
    public void SetVariable(string name, string value)
    {
        var prefix = name + "=";
        var at = _env.FindIndex(one => one == name || one.StartsWith(prefix, StringComparison.Ordinal));
        if (at < 0)
        {
            _env.Add(prefix + value);
        }
        else
        {
            _env[at] = prefix + value;
        }
    }

    public void SetLabels(IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        foreach (var pair in pairs)
        {
            SetLabel(Expand(pair.Key), Expand(pair.Value));
        }
    }

    /// <summary>Sets a label to a literal value.</summary>
    public void SetLabel(string name, string value) => _labels[name] = value;

    public void Expose(IReadOnlyList<string> words)
    {
        foreach (
            var port in words
                .Order(StringComparer.Ordinal)
                .SelectMany(word => ShellWords.ExpandToWords(word, escape, Variable))
        )
        {
            AddPort(port);
        }
    }

    /// <summary>Adds the ports that one word of EXPOSE means.</summary>
    public void AddPort(string port) => _ports.UnionWith(PortSpec.Parse(port));

    public void SetStopSignal(string text)
    {
        var signal = Expand(text);
        _stopSignal = StopSignals.IsValid(signal) ? signal : throw DockerfileDiagnostics.InvalidSignal(signal);
    }

    public void SetUser(string text) => SetUserName(Expand(text));

    /// <summary>Sets the user to a literal value.</summary>
    public void SetUserName(string user) => _user = user;

    public void AddVolumes(IReadOnlyList<string> words)
    {
        foreach (var word in words)
        {
            var volume = Expand(word.Trim());
            _volumes.Add(volume.Length > 0 ? volume : throw DockerfileDiagnostics.EmptyVolume());
        }
    }

    public void SetWorkdir(string text)
    {
        var folder = Expand(text);
        if (folder.Length == 0)
        {
            throw DockerfileDiagnostics.EmptyWorkdir();
        }

        EnterFolder(folder);
    }

    /// <summary>Sets the working directory; a relative one is below the one there was.</summary>
    public void EnterFolder(string folder) =>
        _workdir = folder.StartsWith('/') ? folder : Clean($"{_workdir}/{folder}");

    public ContainerSettings Result() =>
        settings with
        {
            User = _user,
            ExposedPorts = [.. _ports],
            Env = _env.Count > 0 || settings.Env is not null ? _env : null,
            Entrypoint = _entrypoint,
            Cmd = _command,
            Volumes = [.. _volumes],
            WorkingDir = _workdir,
            Labels = _labels,
            StopSignal = _stopSignal,
            OnBuild = OnBuild,
            Healthcheck = Healthcheck,
        };

    private IReadOnlyList<string> Shell() =>
        settings.Shell is { Count: > 0 } shell ? shell
        : os == "windows" ? ["cmd", "/S", "/C"]
        : ["/bin/sh", "-c"];

    private string Expand(string text) => ShellWords.Expand(text, escape, Variable);

    private string? Variable(string name)
    {
        var prefix = name + "=";
        var found = _env.FindLast(one => one.StartsWith(prefix, StringComparison.Ordinal) || one == name);
        return found is null ? null
            : found.Length > prefix.Length ? found[prefix.Length..]
            : "";
    }

    /// <summary>An absolute path without empty, <c>.</c> and <c>..</c> parts.</summary>
    private static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }
}
