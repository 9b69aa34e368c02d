using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>A target of index.json with its names. Its image is read on demand.</summary>
/// <param name="target">The manifest or index.</param>
/// <param name="references">Its names, in ordinal order.</param>
/// <param name="load">Reads the image.</param>
internal sealed class ImageCatalogEntry(
    Descriptor target,
    IReadOnlyList<ImageReference> references,
    Func<Descriptor, Oci.Image?> load
)
{
    private readonly Lazy<StoredImage> _image = new(() => new StoredImage(target, references, load(target)));

    public Descriptor Target => target;

    public IReadOnlyList<ImageReference> References => references;

    public StoredImage Image => _image.Value;
}

/// <summary>
/// A snapshot of the images, and Docker's rules for resolving a name or an ID. An image, in Docker's sense, is
/// everything with the same image ID: one configuration may be stored with differently compressed layers under
/// different names. The order of the rules is that of moby daemon/images/image.go (GetImage).
/// </summary>
internal sealed class ImageCatalog(IReadOnlyList<ImageCatalogEntry> entries)
{
    public IReadOnlyList<ImageCatalogEntry> Entries => entries;

    /// <summary>The images of an index, read on demand.</summary>
    public static ImageCatalog Of(StoreIndex index, ImageResolver resolver) =>
        new([
            .. index.Targets.Select(entry => new ImageCatalogEntry(
                entry.Target,
                entry.References,
                target => resolver.TryOpen(target)
            )),
        ]);

    /// <summary>
    /// The result of a look-up: the entry, and the name that was given, or null when an ID or a digest was given.
    /// <c>ByTarget</c> is true when the digest is that of the manifest or index, and not the image ID.
    /// </summary>
    internal sealed record Match(ImageCatalogEntry Entry, ImageReference? Name, bool ByTarget = false);

    /// <summary>
    /// Resolves <paramref name="text"/>. A whole digest (with or without <c>sha256:</c>) is an ID; else it is a name
    /// (default tag latest; with a digest only the digest decides); else a unique prefix of an ID. Null when there is
    /// no such image, or several.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1001: neither a name nor an ID.</exception>
    public Match? Find(string text)
    {
        if (WholeDigest(text) is { } digest)
        {
            return ByDigest(digest);
        }

        var reference = ImageReference.Parse(text).OrLatest();
        if (reference.Digest is { } wanted)
        {
            return ByDigest(wanted);
        }

        var named = entries.FirstOrDefault(entry => entry.References.Contains(reference));
        return named is not null ? new Match(named, reference) : ByPrefix(text);
    }

    /// <summary>
    /// The images that an argument of <c>save</c> names. A bare repository names all its images with all their tags.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1001, ITT3010.</exception>
    public IReadOnlyList<ImageSelection> Select(string text)
    {
        if (WholeDigest(text) is null && ImageReference.Parse(text) is { Tag: null, Digest: null } repository)
        {
            var selected = entries
                .SelectMany(entry =>
                    entry
                        .References.Where(name => name.Repository == repository.Repository)
                        .Select(name => (entry, name))
                )
                .OrderBy(pair => pair.name)
                .GroupBy(pair => pair.entry)
                .Select(group => new ImageSelection(
                    group.Key.Image,
                    [.. group.Select(pair => pair.name).Where(name => name.Digest is null)]
                ))
                .ToArray();
            if (selected.Length > 0)
            {
                return selected;
            }
        }

        var match = Find(text) ?? throw StoreDiagnostics.NoSuchImage(text);
        return [new ImageSelection(match.Entry.Image, match.Name is { } name ? [name] : [])];
    }

    /// <summary>
    /// The form of a name in the message <c>No such image</c>: Docker adds the default tag, and <c>sha256:</c> to an
    /// ID.
    /// </summary>
    public static string Display(string text)
    {
        if (WholeDigest(text) is { } digest)
        {
            return digest.Value;
        }

        return ImageReference.TryParse(text, out var name, out _) ? name.OrLatest().Familiar : text;
    }

    private static Digest? WholeDigest(string text) =>
        Digest.TryParse(text, out var digest) || Digest.TryParse("sha256:" + text, out digest) ? digest : null;

    private Match? ByDigest(Digest digest)
    {
        if (entries.FirstOrDefault(entry => entry.Target.Digest == digest) is { } target)
        {
            return new Match(target, null, ByTarget: target.Image.Id.Digest != digest);
        }

        return entries.FirstOrDefault(entry => entry.Image.Id.Digest == digest) is { } image
            ? new Match(image, null)
            : null;
    }

    private Match? ByPrefix(string text)
    {
        var hex = text.StartsWith("sha256:", StringComparison.Ordinal) ? text[7..] : text;
        if (hex.Length == 0 || !Digest.IsLowerHex(hex))
        {
            return null;
        }

        var images = entries
            .Where(entry => entry.Image.Id.Digest.Hex.StartsWith(hex, StringComparison.Ordinal))
            .ToArray();
        if (images.Select(entry => entry.Image.Id).Distinct().Take(2).Count() == 1)
        {
            return new Match(images[0], null);
        }

        var targets =
            images.Length > 0
                ? []
                : entries.Where(entry => entry.Target.Digest.Hex.StartsWith(hex, StringComparison.Ordinal)).ToArray();
        return targets.Length == 1 ? new Match(targets[0], null, ByTarget: true) : null;
    }
}
