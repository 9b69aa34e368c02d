using ImageTarTasks.Core.Archives.Contents;
using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>
/// The source of an archive: a file or pipe with a tar in any compression, or a folder with an OCI layout or an
/// unpacked archive.
/// </summary>
public sealed record ArchiveInput
{
    /// <summary>The path as messages show it; <c>stdin</c> for a pipe.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The stream, or null when <see cref="Folder"/> is set.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; init; }
}

/// <summary>Reads image archives of every shape into the store.</summary>
public static class ArchiveReader
{
    private static readonly string[] Documents =
    [
        DockerManifest.FileName,
        OciLayout.IndexFile,
        OciLayout.LayoutFile,
        LegacyImages.RepositoriesName,
    ];

    /// <summary>
    /// Loads the images of <paramref name="input"/> in one pass: docker-archive of every version, oci-archive, OCI
    /// layout, and hybrids, with any compression around the archive and around its layers. First the whole archive is
    /// checked (digests, sizes, DiffIDs, counts, names), then the options are applied, then all names are set at once.
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx to ITT23xx, ITT3015; the store is then unchanged.</exception>
    public static LoadResult Load(
        ImageStore store,
        ArchiveInput input,
        LoadOptions options,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var location = new ContentLocation(input.DisplayName);
        using var writer = store.BeginWrite();
        var targets = Choose(
            ReadTargets(input, writer, options.MaxUnpacked, ErrorPolicy.Stop, reporter, cancellationToken),
            options,
            location
        );
        var kept = new List<TakenName>();
        var published = writer.Publish(
            targets.Select(target => new Publication(target.Target, target.Names)).ToArray(),
            MayTake
        );
        var images = targets.Zip(
            published.Images,
            (target, image) =>
                new LoadedImage(image, target.Names.Except(kept.Select(name => name.Name)).ToArray(), target.Images)
        );
        foreach (var layer in targets.SelectMany(target => target.Images).SelectMany(image => image.Image.Layers))
        {
            if (store.LacksForeignLayer(layer.Descriptor))
            {
                reporter.Detail(
                    $"layer {layer.Descriptor.Digest} is neither in the archive nor in the store: its publisher "
                        + $"distributes it, at {ValueDiagnostics.Addresses(layer.Descriptor)}"
                );
            }
        }

        return new LoadResult(images.ToArray(), published.Taken, kept);

        bool MayTake(TakenName name)
        {
            switch (options.OnConflict)
            {
                case NameConflict.Keep:
                    kept.Add(name);
                    return false;
                case NameConflict.Fail:
                    throw ArchiveDiagnostics.NameInUse(name.Name, name.Previous.Id, location);
                default:
                    return true;
            }
        }
    }

    /// <summary>Reads an archive once into <paramref name="ingester"/> and returns its checked images.</summary>
    internal static IReadOnlyList<ArchiveTarget> ReadTargets(
        ArchiveInput input,
        IBlobIngester ingester,
        long? maxUnpacked,
        ErrorPolicy errorPolicy,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var location = new ContentLocation(input.DisplayName);
        var contents = Read(
            input,
            new ArchiveIngest(ingester, maxUnpacked, errorPolicy, reporter, location),
            location,
            cancellationToken
        );
        if (contents.ReadDocument(DeltaDocument.FileName) is { } delta)
        {
            // Only blobs that the archive itself declares as left out are taken from the store.
            foreach (var blob in DeltaDocument.Parse(delta, location))
            {
                contents.AddLeftOut(blob);
            }
        }

        var targets = new ArchiveImages(contents, ingester, errorPolicy, reporter).Decide();
        if (errorPolicy.ChecksUnusedMembers)
        {
            contents.CheckAllMembers(errorPolicy);
        }

        return targets;
    }

    /// <summary>An image as the store would list it.</summary>
    internal static StoredImage Describe(ArchiveTarget target)
    {
        var image = target.Images.FirstOrDefault(image => Platform.Host.IsSatisfiedBy(image.Image.Config.Platform));
        return new StoredImage(
            target.Target,
            target.Names,
            (image ?? (target.Images is [var first, ..] ? first : null))?.Image
        );
    }

    private static IReadOnlyList<ArchiveTarget> Choose(
        IReadOnlyList<ArchiveTarget> targets,
        LoadOptions options,
        ContentLocation location
    )
    {
        targets = ImageChoice.Apply(targets, options.Images, location);
        targets = PlatformChoice.Apply(targets, options.Platform, location);
        var missing = targets.SelectMany(target => target.Missing).DistinctBy(image => image.Digest).ToArray();
        return options.MissingPlatforms == MissingPlatforms.Fail && missing.Length > 0
            ? throw ArchiveDiagnostics.PlatformsMissing(missing, location)
            : ImageChoice.Rename(targets, options.Tags, location);
    }

    private static ArchiveContents Read(
        ArchiveInput input,
        ArchiveIngest ingest,
        ContentLocation location,
        CancellationToken cancellationToken
    )
    {
        if (input.Folder is { } folder && !Array.Exists(Documents, name => Path.Exists(Path.Combine(folder, name))))
        {
            throw Directory.EnumerateFileSystemEntries(folder).Any()
                ? ArchiveDiagnostics.RootFilesystem("folder", location)
                : ArchiveDiagnostics.EmptyArchive("the folder is empty", location);
        }

        using ArchiveMembers members = input.Folder is { } root
            ? new FolderMembers(root)
            : new TarMembers(
                input.Stream ?? throw new ArgumentException("neither a stream nor a folder", nameof(input)),
                location
            );
        return ingest.Read(members, cancellationToken);
    }
}
