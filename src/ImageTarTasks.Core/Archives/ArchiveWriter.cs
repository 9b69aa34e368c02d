using ImageTarTasks.Store;
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
    /// <summary>Writes <paramref name="images"/> to <paramref name="output"/>, metadata first. The same images give the same bytes, whatever their order.</summary>
    /// <exception cref="ImageTarException">ITT3010, ITT3012, ITT3020, ITT3021.</exception>
    public static void Save(ImageStore store, IReadOnlyList<ImageSelection> images, SaveOptions options, Stream output, IReporter reporter, CancellationToken cancellation) => throw new NotImplementedException();
}
