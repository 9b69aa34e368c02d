using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Docker;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Writes images of the store as archives.</summary>
public static class ArchiveWriter
{
    private const string Action = "Saving layer";

    /// <summary>
    /// Writes <paramref name="images"/> as a tar to <paramref name="output"/>: metadata first, then each blob once,
    /// ordered by digest. The same images give the same bytes in any order of the arguments. Nothing is written before
    /// everything has been found.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3010, ITT3012, ITT3013, ITT3020, ITT3021, ITT3050, ITT3051; ITT2302, ITT2303: content is damaged.
    /// </exception>
    public static SaveResult Save(
        ImageStore store,
        IReadOnlyList<ImageSelection> images,
        SaveOptions options,
        Stream output,
        IReporter reporter,
        CancellationToken cancellationToken
    ) => Save(store, images, options, () => new TarArchiveOutput(output), reporter, cancellationToken);

    /// <summary>
    /// Writes <paramref name="images"/> as an OCI layout in the folder <paramref name="path"/> (absolute). The folder
    /// appears whole or not at all. It replaces an empty folder or another OCI layout.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// As for the other overload; ITT1006: the folder cannot be written; ITT1042: something else has its name.
    /// </exception>
    public static SaveResult SaveFolder(
        ImageStore store,
        IReadOnlyList<ImageSelection> images,
        SaveOptions options,
        string path,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var folder = AtomicFolder.Create(path, LayoutFolder.ReasonNotToReplace);
        var result = Save(
            store,
            images,
            options with
            {
                Format = ArchiveFormat.OciDir,
            },
            () => new FolderArchiveOutput(folder),
            reporter,
            cancellationToken
        );
        folder.Commit();
        return result;
    }

    private static SaveResult Save(
        ImageStore store,
        IReadOnlyList<ImageSelection> images,
        SaveOptions options,
        Func<ArchiveOutput> open,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pins = new Pins(store, images);
        using var recompression = options.LayerCompression is { } setting
            ? new LayerRecompression(store, setting, reporter, cancellationToken)
            : null;
        var plan = SavePlan.Create(store, images, options, recompression);
        var index = ArchiveDocuments.Index(plan.Entries);
        var documents = Documents(plan, index, options.Format).ToArray();
        Write(open(), documents, plan.Blobs, reporter, cancellationToken);
        return new SaveResult(
            [.. plan.Entries.Select(entry => new SavedImage(entry.Target, entry.Image, entry.Platforms, entry.Names))],
            plan.LeftOut,
            Digest.Of(index.Span),
            documents.Sum(document => (long)document.Content.Length) + plan.Blobs.Sum(blob => blob.Descriptor.Size)
        );
    }

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> Documents(
        SavePlan plan,
        ReadOnlyMemory<byte> index,
        ArchiveFormat format
    )
    {
        yield return (OciLayout.LayoutFile, OciLayout.LayoutContent.ToArray());
        yield return (OciLayout.IndexFile, index);
        if (format == ArchiveFormat.Docker && ArchiveDocuments.Manifest(plan.Entries) is { } manifest)
        {
            yield return (DockerManifest.FileName, manifest);
            if (ArchiveDocuments.Repositories(plan.Entries) is { } repositories)
            {
                yield return (LegacyImages.RepositoriesName, repositories);
            }
        }

        if (plan.LeftOut.Count > 0)
        {
            yield return (DeltaDocument.FileName, DeltaDocument.Compose(plan.LeftOut));
        }
    }

    private static void Write(
        ArchiveOutput output,
        IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> documents,
        IEnumerable<SaveBlob> blobs,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        foreach (var (name, content) in documents)
        {
            output.AddDocument(name, content);
        }

        output.AddFolder(OciLayout.BlobsFolder);
        var algorithm = "";
        foreach (var blob in blobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (type, digest, size) = blob.Descriptor;
            if (digest.Algorithm != algorithm)
            {
                algorithm = digest.Algorithm;
                output.AddFolder($"{OciLayout.BlobsFolder}/{algorithm}");
            }

            using var content = blob.Open();
            using var watched = MediaTypes.IsLayer(type)
                ? new ProgressStream(content, done => reporter.Progress(digest.ShortHex, Action, done, size))
                : null;
            output.AddBlob(OciLayout.PathOf(digest), size, watched ?? content, cancellationToken);
        }

        output.Finish();
    }

    /// <summary>Keeps the images that are being saved, even when they are removed in the meantime.</summary>
    private sealed class Pins : IDisposable
    {
        private readonly List<IDisposable> _pins = [];

        public Pins(ImageStore store, IEnumerable<ImageSelection> images)
        {
            try
            {
                foreach (
                    var target in images.Select(selection => selection.Image.Target).DistinctBy(target => target.Digest)
                )
                {
                    _pins.Add(store.Pin(target));
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Dispose() => _pins.ForEach(pin => pin.Dispose());
    }
}
