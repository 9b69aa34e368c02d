using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Dockerfile;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Containers;

/// <summary>How a container becomes an image.</summary>
public sealed record CommitOptions
{
    /// <summary>Dockerfile instructions, applied in order.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The comment, or null.</summary>
    public string? Message { get; init; }

    /// <summary>The author, or null.</summary>
    public string? Author { get; init; }

    /// <summary>The name, or null for an untagged image.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>
    /// The creation time of the image. When null, the newest time in the container's layers, but not earlier than that
    /// of its image.
    /// </summary>
    public DateTimeOffset? Created { get; init; }
}

/// <summary>Makes images of containers.</summary>
public static class ContainerCommit
{
    /// <summary>
    /// The image with the container's layers on top, each with a step of history; the same container gives the same
    /// image.
    /// </summary>
    /// <exception cref="ImageTarException">ITT12xx a change; ITT1001 the name; ITT30xx the store.</exception>
    public static StoredImage Commit(
        ImageStore store,
        Container container,
        CommitOptions options,
        CancellationToken cancellationToken
    )
    {
        if (options.Reference is { Digest: not null } byDigest)
        {
            throw ValueDiagnostics.InvalidReference(byDigest.Familiar, "cannot commit to digest reference");
        }

        if (options.Reference is { } wanted)
        {
            ImageStore.CheckName(wanted);
        }

        using var pin = store.Pin(container);
        var image = store.OpenImage(container.Image);
        var settings = image.Config.Settings;
        var command = Override(container, settings);
        settings = DockerfileChanges.Apply(
            command is null ? settings : settings with { Cmd = command },
            options.Changes,
            image.Config.Platform.Os
        );
        var created =
            options.Created
            ?? Newest(store, container, image.Config.Created ?? DateTimeOffset.UnixEpoch, cancellationToken);

        var step = new HistoryEntry(
            created,
            string.Join(' ', command ?? image.Config.Settings.Cmd ?? []),
            options.Author ?? "",
            options.Message ?? "",
            container.Layers.Count == 0
        );
        HistoryEntry[] steps = [.. container.Layers.Skip(1).Select(_ => step with { Author = "", Comment = "" }), step];
        var document = DerivedConfig.Compose(
            new ConfigOrigin(image.Config, KeepsLayers: true, KeepsHistory: true),
            settings,
            image.Config.Platform,
            [.. container.Layers.Select(layer => layer.DiffId)],
            steps
        );
        var manifest = ImageManifest.Compose(
            new Descriptor(MediaTypes.OciConfig, Digest.Of(document.Span), document.Length),
            [
                .. image.Manifest.Layers.Select(blob =>
                    blob with
                    {
                        MediaType = MediaTypes.OciLayerOf(blob.MediaType),
                    }
                ),
                .. container.Layers.Select(layer => layer.Descriptor),
            ]
        );
        using var writer = store.BeginWrite();
        writer.Stage(document);
        writer.Stage(manifest.Raw);
        ImageReference[] names = options.Reference is { } name ? [name.OrLatest()] : [];
        return writer.Publish([new Publication(manifest.Descriptor, names)]).Images[0];
    }

    /// <summary>The command given to the container in place of the image's; null when there was none.</summary>
    private static string[]? Override(Container container, ContainerSettings settings)
    {
        var entrypoint = settings.Entrypoint ?? [];
        var own = container.Command.Skip(entrypoint.Count).ToArray();
        return own.SequenceEqual(settings.Cmd ?? [], StringComparer.Ordinal) ? null : own;
    }

    private static DateTimeOffset Newest(
        ImageStore store,
        Container container,
        DateTimeOffset newest,
        CancellationToken cancellationToken
    )
    {
        foreach (var layer in container.Layers)
        {
            using var index = store.OpenLayerIndex(layer, cancellationToken);
            foreach (var entry in index.ReadEntries())
            {
                var time = entry.ModificationTime.ToDateTimeOffset();
                newest = time > newest ? time : newest;
            }
        }

        return newest;
    }
}
