using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// Settings given as values by the items and properties of a build. They are literal, without quotes, escapes or
/// variables. Otherwise they follow the rules of the Dockerfile instructions: a variable keeps its place, and an entry
/// point removes an inherited command.
/// </summary>
public sealed record SettingValues
{
    /// <summary>The entry point and its arguments; empty for none given.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>The command, or the arguments of the entry point; empty for none given.</summary>
    public IReadOnlyList<string> Cmd { get; init; } = [];

    /// <summary>Variables in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Labels.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Ports, such as <c>80</c> or <c>53/udp</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>The user, or null.</summary>
    public string? User { get; init; }

    /// <summary>The working directory, or null. A relative one is below the current one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Sets them.</summary>
    /// <exception cref="ImageTarException">ITT1220 a port; ITT1224 the name of a variable or a label.</exception>
    internal void ApplyTo(ChangeState state)
    {
        if (Entrypoint.Count > 0)
        {
            state.SetEntrypoint(Entrypoint, json: true);
        }

        if (Cmd.Count > 0)
        {
            state.SetCommand(Cmd, json: true);
        }

        foreach (var (name, value) in Environment)
        {
            state.SetVariable(Checked("environment variable", name), value);
        }

        foreach (var (name, value) in Labels)
        {
            state.SetLabel(Checked("label", name), value);
        }

        foreach (var port in Ports)
        {
            state.AddPort(port);
        }

        if (!string.IsNullOrEmpty(User))
        {
            state.SetUserName(User);
        }

        if (!string.IsNullOrEmpty(WorkingDirectory))
        {
            state.EnterFolder(WorkingDirectory);
        }
    }

    /// <summary>
    /// A variable's name ends at its first equals sign; a label with one is most likely a value in the wrong place.
    /// </summary>
    private static string Checked(string what, string name) =>
        name.Length > 0 && !name.Contains('=', StringComparison.Ordinal)
            ? name
            : throw DockerfileDiagnostics.InvalidSettingName(what, name);
}
