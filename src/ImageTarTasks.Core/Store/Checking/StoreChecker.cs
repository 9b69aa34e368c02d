using System.Collections.Concurrent;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Blobs;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Layers;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Checking;

/// <summary>
/// Checks a store: that index.json and the containers can be read, that everything they need is there and has its size
/// and digest, that layer indexes and recompressed layers are whole, and that no foreign file lies around. Changes
/// nothing and takes no lock; work on the cost of each blob is done once.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="progress">Receives the progress.</param>
/// <param name="isQuick">Whether layers are not read.</param>
/// <param name="cancellationToken">Stops between and in blobs.</param>
internal sealed class StoreChecker(
    StoreContext store,
    IReporter progress,
    bool isQuick,
    CancellationToken cancellationToken
)
{
    private readonly StoreProblems _problems = new();

    /// <summary>The manifests that the images and containers reach.</summary>
    private readonly Dictionary<Digest, Descriptor> _manifests = [];

    /// <summary>The layout of the store's folder.</summary>
    private StoreLayout Layout => store.Layout;

    /// <summary>Checks everything.</summary>
    /// <exception cref="ImageTarException">
    /// ITT3001: the folder is not a store; ITT3006: a folder cannot be listed.
    /// </exception>
    public (StoreCheckResult Result, StoreProblems Problems) Check()
    {
        CheckLayout();
        var index = ReadIndex();
        var containers = store.Containers.List();
        foreach (var broken in containers.Broken)
        {
            Report(broken.Reason.Diagnostic);
        }

        var uses = CollectUses(index, containers.Readable);
        var (blobs, bytes) = CheckBlobs(uses);
        var (unreferenced, unreferencedBytes) = CheckFiles(uses);
        CheckLayerIndexes();
        CheckRecompressed();
        return (
            new StoreCheckResult(
                [.. _problems.Findings.OrderBy(finding => finding.Problem.File, StringComparer.Ordinal)],
                index?.Targets.Count ?? 0,
                containers.Readable.Count,
                blobs,
                bytes,
                unreferenced,
                unreferencedBytes
            ),
            _problems
        );
    }

    /// <summary>Whether a file has a digest. Reads all of it.</summary>
    public bool HasDigest(string path, Digest digest) =>
        StoreFiles.Run(
            "read",
            path,
            () =>
            {
                using var hash = digest.CreateHash();

                // Opening a pipe in a file's place, which has the length 0, would block.
                if (new FileInfo(path).Length > 0)
                {
                    using var file = StoreFiles.OpenShared(path);
                    var buffer = new byte[1 << 17];
                    int count;
                    while ((count = file.Read(buffer)) > 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        hash.AppendData(buffer, 0, count);
                    }
                }

                return Digest.FromHash(hash.GetHashAndReset()) == digest;
            }
        );

    private void CheckLayout()
    {
        if (!Directory.Exists(Layout.Root))
        {
            throw StoreDiagnostics.NotAStore(Layout.Root, "it does not exist");
        }

        try
        {
            StoreInitializer.CheckVersion(Layout);
        }
        catch (ImageTarException e)
        {
            if (!File.Exists(Layout.IndexFile) && !Directory.Exists(Layout.Private))
            {
                throw;
            }

            _problems.LayoutIsBroken = true;
            Report(e.Diagnostic with { File = Layout.VersionFile });
        }
    }

    private StoreIndex? ReadIndex()
    {
        try
        {
            return store.ReadIndex();
        }
        catch (ImageTarException e)
        {
            _problems.IndexIsBroken = true;
            Report(e.Diagnostic);
            return null;
        }
    }

    /// <summary>Everything that the images and containers need.</summary>
    private Dictionary<Digest, Use> CollectUses(StoreIndex? index, IReadOnlyList<Container> containers)
    {
        var uses = new Dictionary<Digest, Use>();
        foreach (var (target, references) in index?.Targets ?? [])
        {
            AddUses(
                uses,
                target,
                references.Count > 0 ? string.Join(", ", references.Select(r => r.Familiar)) : target.Digest.Value
            );
        }

        foreach (var container in containers)
        {
            var user = "container " + container.Name;
            AddUses(uses, container.Image, user);
            foreach (var layer in container.Layers)
            {
                AddUse(uses, layer.Descriptor, user, isRequired: true, isDocument: false);
            }
        }

        return uses;
    }

    private void AddUses(Dictionary<Digest, Use> uses, Descriptor target, string user)
    {
        try
        {
            foreach (var node in ContentGraph.Walk([target], TryRead, Layout.LocationOf))
            {
                if (node.Kind == ContentKind.Manifest)
                {
                    _manifests.TryAdd(node.Descriptor.Digest, node.Descriptor);
                }

                var isRequired = node.Required || node.Descriptor.Digest == target.Digest;
                AddUse(uses, node.Descriptor, user, isRequired, !MediaTypes.IsLayer(node.Descriptor.MediaType));
            }
        }
        catch (ImageTarException e)
        {
            // The bytes are the right ones, but they are no manifest or index.
            ReportUnusable(target.Digest, user, e);
            AddUse(uses, target, user, isRequired: true, isDocument: true);
        }
    }

    private static void AddUse(
        Dictionary<Digest, Use> uses,
        Descriptor blob,
        string user,
        bool isRequired,
        bool isDocument
    )
    {
        if (uses.TryGetValue(blob.Digest, out var use))
        {
            uses[blob.Digest] = use with
            {
                IsRequired = use.IsRequired || isRequired,
                IsDocument = use.IsDocument || isDocument,
                Users = use.Users + 1,
            };
        }
        else
        {
            uses.Add(blob.Digest, new Use(blob, user, 1, isRequired, isDocument));
        }
    }

    /// <summary>A document, or null when it is missing or damaged, which the check of the blobs reports.</summary>
    private ReadOnlyMemory<byte>? TryRead(Descriptor document)
    {
        try
        {
            return store.Blobs.TryRead(document);
        }
        catch (ImageTarException)
        {
            return null;
        }
    }

    private (int Count, long Bytes) CheckBlobs(Dictionary<Digest, Use> uses)
    {
        var count = 0;
        var bytes = 0L;
        var total = uses.Values.Sum(use => use.Blob.Size);
        var findings = new ConcurrentBag<(Digest Digest, Diagnostic Problem, bool IsDamaged)>();
        Parallel.ForEach(
            uses.Values,
            new ParallelOptions { CancellationToken = cancellationToken },
            use =>
            {
                if (store.Blobs.SizeOf(use.Blob.Digest) is null)
                {
                    if (use.IsRequired)
                    {
                        findings.Add(
                            (use.Blob.Digest, StoreDiagnostics.ContentLost(use.Blob.Digest, use.Text, Layout), false)
                        );
                    }

                    return;
                }

                bool isWhole;
                try
                {
                    isWhole =
                        store.Blobs.Has(use.Blob)
                        && ((isQuick && !use.IsDocument) || HasDigest(Layout.Blob(use.Blob.Digest), use.Blob.Digest));
                }
                catch (ImageTarException unreadable)
                {
                    // The disk, or a permission. The content may be there, so a repair leaves it.
                    findings.Add((use.Blob.Digest, unreadable.Diagnostic, false));
                    return;
                }

                if (!isWhole)
                {
                    findings.Add((use.Blob.Digest, StoreDiagnostics.ContentDamaged(use.Blob, use.Text, Layout), true));
                    return;
                }

                Interlocked.Increment(ref count);
                var done = Interlocked.Add(ref bytes, use.Blob.Size);
                if (!isQuick)
                {
                    progress.Progress("store", "Checking", done, total);
                }
            }
        );
        // Others may have removed an image meanwhile. What they removed is not lost.
        var needed =
            findings.IsEmpty || _problems.IndexIsBroken
                ? uses
                : CollectUses(ReadIndex(), store.Containers.List().Readable);
        foreach (var (digest, problem, isDamaged) in findings.Where(finding => needed.ContainsKey(finding.Digest)))
        {
            Report(problem);
            if (isDamaged)
            {
                _problems.Damaged.Add(digest);
            }
        }

        return (count, bytes);
    }

    /// <summary>Looks for files that do not belong here, and counts the blobs that nothing refers to.</summary>
    private (int Count, long Bytes) CheckFiles(Dictionary<Digest, Use> uses)
    {
        var count = 0;
        var bytes = 0L;
        foreach (var entry in Entries(Layout.Root))
        {
            if (
                entry.Name
                is not (
                    OciLayout.LayoutFile
                    or OciLayout.IndexFile
                    or OciLayout.BlobsFolder
                    or StoreLayout.PrivateFolder
                )
            )
            {
                Report(StoreDiagnostics.UnknownFile(entry.FullName));
            }
        }

        foreach (var entry in Entries(Layout.Private).Where(entry => !Layout.IsOwn(entry.FullName)))
        {
            Report(StoreDiagnostics.UnknownFile(entry.FullName));
        }

        foreach (var folder in Entries(Layout.Blobs))
        {
            if (folder is not DirectoryInfo || folder.Name is not ("sha256" or "sha512"))
            {
                Report(StoreDiagnostics.UnknownFile(folder.FullName));
                continue;
            }

            foreach (var entry in Entries(folder.FullName))
            {
                if (entry is not FileInfo file || !Digest.TryParse($"{folder.Name}:{entry.Name}", out var digest))
                {
                    Report(StoreDiagnostics.UnknownFile(entry.FullName));
                }
                else if (!uses.ContainsKey(digest))
                {
                    count++;
                    bytes += StoreFiles.LengthOf(file);
                }
            }
        }

        return (count, bytes);
    }

    private static FileSystemInfo[] Entries(string folder) =>
        StoreFiles.Run(
            "list",
            folder,
            () => Directory.Exists(folder) ? new DirectoryInfo(folder).GetFileSystemInfos() : []
        );

    private void CheckLayerIndexes()
    {
        var diffIds = DiffIds();
        foreach (var file in StoreFiles.List(Layout.Layers))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (
                file.Extension != ".idx"
                || !Digest.TryParseHex(Path.GetFileNameWithoutExtension(file.Name), out var layer)
            )
            {
                Report(StoreDiagnostics.UnknownFile(file.FullName));
            }
            else if (store.Blobs.SizeOf(layer) is null)
            {
                ReportDerived(StoreDiagnostics.DerivedFileStale(file.FullName));
            }
            else
            {
                var summary = isQuick ? LayerIndexFiles.ReadSummary(Layout, layer) : ReadWholeIndex(file.FullName);
                if (summary is null || (diffIds.TryGetValue(layer, out var diffId) && summary.DiffId != diffId))
                {
                    ReportDerived(StoreDiagnostics.DerivedFileDamaged(file.FullName));
                }
            }
        }
    }

    private static Tar.Indexing.LayerSummary? ReadWholeIndex(string path)
    {
        using var index = LayerIndexFiles.TryOpen(path);
        return index?.Summary;
    }

    /// <summary>The DiffID of each layer, as the configurations state it.</summary>
    private Dictionary<Digest, DiffId> DiffIds()
    {
        var diffIds = new Dictionary<Digest, DiffId>();
        foreach (var layer in _manifests.Values.Select(TryOpenImage).OfType<Image>().SelectMany(image => image.Layers))
        {
            diffIds[layer.Descriptor.Digest] = layer.DiffId;
        }

        return diffIds;
    }

    private Image? TryOpenImage(Descriptor manifest)
    {
        try
        {
            return
                TryRead(manifest) is { } raw
                && ImageManifest.Parse(raw, manifest.MediaType, Layout.LocationOf(manifest.Digest))
                    is { IsImage: true } parsed
                && TryRead(parsed.Config) is { } config
                ? Image.Parse(parsed, config, Layout.LocationOf(parsed.Config.Digest))
                : null;
        }
        catch (ImageTarException e)
        {
            ReportUnusable(manifest.Digest, manifest.Digest.Value, e);
            return null;
        }
    }

    private void CheckRecompressed()
    {
        foreach (var file in StoreFiles.List(Layout.Recompressed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var parts = file.Name.Split('.');
            if (!Digest.TryParseHex(parts[0], out var layer))
            {
                Report(StoreDiagnostics.UnknownFile(file.FullName));
            }
            else if (store.Blobs.SizeOf(layer) is null)
            {
                ReportDerived(StoreDiagnostics.DerivedFileStale(file.FullName));
            }
            else if (Digest.TryParseHex(parts[^1], out var own) && !isQuick && !IsRecompressedWhole(file.FullName, own))
            {
                ReportDerived(StoreDiagnostics.DerivedFileDamaged(file.FullName));
            }
        }
    }

    /// <summary>Whether a recompressed layer is whole. One that a collection deletes meanwhile is no problem.</summary>
    private bool IsRecompressedWhole(string path, Digest digest)
    {
        try
        {
            return HasDigest(path, digest);
        }
        catch (ImageTarException) when (!File.Exists(path))
        {
            return true;
        }
    }

    private void ReportUnusable(Digest digest, string user, ImageTarException reason)
    {
        var problem = StoreDiagnostics.ImageUnusable(user, reason).Diagnostic;
        if (_problems.Unusable.TryAdd(digest, problem))
        {
            Report(problem);
        }
    }

    /// <summary>Reports a file that is made from a layer, unless a collection has deleted it meanwhile.</summary>
    private void ReportDerived(Diagnostic problem)
    {
        if (File.Exists(problem.File))
        {
            Report(problem);
        }
    }

    private void Report(Diagnostic problem) => _problems.Findings.Add(new StoreFinding(problem));

    /// <summary>A blob, and who needs it.</summary>
    /// <param name="Blob">The blob.</param>
    /// <param name="User">One that needs it: names of an image, or a container.</param>
    /// <param name="Users">The number of images and containers that need it.</param>
    /// <param name="IsRequired">Whether it must be there; other platforms of an index may be missing.</param>
    /// <param name="IsDocument">Whether it is a manifest, an index or a configuration, and not a layer.</param>
    private sealed record Use(Descriptor Blob, string User, int Users, bool IsRequired, bool IsDocument)
    {
        public string Text => Users == 1 ? User : $"{User} and {Users - 1} more";
    }
}
