using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.Presentation;

/// <summary>
/// The records that <c>inspect</c> prints for an image and for a container: the keys of Docker Engine 28 in its order,
/// without those that only a running engine has (graph driver, networks, mounts, limits).
/// </summary>
internal static class InspectRecords
{
    private const string JsonMapType = "map[string]interface {}";

    /// <summary>An image of the store, for one platform.</summary>
    /// <param name="stored">Its names and their target.</param>
    /// <param name="image">The image.</param>
    /// <param name="sizes">Sizes of layers.</param>
    public static RecordValue Create(StoredImage stored, Image image, LayerSizes sizes)
    {
        var config = image.Config;
        var comment =
            config.Comment.Length > 0 ? config.Comment
            : config.History is [.., var last] ? last.Comment
            : "";
        var repositories = stored.References.Select(name => name.FamiliarRepository).Distinct();
        return new RecordValue(JsonMapType)
            .With("Id", image.Id.ToString())
            .With(
                "RepoTags",
                ListValue.FromStrings(
                    stored.References.Where(name => name.Tag is not null).Select(name => name.Familiar)
                )
            )
            .With(
                "RepoDigests",
                ListValue.FromStrings(repositories.Select(repository => $"{repository}@{stored.Target.Digest}"))
            )
            .With("Parent", "")
            .With("Comment", comment)
            .With("Created", config.CreatedText)
            .With("DockerVersion", config.DockerVersion)
            .With("Author", config.Author)
            .With("Architecture", config.Platform.Architecture)
            .WithOmitEmpty("Variant", config.Platform.Variant)
            .With("Os", config.Platform.Os)
            .With("Size", () => sizes.GetSize(image))
            .With(
                "RootFS",
                new RecordValue(JsonMapType)
                    .With("Type", "layers")
                    .WithOmitEmpty("Layers", ListValue.FromStrings(config.DiffIds.Select(id => id.ToString())))
            )
            .With("Metadata", new RecordValue(JsonMapType).With("LastTagTime", "0001-01-01T00:00:00Z"))
            .With("Descriptor", CreateDescriptor(stored.Target))
            .With("Config", CreateConfig(config.Settings, config.Settings.Cmd));
    }

    /// <summary>A container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="image">Its image.</param>
    public static RecordValue Create(Container container, Image image)
    {
        var settings = image.Config.Settings;
        var own = container.Command.Skip(settings.Entrypoint?.Count ?? 0).ToArray();
        var command = own.Length == 0 ? null : own;
        return new RecordValue(JsonMapType)
            .With("Id", container.Id)
            .With("Created", GoTime.Format(container.Created))
            .With("Path", container.Command.Count > 0 ? container.Command[0] : "")
            .With("Args", ListValue.FromStrings(container.Command.Skip(1)))
            .With(
                "State",
                new RecordValue(JsonMapType)
                    .With("Status", "created")
                    .With("Running", false)
                    .With("Paused", false)
                    .With("Restarting", false)
                    .With("OOMKilled", false)
                    .With("Dead", false)
                    .With("Pid", 0L)
                    .With("ExitCode", 0L)
                    .With("Error", "")
                    .With("StartedAt", "0001-01-01T00:00:00Z")
                    .With("FinishedAt", "0001-01-01T00:00:00Z")
            )
            .With("Image", image.Id.ToString())
            .With("Name", "/" + container.Name)
            .With("RestartCount", 0L)
            .With("Platform", image.Config.Platform.Os)
            .With("ImageManifestDescriptor", CreateDescriptor(container.Image))
            .With("Config", CreateConfig(settings, command, container.ImageName));
    }

    private static RecordValue CreateDescriptor(Descriptor descriptor) =>
        new RecordValue(JsonMapType)
            .With("mediaType", descriptor.MediaType)
            .With("digest", descriptor.Digest.Value)
            .With("size", descriptor.Size);

    /// <summary>
    /// Docker merges two views of the configuration into one map. Its keys are sorted, and eight of them exist even
    /// when nothing is set.
    /// </summary>
    private static RecordValue CreateConfig(
        ContainerSettings settings,
        IReadOnlyList<string>? command,
        string? image = null
    ) =>
        new RecordValue(JsonMapType)
            .With("Cmd", ListValue.FromStrings(command))
            .With("Entrypoint", ListValue.FromStrings(settings.Entrypoint))
            .With("Env", ListValue.FromStrings(settings.Env))
            .WithOmitEmpty("ExposedPorts", CreateSet(settings.ExposedPorts))
            .WithOmitEmpty("Healthcheck", settings.Healthcheck is { } check ? CreateHealthcheck(check) : null)
            .WithOmitEmpty("Image", image)
            .With("Labels", MapValue.FromStrings(settings.Labels.Count > 0 ? settings.Labels : null))
            .With("OnBuild", ListValue.FromStrings(settings.OnBuild.Count > 0 ? settings.OnBuild : null))
            .WithOmitEmpty("Shell", ListValue.FromStrings(settings.Shell))
            .WithOmitEmpty("StopSignal", settings.StopSignal)
            .With("User", settings.User)
            .With("Volumes", CreateSet(settings.Volumes))
            .With("WorkingDir", settings.WorkingDir);

    private static RecordValue CreateHealthcheck(Healthcheck check) =>
        new RecordValue(JsonMapType)
            .WithOmitEmpty("Test", ListValue.FromStrings(check.Test))
            .WithOmitEmpty("Interval", check.Interval)
            .WithOmitEmpty("Timeout", check.Timeout)
            .WithOmitEmpty("StartPeriod", check.StartPeriod)
            .WithOmitEmpty("StartInterval", check.StartInterval)
            .WithOmitEmpty("Retries", (long)check.Retries);

    private static MapValue CreateSet(IReadOnlyList<string> keys) =>
        new(
            keys.Count == 0 ? null : keys.Select(key => KeyValuePair.Create(key, (object?)new RecordValue("struct {}")))
        );
}
