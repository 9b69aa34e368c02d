using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>The effects of a removal.</summary>
/// <param name="Untagged">Names to remove, in the order of the output.</param>
/// <param name="Dropped">Targets to remove.</param>
/// <param name="Deleted">The image that is then gone, or null when it stays under another name.</param>
internal sealed record RemovalPlan(
    IReadOnlyList<ImageReference> Untagged,
    IReadOnlyList<ImageCatalogEntry> Dropped,
    StoredImage? Deleted
);

/// <summary>A container and the image it uses.</summary>
internal readonly record struct ImageUse(string ContainerId, ImageId Image);

/// <summary>
/// The rules of <c>docker rmi</c>: what a name or an ID removes, and when the removal is refused (moby
/// daemon/images/image_delete.go).
/// </summary>
internal static class ImageRemoval
{
    /// <summary>Computes the effects of a removal. Changes nothing.</summary>
    /// <exception cref="ImageTarException">ITT1001, ITT3010, ITT3011.</exception>
    public static RemovalPlan Plan(ImageCatalog catalog, IReadOnlyList<ImageUse> uses, string nameOrId, bool force)
    {
        var match = catalog.Find(nameOrId) ?? throw StoreDiagnostics.NoSuchImage(ImageCatalog.Display(nameOrId));
        var image = match.Entry.Image;
        ImageCatalogEntry[] group = match.ByTarget
            ? [match.Entry]
            : [.. catalog.Entries.Where(entry => entry.Image.Id == image.Id)];
        ImageReference[] names = [.. group.SelectMany(entry => entry.References).Order()];
        string? container = uses.FirstOrDefault(use => use.Image == image.Id).ContainerId;

        if (match.Name is { } name && !image.Id.Matches(nameOrId))
        {
            return ByName(nameOrId, name, force);
        }

        if (!force && !IsSingle(names))
        {
            throw StoreDiagnostics.RemovalConflict(
                $"delete {image.Id.Short}",
                false,
                "image is referenced in multiple repositories"
            );
        }

        if (!force && container is not null)
        {
            throw StoreDiagnostics.RemovalConflict(
                $"delete {image.Id.Short}",
                false,
                $"image is being used by stopped container {container[..12]}"
            );
        }

        return Remove(names);

        RemovalPlan ByName(string typed, ImageReference name, bool force)
        {
            if (!force && IsSingle(names) && container is not null)
            {
                throw StoreDiagnostics.RemovalConflict(
                    $"remove repository reference \"{UntrustedText.Show(typed)}\"",
                    true,
                    $"container {container[..12]} is using its referenced image {image.Id.Short}"
                );
            }

            // Digests alone do not keep a repository whose last tag is removed.
            var others = names.Where(other => other != name && other.Repository == name.Repository).ToArray();
            return Remove(others.All(other => other.Tag is null) ? [name, .. others] : [name]);
        }

        RemovalPlan Remove(IReadOnlyCollection<ImageReference> untagged)
        {
            var hasOtherNames = names.Except(untagged).Any();
            ImageCatalogEntry[] dropped =
            [
                .. group.Where(entry =>
                    !hasOtherNames || (entry.References.Count > 0 && entry.References.All(untagged.Contains))
                ),
            ];
            var stays = hasOtherNames || catalog.Entries.Except(dropped).Any(entry => entry.Image.Id == image.Id);
            return new RemovalPlan([.. untagged], dropped, stays ? null : image);
        }
    }

    /// <summary>Docker's notion of one reference: at most one tag, and everything in one repository.</summary>
    private static bool IsSingle(IReadOnlyList<ImageReference> names) =>
        names.Count(name => name.Tag is not null) <= 1
        && names.Select(name => name.Repository).Distinct(StringComparer.Ordinal).Count() <= 1;
}
