using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>One image of an archive to be written.</summary>
/// <param name="Target">The descriptor that index.json lists.</param>
/// <param name="Image">The image that manifest.json describes; null for an artifact.</param>
/// <param name="Platforms">All its images that are present.</param>
/// <param name="Names">Its names, in ordinal order.</param>
internal sealed record SaveEntry(
    Descriptor Target,
    Image? Image,
    IReadOnlyList<PlatformImage> Platforms,
    IReadOnlyList<ImageReference> Names
);

/// <summary>A blob to be written.</summary>
/// <param name="Descriptor">Its descriptor.</param>
/// <param name="Open">Opens its content, which is verified while it is read.</param>
internal sealed record SaveBlob(Descriptor Descriptor, Func<Stream> Open);

/// <summary>The content of an archive, decided and checked before its first byte is written.</summary>
/// <param name="Entries">The images, ordered by their first name and their digest.</param>
/// <param name="Blobs">All blobs, ordered by algorithm and digits, each once.</param>
/// <param name="LeftOut">The layers that are left out, in the same order.</param>
internal sealed record SavePlan(
    IReadOnlyList<SaveEntry> Entries,
    IReadOnlyList<SaveBlob> Blobs,
    IReadOnlyList<Descriptor> LeftOut
)
{
    /// <exception cref="ImageTarException">
    /// ITT3012 no such platform; ITT3020, ITT3021 a blob is missing; ITT3050, ITT3051 platforms are.
    /// </exception>
    public static SavePlan Create(
        ImageStore store,
        IReadOnlyList<ImageSelection> images,
        SaveOptions options,
        LayerRecompression? recompression
    )
    {
        // Everything is read before anything is compressed, because compression takes longest.
        var reader = new SaveNodeReader(store);
        var roots = images
            .Select(selection =>
                (Node: ResolvePlatforms(reader.Open(selection.Image.Target), selection, options), selection.References)
            )
            .ToArray();
        var composition = new SaveComposition(store, options.Except, recompression);
        var targets = new Dictionary<Digest, SaveEntry>();
        var names = new Dictionary<Digest, SortedSet<ImageReference>>();
        foreach (var (node, references) in roots)
        {
            var target = composition.Add(node);
            if (!targets.ContainsKey(target.Digest))
            {
                var image = ImageOf(node, options.Platform);
                targets.Add(
                    target.Digest,
                    new SaveEntry(
                        target,
                        image is null ? null : composition.ImageOf(image).Image,
                        [.. node.Images().Select(composition.ImageOf)],
                        []
                    )
                );
            }

            if (!names.TryGetValue(target.Digest, out var known))
            {
                names.Add(target.Digest, known = []);
            }

            known.UnionWith(references);
        }

        var entries = targets
            .Values.Select(entry => entry with { Names = [.. names[entry.Target.Digest]] })
            .OrderBy(entry => entry.Names is [var first, ..] ? first.Full : "", StringComparer.Ordinal)
            .ThenBy(entry => entry.Target.Digest)
            .ToArray();
        return new SavePlan(entries, composition.Blobs, composition.LeftOut);
    }

    /// <summary>Reduces an image to the requested platform, or decides about its missing platforms.</summary>
    private static SaveNode ResolvePlatforms(SaveNode root, ImageSelection selection, SaveOptions options)
    {
        var images = root.Images().ToArray();
        if (options.Platform is { } platform)
        {
            return Narrow(root, images, Name(selection), platform);
        }

        var missing = root.Missing()
            .Select(node => node.Platform?.ToString() ?? node.Descriptor.Digest.Value)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        if (missing.Length == 0)
        {
            return root;
        }

        if (options.MissingPlatforms == MissingPlatforms.Fail)
        {
            throw SaveDiagnostics.PlatformsMissing(Name(selection), missing, images.Select(image => image.Platform!));
        }

        var settled = options.MissingPlatforms == MissingPlatforms.Subset ? new IndexSubset().Of(root) : root;
        return settled is null || images.Length == 0
            ? throw SaveDiagnostics.NoPlatformThere(Name(selection), missing)
            : settled;
    }

    private static SaveNode Narrow(SaveNode root, SaveNode[] images, string name, Platform platform)
    {
        if (images.Length == 0)
        {
            throw StoreDiagnostics.NotAnImage(
                root.Descriptor.Digest,
                $"an artifact: its configuration has \"mediaType\" "
                    + $"\"{UntrustedText.Show(root.Manifest?.Config.MediaType ?? root.Descriptor.MediaType)}\"",
                new ContentLocation(name)
            );
        }

        var match =
            Array.Find(images, image => platform.IsSatisfiedBy(image.Platform!))
            ?? throw StoreDiagnostics.NoSuchPlatform(name, platform, images.Select(image => image.Platform!));
        return root.Index is null
            ? root
            : match with
            {
                Descriptor = match.Descriptor with { Annotations = [], Platform = match.Image!.Config.Platform },
            };
    }

    /// <summary>
    /// The image that manifest.json describes for old readers: the one for the platform, else for the host's, else the
    /// first; null for an artifact.
    /// </summary>
    private static SaveNode? ImageOf(SaveNode root, Platform? platform)
    {
        var images = root.Images().ToArray();
        return Array.Find(images, image => (platform ?? Platform.Host).IsSatisfiedBy(image.Platform!))
            ?? images.FirstOrDefault();
    }

    private static string Name(ImageSelection selection) =>
        selection.References is [var first, ..] ? first.Familiar : selection.Image.Id.ToString();
}
