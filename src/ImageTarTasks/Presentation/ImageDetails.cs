using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.Presentation;

/// <summary>
/// What <c>inspect</c> tells of an image and of a container: the keys of Docker Engine 28 in its order, less what only a running engine has
/// (graph driver, networks, mounts, limits).
/// </summary>
internal static class ImageDetails
{
    private const string Json = "map[string]interface {}";

    /// <summary>An image of the store, for one platform.</summary>
    /// <param name="stored">Its names and their target.</param>
    /// <param name="image">The image.</param>
    /// <param name="sizes">Sizes of layers.</param>
    public static RecordValue Of(StoredImage stored, Image image, LayerSizes sizes)
    {
        var config = image.Config;
        var comment = config.Comment.Length > 0 ? config.Comment : config.History is [.., var last] ? last.Comment : "";
        var repositories = stored.References.Select(name => name.FamiliarRepository).Distinct();
        return new RecordValue(Json)
            .With("Id", image.Id.ToString())
            .With("RepoTags", ListValue.Of(stored.References.Where(name => name.Tag is not null).Select(name => name.Familiar)))
            .With("RepoDigests", ListValue.Of(repositories.Select(repository => $"{repository}@{stored.Target.Digest}")))
            .With("Parent", "")
            .With("Comment", comment)
            .With("Created", config.CreatedText)
            .With("DockerVersion", config.DockerVersion)
            .With("Author", config.Author)
            .With("Architecture", config.Platform.Architecture)
            .WithUnlessEmpty("Variant", config.Platform.Variant)
            .With("Os", config.Platform.Os)
            .With("Size", () => sizes.Of(image))
            .With("RootFS", new RecordValue(Json).With("Type", "layers").WithUnlessEmpty("Layers", ListValue.Of(config.DiffIds.Select(id => id.ToString()))))
            .With("Metadata", new RecordValue(Json).With("LastTagTime", "0001-01-01T00:00:00Z"))
            .With("Descriptor", OfDescriptor(stored.Target))
            .With("Config", OfSettings(config.Settings, config.Settings.Cmd));
    }

    /// <summary>A container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="image">Its image.</param>
    public static RecordValue Of(Container container, Image image)
    {
        var settings = image.Config.Settings;
        var own = container.Command.Skip(settings.Entrypoint?.Count ?? 0).ToArray();
        var command = own.Length == 0 ? null : own;
        return new RecordValue(Json)
            .With("Id", container.Id)
            .With("Created", GoTime.Format(container.Created))
            .With("Path", container.Command.Count > 0 ? container.Command[0] : "")
            .With("Args", ListValue.Of(container.Command.Skip(1)))
            .With("State", new RecordValue(Json)
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
                .With("FinishedAt", "0001-01-01T00:00:00Z"))
            .With("Image", image.Id.ToString())
            .With("Name", "/" + container.Name)
            .With("RestartCount", 0L)
            .With("Platform", image.Config.Platform.Os)
            .With("ImageManifestDescriptor", OfDescriptor(container.Image))
            .With("Config", OfSettings(settings, command, container.ImageName));
    }

    private static RecordValue OfDescriptor(Descriptor descriptor) => new RecordValue(Json)
        .With("mediaType", descriptor.MediaType).With("digest", descriptor.Digest.Value).With("size", descriptor.Size);

    /// <summary>Docker merges two views of the configuration into one map: its keys are sorted; eight are there though nothing is set.</summary>
    private static RecordValue OfSettings(ContainerSettings settings, IReadOnlyList<string>? command, string? image = null) => new RecordValue(Json)
        .With("Cmd", ListValue.Of(command))
        .With("Entrypoint", ListValue.Of(settings.Entrypoint))
        .With("Env", ListValue.Of(settings.Env))
        .WithUnlessEmpty("ExposedPorts", Set(settings.ExposedPorts))
        .WithUnlessEmpty("Healthcheck", settings.Healthcheck is { } check ? OfHealthcheck(check) : null)
        .WithUnlessEmpty("Image", image)
        .With("Labels", MapValue.Of(settings.Labels.Count > 0 ? settings.Labels : null))
        .With("OnBuild", ListValue.Of(settings.OnBuild.Count > 0 ? settings.OnBuild : null))
        .WithUnlessEmpty("Shell", ListValue.Of(settings.Shell))
        .WithUnlessEmpty("StopSignal", settings.StopSignal)
        .With("User", settings.User)
        .With("Volumes", Set(settings.Volumes))
        .With("WorkingDir", settings.WorkingDir);

    private static RecordValue OfHealthcheck(Healthcheck check) => new RecordValue(Json)
        .WithUnlessEmpty("Test", ListValue.Of(check.Test))
        .WithUnlessEmpty("Interval", check.Interval)
        .WithUnlessEmpty("Timeout", check.Timeout)
        .WithUnlessEmpty("StartPeriod", check.StartPeriod)
        .WithUnlessEmpty("StartInterval", check.StartInterval)
        .WithUnlessEmpty("Retries", (long)check.Retries);

    private static MapValue Set(IReadOnlyList<string> keys) =>
        new(keys.Count == 0 ? null : keys.Select(key => KeyValuePair.Create(key, (object?)new RecordValue("struct {}"))));
}
