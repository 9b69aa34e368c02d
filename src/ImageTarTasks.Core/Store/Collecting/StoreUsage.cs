using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Collecting;

/// <summary>What uses the space of a store. Sizes are bytes of files, as they are on the disk.</summary>
/// <param name="Images">The images, the one used last first.</param>
/// <param name="Containers">The containers, newest first.</param>
/// <param name="Recompressed">The layers kept in another compression, for later saves.</param>
/// <param name="ImageBytes">The content of all images, each blob once.</param>
/// <param name="ReclaimableImageBytes">The part of it that no container needs.</param>
/// <param name="UnreferencedBytes">Content that nothing refers to; a prune deletes it when it is an hour old.</param>
public sealed record StoreUsage(
    IReadOnlyList<ImageUsage> Images,
    IReadOnlyList<ContainerUsage> Containers,
    IReadOnlyList<RecompressedUsage> Recompressed,
    long ImageBytes,
    long ReclaimableImageBytes,
    long UnreferencedBytes
)
{
    /// <summary>The bytes of all files.</summary>
    public long TotalBytes =>
        ImageBytes
        + UnreferencedBytes
        + Containers.Sum(container => container.Size)
        + Recompressed.Sum(file => file.Size);

    /// <summary>Measures the store. Reads the documents of all images and no layer.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3006.</exception>
    internal static StoreUsage Measure(StoreContext store, ImageCatalog catalog, ImageResolver resolver)
    {
        var sizes = new Collector(store).Sizes(withRecompressed: false);
        var containers = store.Containers.List().Readable;
        var entries = catalog.Entries.Select(entry => (entry.Image, Content: store.ContentOf(entry.Target))).ToArray();
        var users = new Dictionary<Digest, int>();
        foreach (var digest in entries.SelectMany(entry => entry.Content))
        {
            users[digest] = users.GetValueOrDefault(digest) + 1;
        }

        var containersOf = containers
            .GroupBy(container => resolver.TryOpen(container.Image)?.Id ?? new ImageId(container.Image.Digest))
            .ToDictionary(group => group.Key, group => group.Count());
        var ofContainers = containers
            .SelectMany(container =>
                store.ContentOf(container.Image).Concat(container.Layers.Select(layer => layer.Descriptor.Digest))
            )
            .ToHashSet();
        return new StoreUsage(
            [
                .. entries
                    .Select(entry => new ImageUsage(
                        entry.Image,
                        Sum(entry.Content),
                        Sum(entry.Content.Where(digest => users[digest] > 1)),
                        containersOf.GetValueOrDefault(entry.Image.Id),
                        store.LastUse(entry.Image.Target.Digest)
                    ))
                    .OrderByDescending(image => image.LastUse)
                    .ThenBy(image => image.Image.Target.Digest),
            ],
            [
                .. containers.Select(container => new ContainerUsage(
                    container,
                    Sum(container.Layers.Select(layer => layer.Descriptor.Digest).Distinct())
                )),
            ],
            [
                .. new RecompressedLayers(store)
                    .Files()
                    .Select(entry => new RecompressedUsage(
                        entry.Layer,
                        entry.File.Name.Split('.')[1],
                        StoreFiles.LengthOf(entry.File),
                        entry.File.LastWriteTimeUtc
                    ))
                    .OrderByDescending(file => file.Created)
                    .ThenBy(file => file.Layer),
            ],
            Sum(users.Keys),
            Sum(users.Keys.Where(digest => !ofContainers.Contains(digest))),
            Sum(sizes.Keys.Where(digest => !users.ContainsKey(digest) && !ofContainers.Contains(digest)))
        );

        long Sum(IEnumerable<Digest> digests) => digests.Sum(digest => sizes.GetValueOrDefault(digest));
    }
}

/// <summary>The space of an image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Size">The bytes of its content.</param>
/// <param name="Shared">The part of it that other images have, too.</param>
/// <param name="Containers">The number of containers that were created from it.</param>
/// <param name="LastUse">When it was stored or used last, in UTC.</param>
public sealed record ImageUsage(StoredImage Image, long Size, long Shared, int Containers, DateTime LastUse);

/// <summary>The space of a container's own layers.</summary>
public sealed record ContainerUsage(Container Container, long Size);

/// <summary>A layer in another compression than it is stored in.</summary>
/// <param name="Layer">The digest of the stored layer.</param>
/// <param name="Compression">gzip or zstd, and the level: <c>gzip-6</c>.</param>
/// <param name="Size">The bytes of the file.</param>
/// <param name="Created">When it was made, in UTC.</param>
public sealed record RecompressedUsage(Digest Layer, string Compression, long Size, DateTime Created);
