using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Checking;

/// <summary>
/// Repairs what a check found. Damaged files are deleted, so that a load or a save makes them again. A broken
/// index.json is replaced by the names from before its last change, and by every whole image that these do not name.
/// Images and containers whose content cannot be had any more are dropped. Everything is looked at again under the
/// store's lock.
/// </summary>
internal sealed class StoreRepair(StoreContext store, StoreChecker checker)
{
    /// <summary>Repairs, and returns the findings with what was done about each.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006: the store cannot be changed.</exception>
    public IReadOnlyList<StoreFinding> Repair(StoreCheckResult result, StoreProblems problems)
    {
        var done = new Dictionary<string, string>(StringComparer.Ordinal);
        var more = new List<StoreFinding>();
        var unusable = problems.Unusable.Keys.ToHashSet();
        var dropped = new HashSet<Digest>();
        using (store.Lock.Acquire())
        {
            if (problems.LayoutIsBroken)
            {
                store.Files.Replace(store.Layout, store.Layout.VersionFile, OciLayout.LayoutContent.ToArray());
                done[store.Layout.VersionFile] = "written again";
            }

            var isBroken = problems.IndexIsBroken && IsIndexBroken();
            var index = isBroken ? RestoreIndex(done) : store.ReadIndex();
            DeleteDamaged(problems, done);
            DropContainers(unusable, dropped, more, done);
            DropImages(index, unusable, dropped, more);
            if (isBroken)
            {
                // The earlier names stay for a second try until this file is in place.
                store.Files.Replace(store.Layout, store.Layout.IndexFile, index.Compose(store.Layout.Root));
            }
            else if (dropped.Count > 0)
            {
                store.WriteIndex(index);
            }
        }

        return [.. result.Findings.Select(finding => finding with { Repair = Done(finding) }), .. more];

        string? Done(StoreFinding finding) =>
            finding.Problem.Code switch
            {
                StoreDiagnostics.ContentLostCode => "what needs it is dropped",
                StoreDiagnostics.ImageUnusableCode => problems.Unusable.Any(unusable =>
                    unusable.Value == finding.Problem && dropped.Contains(unusable.Key)
                )
                    ? "dropped"
                    : null,
                _ => finding.Problem.File is { } file ? done.GetValueOrDefault(file) : null,
            };
    }

    /// <summary>
    /// Whether index.json still cannot be read. One that the system does not give now is not replaced.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    private bool IsIndexBroken()
    {
        try
        {
            _ = store.ReadIndex();
            return false;
        }
        catch (ImageTarException e) when (!IsOfTheSystem(e) || !File.Exists(store.Layout.IndexFile))
        {
            return true;
        }
    }

    /// <summary>Whether the system refused something, which says nothing about the content.</summary>
    private static bool IsOfTheSystem(ImageTarException e) => e.Diagnostic.Code == StoreDiagnostics.StoreIoCode;

    /// <summary>The names from before the last change, and all whole images that they do not reach.</summary>
    private StoreIndex RestoreIndex(Dictionary<string, string> done)
    {
        var index = ReadPrevious();
        var text = index is null
            ? "written again without names, because the earlier ones are lost, too"
            : "the names from before its last change are back";
        index ??= StoreIndex.Empty();
        var named = index.Targets.Select(entry => entry.Target);
        var reached = ContentGraph
            .Walk(named, TryRead, store.Layout.LocationOf)
            .Select(n => n.Descriptor.Digest)
            .ToHashSet();
        var roots = FindRoots().Where(root => !reached.Contains(root.Digest) && IsComplete(root)).ToArray();
        foreach (var root in roots)
        {
            index.AddUntagged(root);
        }

        done[store.Layout.IndexFile] = roots.Length == 0 ? text : $"{text}; {roots.Length} images have no name";
        return index;
    }

    private StoreIndex? ReadPrevious()
    {
        try
        {
            var location = new ContentLocation(store.Layout.PreviousIndex);
            return StoreFiles.TryReadDocument(store.Layout.PreviousIndex, OciLayout.IndexFile, location) is { } raw
                ? StoreIndex.Parse(raw, location)
                : null;
        }
        catch (ImageTarException e) when (!IsOfTheSystem(e))
        {
            store.Reporter.Detail(e.Diagnostic.Message);
            return null;
        }
    }

    /// <summary>All manifests and indexes of the store that no other one lists.</summary>
    private IEnumerable<Descriptor> FindRoots()
    {
        var documents = new SortedDictionary<Digest, Descriptor>();
        var children = new HashSet<Digest>();
        foreach (var algorithm in new[] { "sha256", "sha512" })
        {
            foreach (var file in StoreFiles.List(store.Layout.BlobFolder(algorithm)))
            {
                if (
                    file.Length is > 0 and <= Limits.JsonBytes
                    && Digest.TryParse($"{algorithm}:{file.Name}", out var digest)
                    && Parse(new Descriptor("", digest, file.Length)) is { } document
                )
                {
                    documents.Add(digest, document.Descriptor);
                    children.UnionWith(document.Children);
                }
            }
        }

        return documents.Values.Where(document => !children.Contains(document.Digest));
    }

