using ImageTarTasks.Store;
using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.Archives;

/// <summary>The shape of an archive.</summary>
public enum ArchiveFormat
{
    /// <summary>An OCI layout and Docker's manifest.json and repositories in one tar: every tool reads it.</summary>
    Docker,

    /// <summary>An OCI layout in a tar.</summary>
    Oci,
}

/// <summary>How to save.</summary>
public sealed record SaveOptions
{
    /// <summary>The shape.</summary>
    public ArchiveFormat Format { get; init; }

    /// <summary>Only this platform of each image, or null for all that is stored.</summary>
    public Platform? Platform { get; init; }
}

/// <summary>Writes images of the store as archives.</summary>
public static class ArchiveWriter
{
    private const int FileMode = 0b110_100_100;
    private const int FolderMode = 0b111_101_101;
    private const string Action = "Saving layer";

    /// <summary>
    /// Writes <paramref name="images"/> to <paramref name="output"/>, metadata first, then each blob once, ordered by digest. The same images give
    /// the same bytes, whatever their order. Nothing is written before everything was found.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3010, ITT3012, ITT3020, ITT3021.</exception>
    public static void Save(ImageStore store, IReadOnlyList<ImageSelection> images, SaveOptions options, Stream output, IReporter reporter, CancellationToken cancellation)
    {
        var plan = SavePlan.Make(store, images, options);
        var tar = new TarWriter(output);
        AddDocument(tar, OciLayoutImages.LayoutName, ArchiveDocuments.Layout());
        AddDocument(tar, OciLayoutImages.IndexName, ArchiveDocuments.Index(plan.Entries));
        if (options.Format == ArchiveFormat.Docker)
        {
            AddDocument(tar, DockerManifest.FileName, ArchiveDocuments.Manifest(plan.Entries));
            AddDocument(tar, LegacyImages.RepositoriesName, ArchiveDocuments.Repositories(plan.Entries));
        }

        AddFolder(tar, "blobs/");
        var algorithm = "";
        foreach (var blob in plan.Blobs)
        {
            cancellation.ThrowIfCancellationRequested();
            if (blob.Digest.Algorithm != algorithm)
            {
                algorithm = blob.Digest.Algorithm;
                AddFolder(tar, $"blobs/{algorithm}/");
            }

            AddBlob(tar, store, blob, reporter, cancellation);
        }

        tar.Finish();
    }

    private static void AddBlob(TarWriter tar, ImageStore store, Descriptor blob, IReporter reporter, CancellationToken cancellation)
    {
        using var content = store.OpenBlob(blob);
        tar.Add(File(ArchiveDocuments.PathOf(blob.Digest)) with { Size = blob.Size }, content, cancellation);
        if (MediaTypes.IsLayer(blob.MediaType))
        {
            reporter.Progress(blob.Digest.ShortHex, Action, blob.Size, blob.Size);
        }
    }

    private static void AddDocument(TarWriter tar, string name, ReadOnlyMemory<byte>? content)
    {
        if (content is { } bytes)
        {
            tar.Add(File(name), bytes.Span);
        }
    }

    private static void AddFolder(TarWriter tar, string name) =>
        tar.Add(new TarEntry { Name = ByteString.FromText(name), Kind = TarEntryKind.Directory, Mode = FolderMode });

    private static TarEntry File(string name) => new() { Name = ByteString.FromText(name), Kind = TarEntryKind.File, Mode = FileMode };
}
