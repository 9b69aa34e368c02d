using System.Buffers;
using ImageTarTasks.Oci;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>The configuration of an imported image: valid for OCI and for Docker, its bytes decided by its arguments alone.</summary>
internal static class ImportedConfig
{
    /// <summary>
    /// The document. Fields are in the order of OCI's and Docker's Go types, those not set are left out; <c>comment</c> is Docker's own,
    /// which OCI readers ignore.
    /// </summary>
    public static ReadOnlyMemory<byte> Compose(ContainerSettings settings, Platform platform, DiffId layer, DateTimeOffset created, string comment)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        var time = GoTime.Format(created.ToUniversalTime());
        json.BeginObject();
        json.Name("created").String(time);
        json.Name("architecture").String(platform.Architecture);
        if (platform.Variant is { } variant)
        {
            json.Name("variant").String(variant);
        }

        json.Name("os").String(platform.Os);
        json.Name("config");
        WriteSettings(json, settings);
        json.Name("rootfs").BeginObject();
        json.Name("type").String("layers");
        json.Name("diff_ids").Strings([layer.Digest.Value]);
        json.EndObject();
        json.Name("history").BeginArray();
        json.BeginObject();
        json.Name("created").String(time);
        WriteText(json, "comment", comment);
        json.EndObject();
        json.EndArray();
        WriteText(json, "comment", comment);
        json.EndObject();
        return bytes.WrittenMemory;
    }

    private static void WriteSettings(GoJsonWriter json, ContainerSettings settings)
    {
        json.BeginObject();
        WriteText(json, "User", settings.User);
        WriteSet(json, "ExposedPorts", settings.ExposedPorts);
        WriteList(json, "Env", settings.Env);
        WriteList(json, "Entrypoint", settings.Entrypoint);
        WriteList(json, "Cmd", settings.Cmd);
        WriteSet(json, "Volumes", settings.Volumes);
        WriteText(json, "WorkingDir", settings.WorkingDir);
        WriteLabels(json, settings.Labels);
        WriteText(json, "StopSignal", settings.StopSignal);
        WriteHealthcheck(json, settings.Healthcheck);
        WriteList(json, "OnBuild", settings.OnBuild);
        WriteList(json, "Shell", settings.Shell);
        json.EndObject();
    }

    private static void WriteText(GoJsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.Name(name).String(value);
        }
    }

    private static void WriteList(GoJsonWriter json, string name, IReadOnlyList<string>? values)
    {
        if (values is { Count: > 0 })
        {
            json.Name(name).Strings(values);
        }
    }

    /// <summary>A set as Go keeps it: an object whose keys are its members, sorted, and whose values are empty.</summary>
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

    private static void WriteLabels(GoJsonWriter json, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return;
        }

        json.Name("Labels").BeginObject();
        foreach (var (key, value) in labels.OrderBy(label => ByteString.FromText(label.Key)))
        {
            json.Name(key).String(value);
        }

        json.EndObject();
    }

    private static void WriteHealthcheck(GoJsonWriter json, Healthcheck? check)
    {
        if (check is null)
        {
            return;
        }

        json.Name("Healthcheck").BeginObject();
        WriteList(json, "Test", check.Test);
        WriteNumber("Interval", check.Interval);
        WriteNumber("Timeout", check.Timeout);
        WriteNumber("StartPeriod", check.StartPeriod);
        WriteNumber("StartInterval", check.StartInterval);
        WriteNumber("Retries", check.Retries);
        json.EndObject();

        void WriteNumber(string name, long value)
        {
            if (value != 0)
            {
                json.Name(name).Number(value);
            }
        }
    }
}
