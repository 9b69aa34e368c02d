using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Names;

/// <summary>
/// A working copy of <c>index.json</c>: the manifest or index that each name points to, and the targets without a name.
/// A name is in the annotation <c>io.containerd.image.name</c>, as Docker writes it. Layouts of other tools have only
/// <c>org.opencontainers.image.ref.name</c>: a whole reference, or a bare tag, which is interpreted as a repository, as
/// containerd does (containerd core/images/archive/reference.go). Composing gives the same bytes for the same content.
/// The specification of the file is image-spec image-layout.md.
/// </summary>
internal sealed class StoreIndex
{
    private readonly Dictionary<string, Entry> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, Descriptor> _untagged = [];

    private StoreIndex() { }

    /// <summary>All targets, each once, with its names in ordinal order; ordered by digest.</summary>
    public IReadOnlyList<(Descriptor Target, IReadOnlyList<ImageReference> References)> Targets =>
        [
            .. _named
                .Values.GroupBy(entry => entry.Target.Digest)
                .Select(group =>
                    (
                        group.First().Target,
                        (IReadOnlyList<ImageReference>)[.. group.Select(entry => entry.Name).Order()]
                    )
                )
                .Concat(Untagged.Select(target => (target, (IReadOnlyList<ImageReference>)[])))
                .OrderBy(entry => entry.Item1.Digest),
        ];

    /// <summary>The targets without a name. A name that is added later replaces the entry without one.</summary>
    private IEnumerable<Descriptor> Untagged
    {
        get
        {
            var named = _named.Values.Select(entry => entry.Target.Digest).ToHashSet();
            return _untagged.Values.Where(target => !named.Contains(target.Digest));
        }
    }

    /// <summary>An index without entries.</summary>
    public static StoreIndex Empty() => new();

    /// <summary>Reads index.json.</summary>
    /// <exception cref="ImageTarException">ITT23xx, ITT3003.</exception>
    public static StoreIndex Parse(ReadOnlyMemory<byte> raw, ContentLocation location)
    {
        var index = new StoreIndex();
        foreach (var descriptor in ImageIndex.Parse(raw, null, location).Manifests)
        {
            if (NameOf(descriptor) is not { } name)
            {
                index._untagged.TryAdd(descriptor.Digest, descriptor);
                continue;
            }

            var entry = new Entry(Nameless(descriptor), name, descriptor.Annotation(OciLayout.RefNameAnnotation));
            if (!index._named.TryAdd(name.Full, entry) && index._named[name.Full].Target.Digest != descriptor.Digest)
            {
                throw StoreDiagnostics.NameTwice(name, location);
            }
        }

        return index;
    }

    /// <summary>The bytes of index.json: sorted by name, then digest.</summary>
    /// <exception cref="ImageTarException">ITT3007.</exception>
    public ReadOnlyMemory<byte> Compose(string root)
    {
        var entries = _named
            .Values.Select(entry => (Key: entry.Name.Full, Descriptor: entry.ToDescriptor()))
            .Concat(Untagged.Select(target => (Key: "", Descriptor: target)))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .ThenBy(entry => entry.Descriptor.Digest)
            .Select(entry => entry.Descriptor)
            .ToList();
        var raw = entries.Count > Limits.IndexChildren ? default : ImageIndex.Compose(entries).Raw;
        return entries.Count > Limits.IndexChildren || raw.Length > Limits.JsonBytes
            ? throw StoreDiagnostics.StoreFull(root)
            : raw;
    }

    /// <summary>The target of a name, or null.</summary>
    public Descriptor? Owner(ImageReference name) => _named.TryGetValue(name.Full, out var entry) ? entry.Target : null;

    /// <summary>The names of a target, in ordinal order.</summary>
    public IReadOnlyList<ImageReference> NamesOf(Digest target) =>
        [.. _named.Values.Where(entry => entry.Target.Digest == target).Select(entry => entry.Name).Order()];

    /// <summary>Whether the index has a target, with or without a name.</summary>
    public bool Has(Digest target) => _untagged.ContainsKey(target) || IsNamed(target);

    /// <summary>Whether a target has a name.</summary>
    public bool IsNamed(Digest target) => _named.Values.Any(entry => entry.Target.Digest == target);

    /// <summary>Points a name to a target. The old target loses its entry when this was its last name.</summary>
    public void Name(Descriptor target, ImageReference name)
    {
        var nameless = Nameless(target);
        _named[name.Full] = new Entry(nameless, name, name.Tag);
        _untagged.Remove(target.Digest);
    }

    /// <summary>
    /// Moves a name from another image to a target. That image stays without a name, unless it is the same image in
    /// other bytes, which Docker would not distinguish. An index always stays, because it may hold more platforms.
    /// Returns whether another image lost the name.
    /// </summary>
    public bool Take(Descriptor target, ImageReference name, bool isSameImage)
    {
        var owner = Owner(name);
        Name(target, name);
        if (owner is not null && owner.Digest != target.Digest && (!isSameImage || MediaTypes.IsIndex(owner.MediaType)))
        {
            AddUntagged(owner);
        }

        return owner is not null && owner.Digest != target.Digest && !isSameImage;
    }

    /// <summary>Keeps a target without a name; does nothing when it has one.</summary>
    public void AddUntagged(Descriptor target)
    {
        if (!IsNamed(target.Digest))
        {
            _untagged.TryAdd(target.Digest, Nameless(target));
        }
    }

    /// <summary>Removes a name.</summary>
    public void RemoveName(ImageReference name) => _named.Remove(name.Full);

    /// <summary>Removes a target that has no name.</summary>
    public void RemoveUntagged(Digest target) => _untagged.Remove(target);

    private static ImageReference? NameOf(Descriptor descriptor)
    {
        foreach (var annotation in new[] { OciLayout.ContainerdNameAnnotation, OciLayout.RefNameAnnotation })
        {
            if (descriptor.Annotation(annotation) is { } text && ImageReference.TryParse(text, out var name, out _))
            {
                return name.OrLatest();
            }
        }

        return null;
    }

    /// <summary>
    /// The descriptor without the annotations that are names. Annotations of other tools that are not valid names stay.
    /// </summary>
    private static Descriptor Nameless(Descriptor descriptor) =>
        NameOf(descriptor) is null
            ? descriptor
            : descriptor with
            {
                Annotations = [.. descriptor.Annotations.Where(IsNotAName)],
            };

    private static bool IsNotAName(KeyValuePair<string, string> annotation) =>
        annotation.Key is not (OciLayout.ContainerdNameAnnotation or OciLayout.RefNameAnnotation);

    private sealed record Entry(Descriptor Target, ImageReference Name, string? ShortText)
    {
        public Descriptor ToDescriptor() =>
            Target with
            {
                Annotations =
                [
                    .. Target.Annotations.Where(IsNotAName),
                    KeyValuePair.Create(OciLayout.ContainerdNameAnnotation, Name.Full),
                    .. ShortText is null
                        ? Array.Empty<KeyValuePair<string, string>>()
                        : [KeyValuePair.Create(OciLayout.RefNameAnnotation, ShortText)],
                ],
            };
    }
}
