using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Loading;

/// <summary>Selects images of an archive and decides their names.</summary>
internal static class ImageChoice
{
    private const int DigestLength = 64;

    /// <summary>
    /// The images the user selected, in the archive's order: by a name and tag, by a name with any tag, by an ID, by a
    /// manifest's digest, by the first digits of one, or by a word that index.json has instead of a name. An image that
    /// was selected by a name gets that name; otherwise it keeps all its names.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT2225 lists the images of the archive; ITT2226: several images begin with these digits.
    /// </exception>
    public static IReadOnlyList<ArchiveTarget> Apply(
        IReadOnlyList<ArchiveTarget> targets,
        IReadOnlyList<string> wanted,
        ContentLocation location
    )
    {
        if (wanted.Count == 0)
        {
            return targets;
        }

        var names = new Dictionary<ArchiveTarget, HashSet<ImageReference>>();
        foreach (var text in wanted)
        {
            foreach (var (target, under) in Find(targets, text, location))
            {
                if (!names.TryGetValue(target, out var known))
                {
                    names.Add(target, known = []);
                }

                known.UnionWith(under);
            }
        }

        return targets
            .Where(names.ContainsKey)
            .Select(target => Named(target, target.Names.Where(names[target].Contains)))
            .ToArray();
    }

    /// <summary>The images under the names the user gives, or under none.</summary>
    /// <exception cref="ImageTarException">ITT2227: names for more than one image.</exception>
    public static IReadOnlyList<ArchiveTarget> Rename(
        IReadOnlyList<ArchiveTarget> targets,
        IReadOnlyList<ImageReference>? tags,
        ContentLocation location
    ) =>
        (tags, targets) switch
        {
            (null, _) => targets,
            ({ Count: > 0 }, not [_]) => throw ArchiveDiagnostics.TagsForSeveralImages(
                targets.Select(Display).ToArray(),
                location
            ),
            _ => targets.Select(target => Named(target, tags)).ToArray(),
        };

    private static IEnumerable<(ArchiveTarget Target, IEnumerable<ImageReference> Names)> Find(
        IReadOnlyList<ArchiveTarget> targets,
        string text,
        ContentLocation location
    )
    {
        if (ImageReference.TryParse(text, out var reference, out _) && reference.Digest is null)
        {
            var named = targets
                .Select(target =>
                    (
                        target,
                        Names: target.Names.Where(name =>
                            name == reference || (reference.Tag is null && name.Repository == reference.Repository)
                        )
                    )
                )
                .Where(found => found.Names.Any())
                .ToArray();
            if (named.Length > 0)
            {
                return named;
            }
        }

        var digits = text.StartsWith("sha256:", StringComparison.Ordinal) ? text[7..] : text;
        var found = targets.Where(target => target.Labels.Contains(text, StringComparer.Ordinal)).ToArray();
        if (found.Length == 0 && Digest.IsLowerHex(digits) && digits.Length <= DigestLength)
        {
            found = targets
                .Where(target =>
                    DigestsOf(target).Any(digest => digest.Hex.StartsWith(digits, StringComparison.Ordinal))
                )
                .ToArray();
            if (found.Length > 1 && digits.Length < DigestLength)
            {
                throw ArchiveDiagnostics.ImageAmbiguous(text, found.Select(Display).ToArray(), location);
            }
        }

        return found.Length > 0
            ? found.Select(target => (target, (IEnumerable<ImageReference>)target.Names))
            : throw ArchiveDiagnostics.ImageNotInArchive(text, targets.Select(Display).ToArray(), location);
    }

    private static IEnumerable<Digest> DigestsOf(ArchiveTarget target) =>
        target
            .Images.SelectMany(image => new[] { image.Image.Id.Digest, image.Manifest.Digest })
            .Append(target.Target.Digest);

    private static ArchiveTarget Named(ArchiveTarget target, IEnumerable<ImageReference> names)
    {
        var named = new ArchiveTarget(target.Target, target.Images) { Missing = target.Missing };
        named.Names.AddRange(names);
        return named;
    }

    /// <summary>The shortest texts that select an image: its names, else its words, else its ID.</summary>
    private static string Display(ArchiveTarget target) =>
        target.Names.Count > 0 ? string.Join(", ", target.Names)
        : target.Labels.Count > 0 ? string.Join(", ", target.Labels.Select(UntrustedText.Show))
        : (target.Images is [var image, ..] ? image.Image.Id.Digest : target.Target.Digest).Value;
}