    private (Descriptor Descriptor, IEnumerable<Digest> Children)? Parse(Descriptor blob)
    {
        if (TryRead(blob) is not { } raw || raw.Span.IndexOf("\"schemaVersion\""u8) < 0)
        {
            return null;
        }

        var location = store.Layout.LocationOf(blob.Digest);
        try
        {
            var manifest = ImageManifest.Parse(raw, null, location);
            return (blob with { MediaType = manifest.MediaType }, []);
        }
        catch (ImageTarException)
        {
            // It may be an index.
        }

        try
        {
            var index = ImageIndex.Parse(raw, null, location);
            return (blob with { MediaType = index.MediaType }, index.Manifests.Select(child => child.Digest));
        }
        catch (ImageTarException)
        {
            // It is neither: a configuration or a small layer.
            return null;
        }
    }

    private void DeleteDamaged(StoreProblems problems, Dictionary<string, string> done)
    {
        var recompressed = new RecompressedLayers(store).Files().ToLookup(entry => entry.Layer, entry => entry.File);
        foreach (var blob in problems.Damaged)
        {
            var path = store.Layout.Blob(blob);
            if (File.Exists(path) && !checker.HasDigest(path, blob))
            {
                store.Files.Delete(path);
                LayerIndexFiles.Delete(store.Layout, blob);
                foreach (var file in recompressed[blob])
                {
                    store.Files.Delete(file.FullName);
                }
            }

            done[path] = "deleted";
        }

        foreach (
            var file in problems
                .Findings.Where(finding =>
                    finding.Problem.Code
                        is StoreDiagnostics.DerivedFileStaleCode
                            or StoreDiagnostics.DerivedFileDamagedCode
                )
                .Select(finding => finding.Problem.File!)
        )
        {
            store.Files.Delete(file);
            done[file] = "deleted; it is made again when it is needed";
        }
    }

    private void DropContainers(
        HashSet<Digest> unusable,
        HashSet<Digest> dropped,
        List<StoreFinding> more,
        Dictionary<string, string> done
    )
    {
        var containers = store.Containers.List();
        foreach (var broken in containers.Broken)
        {
            if (IsOfTheSystem(broken.Reason))
            {
                // It may be sound, so it stays, and so does the problem.
                more.Add(new StoreFinding(broken.Reason.Diagnostic));
                continue;
            }

            store.Containers.Remove(broken.Id);
            done[broken.Reason.Diagnostic.File ?? store.Layout.Container(broken.Id)] = "the container is removed";
        }

        foreach (
            var container in containers.Readable.Where(container =>
                unusable.Contains(container.Image.Digest)
                || !IsComplete(container.Image)
                || !container.Layers.All(layer => store.Blobs.Has(layer.Descriptor))
            )
        )
        {
            store.Containers.Remove(container.Id);
            dropped.Add(container.Image.Digest);
            more.Add(
                new StoreFinding(
                    StoreDiagnostics.Dropped($"container {container.Name}", store.Layout.Container(container.Id)),
                    "removed"
                )
            );
        }
    }

    /// <summary>
    /// Drops images that are not complete or make no sense. An index of several platforms stays when one of them makes
    /// no sense, because the others do.
    /// </summary>
    private void DropImages(
        StoreIndex index,
        HashSet<Digest> unusable,
        HashSet<Digest> dropped,
        List<StoreFinding> more
    )
    {
        foreach (
            var (target, references) in index.Targets.Where(entry =>
                unusable.Contains(entry.Target.Digest) || !IsComplete(entry.Target)
            )
        )
        {
            foreach (var name in references)
            {
                index.RemoveName(name);
            }

            index.RemoveUntagged(target.Digest);
            dropped.Add(target.Digest);
            var names =
                references.Count == 0
                    ? target.Digest.Value
                    : string.Join(", ", references.Select(name => name.Familiar));
            more.Add(new StoreFinding(StoreDiagnostics.Dropped($"image {names}", store.Layout.IndexFile), "removed"));
        }
    }

    /// <summary>Whether everything that a target needs is there. Other platforms of an index may be missing.</summary>
    private bool IsComplete(Descriptor target)
    {
        try
        {
            return store.Blobs.Has(target)
                && ContentGraph
                    .Walk([target], TryRead, store.Layout.LocationOf)
                    .All(node =>
                        store.Blobs.Has(node.Descriptor)
                            ? node.Kind == ContentKind.Leaf || TryRead(node.Descriptor) is not null
                            : !node.Required
                    );
        }
        catch (ImageTarException e) when (!IsOfTheSystem(e))
        {
            // It is no manifest or index: the check has reported that.
            return false;
        }
    }

    private ReadOnlyMemory<byte>? TryRead(Descriptor document)
    {
        try
        {
            return store.Blobs.TryRead(document);
        }
        catch (ImageTarException e) when (!IsOfTheSystem(e))
        {
            // A damaged document is as good as none. One that the system does not give now may be sound.
            return null;
        }
    }
}
