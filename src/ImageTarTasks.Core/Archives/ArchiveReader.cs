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
    /// <summary>
    /// Loads all images of <paramref name="input"/> in one pass: docker-archive (every age), oci-archive, OCI layout, hybrids; outer and inner
    /// compression by content. Checks everything (digests, sizes, DiffIDs, counts, names) before anything gets a name; then all names at once.
    /// Reports Docker's "already exists, renaming" lines as results.
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx to ITT23xx; the store is unchanged then.</exception>
    public static IReadOnlyList<LoadedImage> Load(ImageStore store, ArchiveInput input, LoadOptions options, IReporter reporter, CancellationToken cancellation) => throw new NotImplementedException();
}
