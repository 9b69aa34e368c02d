namespace ImageTarTasks.Bytes;

/// <summary>
/// A file that appears under its name whole or not at all: written beside its target, flushed to the disk and renamed by
/// <see cref="Commit"/>; disposed without that, nothing remains. Leftovers of killed runs are removed by the next one.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private AtomicFile(Stream stream) => Stream = stream;

    /// <summary>Write here.</summary>
    public Stream Stream { get; }

    /// <summary>Starts a file for the absolute path <paramref name="path"/>.</summary>
    /// <exception cref="Values.ImageTarException">ITT1006: the folder is missing, <paramref name="path"/> is a folder, no permission.</exception>
    public static AtomicFile Create(string path) => throw new NotImplementedException();

    /// <summary>Flushes, syncs and renames; replaces an older file.</summary>
    /// <exception cref="Values.ImageTarException">ITT1006.</exception>
    public void Commit() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();
}
