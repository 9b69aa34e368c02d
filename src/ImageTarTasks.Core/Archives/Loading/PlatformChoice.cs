using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>Reduces the images of an archive to one platform.</summary>
internal static class PlatformChoice
{
    /// <summary>
    /// The manifest for <paramref name="platform"/> of every image, under the image's names. Images without one are
    /// left out, as Docker does. At least one image must have one.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2219 lists the platforms of the archive.</exception>
    public static IReadOnlyList<ArchiveTarget> Apply(
        IReadOnlyList<ArchiveTarget> targets,
        Platform? platform,
        ContentLocation location
    )
    {
        if (platform is null)
        {
            return targets;
        }

        var chosen = new List<ArchiveTarget>();
        var byDigest = new Dictionary<Digest, ArchiveTarget>();
        foreach (var target in targets)
        {
            if (
                target.Images.FirstOrDefault(image => platform.IsSatisfiedBy(image.Image.Config.Platform))
                is not { } match
            )
            {
                continue;
            }

            if (!byDigest.TryGetValue(match.Manifest.Digest, out var narrowed))
            {
                narrowed = new ArchiveTarget(match.Manifest with { Annotations = [], Platform = null }, [match]);
                byDigest.Add(match.Manifest.Digest, narrowed);
                chosen.Add(narrowed);
            }

            target.Names.ForEach(narrowed.AddName);
        }

        return chosen.Count > 0
            ? chosen
            : throw ArchiveDiagnostics.PlatformNotInArchive(
                platform,
                targets.SelectMany(target => target.Images).Select(image => image.Image.Config.Platform),
                location
            );
    }
}
