using ImageTarTasks.Store;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>Where an archive comes from: a file or pipe holding a tar in any compression, or a folder that is an OCI layout (or an unpacked archive).</summary>
public sealed record ArchiveInput
{
    /// <summary>The path as messages show it; <c>stdin</c> for a pipe.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The stream, or null when <see cref="Folder"/> is set.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; init; }
}

/// <summary>How to load.</summary>
public sealed record LoadOptions
{
    /// <summary>Only this platform, or null for all there is.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Bound on the plain bytes of one layer, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>An image that was loaded.</summary>
/// <param name="Stored">As it is in the store now.</param>
/// <param name="References">The names this archive gave it.</param>
public sealed record LoadedImage(StoredImage Stored, IReadOnlyList<ImageReference> References);

/// <summary>Reads image archives of every shape into the store.</summary>
public static class ArchiveReader
{
    private static readonly string[] Documents =
        [DockerManifest.FileName, OciLayoutImages.IndexName, OciLayoutImages.LayoutName, LegacyImages.RepositoriesName];

    /// <summary>
    /// Loads all images of <paramref name="input"/> in one pass: docker-archive (every age), oci-archive, OCI layout, hybrids; outer and inner
    /// compression by content. Checks everything (digests, sizes, DiffIDs, counts, names) before anything gets a name; then all names at once.
    /// Reports Docker's "already exists, renaming" lines as results.
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx to ITT23xx; the store is unchanged then.</exception>
    public static IReadOnlyList<LoadedImage> Load(ImageStore store, ArchiveInput input, LoadOptions options, IReporter reporter, CancellationToken cancellation)
    {
        var where = new ContentLocation(input.DisplayName);
        using var writer = store.BeginWrite();
        var contents = Read(input, new ArchiveIntake(writer, options, reporter, where), where, cancellation);
        if (contents.ReadDocument(DeltaDocument.FileName) is { } delta)
        {
            // Only what the archive itself says it lacks is ever taken from the store.
            foreach (var blob in DeltaDocument.Parse(delta, where))
            {
                contents.AddLacking(blob);
            }
        }

        var targets = PlatformChoice.Apply(new ArchiveImages(contents, writer, reporter).Decide(), options.Platform, where);
        foreach (var taken in writer.Publish(targets.Select(target => new Publication(target.Target, target.Names)).ToArray()))
        {
            reporter.Result($"The image {taken.Name.Familiar} already exists, renaming the old one with ID {taken.Previous.Id} to empty string");
        }

        var stored = store.List().ToDictionary(image => image.Target.Digest);
        return targets.Select(target => new LoadedImage(stored.GetValueOrDefault(target.Target.Digest) ?? Describe(target), target.Names)).ToArray();
    }

    private static ArchiveContents Read(ArchiveInput input, ArchiveIntake intake, ContentLocation where, CancellationToken cancellation)
    {
        if (input.Folder is { } folder && !Array.Exists(Documents, name => Path.Exists(Path.Combine(folder, name))))
        {
            throw Diagnostics.EmptyArchive("the folder has no manifest.json, index.json or repositories", where);
        }

        using ArchiveMembers members = input.Folder is { } root
            ? new FolderMembers(root)
            : new TarMembers(input.Stream ?? throw new ArgumentException("neither a stream nor a folder", nameof(input)), where);
        return intake.Read(members, cancellation);
    }

    /// <summary>An image that another process removed again before it could be looked up.</summary>
    private static StoredImage Describe(ArchiveTarget target)
    {
        var image = target.Images.FirstOrDefault(image => Platform.Host.IsSatisfiedBy(image.Image.Config.Platform));
        return new StoredImage(target.Target, target.Names, (image ?? (target.Images is [var first, ..] ? first : null))?.Image);
    }
}
