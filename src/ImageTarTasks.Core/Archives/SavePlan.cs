using ImageTarTasks.Oci;
using ImageTarTasks.Store;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>One image of an archive to be written.</summary>
/// <param name="Target">What index.json lists.</param>
/// <param name="Image">The image manifest.json describes; null for an artifact.</param>
/// <param name="Names">Its names, ordinal order.</param>
internal sealed record SaveEntry(Descriptor Target, Image? Image, IReadOnlyList<ImageReference> Names);

/// <summary>What an archive will hold, settled and checked before its first byte is written.</summary>
/// <param name="Entries">The images, ordered by their first name and their digest.</param>
/// <param name="Blobs">All blobs, ordered by algorithm and digits, each once.</param>
internal sealed record SavePlan(IReadOnlyList<SaveEntry> Entries, IReadOnlyList<Descriptor> Blobs)
{
    /// <exception cref="ImageTarException">ITT3012 no such platform; ITT3020 a blob is missing.</exception>
    public static SavePlan Make(ImageStore store, IReadOnlyList<ImageSelection> images, SaveOptions options)
    {
        var targets = new Dictionary<Digest, Descriptor>();
        var names = new Dictionary<Digest, SortedSet<ImageReference>>();
        foreach (var selection in images)
        {
            var target = options.Platform is { } platform ? Narrow(store, selection.Image.Target, platform) : selection.Image.Target;
            targets.TryAdd(target.Digest, target);
            if (!names.TryGetValue(target.Digest, out var known))
            {
                names.Add(target.Digest, known = []);
            }

            known.UnionWith(selection.References);
        }

        var entries = targets.Values
            .Select(target => new SaveEntry(target, OpenImage(store, target, options.Platform), names[target.Digest].ToArray()))
            .OrderBy(entry => entry.Names is [var first, ..] ? first.Full : "", StringComparer.Ordinal).ThenBy(entry => entry.Target.Digest)
            .ToArray();
        return new SavePlan(entries, Collect(store, entries));
    }

    /// <summary>The manifest for a platform; an index that lists it says which platform that is.</summary>
    private static Descriptor Narrow(ImageStore store, Descriptor target, Platform platform)
    {
        var image = store.OpenImage(target, platform);
        if (!MediaTypes.IsIndex(target.MediaType))
        {
            return target;
        }

        var manifest = store.Manifests(target).First(candidate => IsDigestOf(candidate.Digest, image.Manifest.Raw.Span));
        return manifest with { Annotations = [], Platform = image.Config.Platform };
    }

    private static bool IsDigestOf(Digest digest, ReadOnlySpan<byte> content)
    {
        using var hash = digest.CreateHash();
        hash.AppendData(content);
        return Digest.FromHash(hash.GetHashAndReset()) == digest;
    }

    /// <summary>The image manifest.json tells old readers of: that for the platform, else for the host's, else the first; none of an artifact.</summary>
    private static Image? OpenImage(ImageStore store, Descriptor target, Platform? platform) =>
        store.Manifests(target).Count == 0 ? null : store.OpenImage(target, platform);

    /// <summary>
    /// Every blob. What an index lists may be absent (a partial pull leaves it so, and the index stays true); everything an image needs may not.
    /// </summary>
    private static Descriptor[] Collect(ImageStore store, IReadOnlyList<SaveEntry> entries)
    {
        var blobs = new SortedDictionary<Digest, Descriptor>();
        foreach (var entry in entries)
        {
            foreach (var blob in store.Reachable(entry.Target))
            {
                if (store.Has(blob))
                {
                    blobs.TryAdd(blob.Digest, blob);
                }
                else if (!IsOptional(blob, entry.Target))
                {
                    // Absent or cut short: opening says which.
                    store.OpenBlob(blob).Dispose();
                }
            }
        }

        return blobs.Values.ToArray();
    }

    private static bool IsOptional(Descriptor blob, Descriptor root) =>
        blob.Digest != root.Digest && MediaTypes.IsIndex(root.MediaType) && (MediaTypes.IsManifest(blob.MediaType) || MediaTypes.IsIndex(blob.MediaType));
}
