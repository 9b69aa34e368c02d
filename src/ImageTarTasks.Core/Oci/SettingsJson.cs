using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Oci;

/// <summary>
/// Writes the run-time part of a configuration. Fields are in the order of OCI's Go types; fields that are not set are
/// left out.
/// </summary>
internal static class SettingsJson
{
    private static readonly (string Name, Action<GoJsonWriter, string, ContainerSettings> Write)[] Fields =
    [
        ("User", (json, name, settings) => WriteText(json, name, settings.User)),
        ("ExposedPorts", (json, name, settings) => WriteSet(json, name, settings.ExposedPorts)),
        ("Env", (json, name, settings) => WriteList(json, name, settings.Env)),
        // An empty command or entry point differs from a missing one: it means that nothing is inherited.
        ("Entrypoint", (json, name, settings) => WriteWords(json, name, settings.Entrypoint)),
        ("Cmd", (json, name, settings) => WriteWords(json, name, settings.Cmd)),
        ("Volumes", (json, name, settings) => WriteSet(json, name, settings.Volumes)),
        ("WorkingDir", (json, name, settings) => WriteText(json, name, settings.WorkingDir)),
        ("Labels", (json, name, settings) => WriteLabels(json, name, settings.Labels)),
        ("StopSignal", (json, name, settings) => WriteText(json, name, settings.StopSignal)),
        ("Healthcheck", (json, name, settings) => WriteHealthcheck(json, name, settings.Healthcheck)),
        ("OnBuild", (json, name, settings) => WriteList(json, name, settings.OnBuild)),
        ("Shell", (json, name, settings) => WriteList(json, name, settings.Shell)),
    ];

    /// <summary>
    /// Writes <paramref name="after"/> as a change of <paramref name="old"/>. Unchanged fields are copied and keep
    /// their place.
    /// </summary>
    /// <param name="json">The output.</param>
    /// <param name="old">The old object, or null.</param>
    /// <param name="before">The settings of the old object.</param>
    /// <param name="after">The settings to write.</param>
    public static void Write(GoJsonWriter json, JsonElement? old, ContainerSettings before, ContainerSettings after)
    {
        json.BeginObject();
        var written = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in old is { } members ? members.EnumerateObject() : default)
        {
            var field = Array.Find(Fields, field => field.Name.Equals(member.Name, StringComparison.OrdinalIgnoreCase));
            if (field.Write is null || Bytes(field, before).SequenceEqual(Bytes(field, after)))
            {
                json.Name(member.Name).Raw(JsonMarshal.GetRawUtf8Value(member.Value));
            }
            else
            {
                field.Write(json, field.Name, after);
            }

            written.Add(member.Name);
        }

        foreach (var field in Fields.Where(field => !written.Contains(field.Name)))
        {
            field.Write(json, field.Name, after);
        }

        json.EndObject();
    }

    private static ReadOnlySpan<byte> Bytes(
        (string Name, Action<GoJsonWriter, string, ContainerSettings> Write) field,
        ContainerSettings settings
    )
    {
        var bytes = new ArrayBufferWriter<byte>();
        field.Write(new GoJsonWriter(bytes), field.Name, settings);
        return bytes.WrittenSpan;
    }

    private static void WriteText(GoJsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.Name(name).String(value);
        }
    }

    private static void WriteList(GoJsonWriter json, string name, IReadOnlyList<string>? values) =>
        WriteWords(json, name, values is { Count: > 0 } ? values : null);

    private static void WriteWords(GoJsonWriter json, string name, IReadOnlyList<string>? words)
    {
        if (words is not null)
        {
            json.Name(name).Strings(words);
        }
    }

    /// <summary>
    /// A set as Go keeps it: an object whose keys are its members, sorted, and whose values are empty.
    /// </summary>
    private static void WriteSet(GoJsonWriter json, string name, IReadOnlyList<string> members)
    {
        if (members.Count == 0)
        {
            return;
        }

        json.Name(name).BeginObject();
        foreach (var member in members.OrderBy(ByteString.FromText))
        {
            json.Name(member).BeginObject();
            json.EndObject();
        }

        json.EndObject();
    }

    private static void WriteLabels(GoJsonWriter json, string name, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return;
        }

        json.Name(name).BeginObject();
        foreach (var (key, value) in labels.OrderBy(label => ByteString.FromText(label.Key)))
        {
            json.Name(key).String(value);
        }

        json.EndObject();
    }

    private static void WriteHealthcheck(GoJsonWriter json, string name, Healthcheck? check)
    {
        if (check is null)
        {
            return;
        }

        json.Name(name).BeginObject();
        WriteList(json, "Test", check.Test);
        WriteNumber("Interval", check.Interval);
        WriteNumber("Timeout", check.Timeout);
        WriteNumber("StartPeriod", check.StartPeriod);
        WriteNumber("StartInterval", check.StartInterval);
        WriteNumber("Retries", check.Retries);
        json.EndObject();

        void WriteNumber(string field, long value)
        {
            if (value != 0)
            {
                json.Name(field).Number(value);
            }
        }
    }
}
