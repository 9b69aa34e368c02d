using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>
/// The foreign layers that the manifests of an archive list. containerd and BuildKit leave such layers out, and their
/// manifest.json does not say so.
/// </summary>
internal sealed class ForeignLayers(ArchiveContents contents)
{
    private Dictionary<Digest, Descriptor>? _layers;

    /// <summary>The foreign layer that belongs under the name of a member, or null.</summary>
    /// <exception cref="ImageTarException">ITT22xx, ITT23xx: the manifests cannot be read.</exception>
    public Descriptor? Find(ByteString member)
    {
        if (OciLayout.DigestOf(member) is not { } digest)
        {
            return null;
        }

        _layers ??= Collect();
        return _layers.GetValueOrDefault(digest);
    }

    private Dictionary<Digest, Descriptor> Collect()
    {
        var layers = new Dictionary<Digest, Descriptor>();
        if (contents.ReadDocument(OciLayout.IndexFile) is not { } index)
        {
            return layers;
        }

        var roots = ImageIndex.Parse(index, null, contents.Location.In(OciLayout.IndexFile)).Manifests;
        foreach (
            var node in ContentGraph.Walk(roots, TryRead, digest => contents.Location.In(OciLayout.PathOf(digest)))
        )
        {
            if (node.Descriptor.IsForeignLayer)
            {
                layers.TryAdd(node.Descriptor.Digest, node.Descriptor);
            }
        }

        return layers;
    }

    private ReadOnlyMemory<byte>? TryRead(Descriptor document)
    {
        var name = ByteString.FromText(OciLayout.PathOf(document.Digest));
        return contents.Has(name) ? contents.Read(contents.GetBlob(name, OciLayout.IndexFile), "document", name) : null;
    }
}
