using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Flattening;

/// <summary>All names of a file. tar writes further names as links by name, cpio by inode and count.</summary>
/// <param name="Count">The number of names.</param>
/// <param name="First">The name that comes first and carries the content.</param>
internal readonly record struct FileNames(int Count, ByteString First);

/// <summary>
/// Writes a root filesystem in one format. Parents come first, and all names of a file follow one another.
/// </summary>
internal interface IRootFsOutput
{
    /// <summary>Writes one name of a file.</summary>
    /// <param name="entry">
    /// The file under this name, with the file's own kind, never <see cref="TarEntryKind.HardLink"/>.
    /// </param>
    /// <param name="names">All its names.</param>
    /// <param name="content">The content; only with the first name of a regular file.</param>
    /// <param name="cancellationToken">Stops inside content.</param>
    /// <exception cref="ImageTarException">The format cannot hold the file.</exception>
    void Add(TarEntry entry, in FileNames names, Stream? content, CancellationToken cancellationToken);

    /// <summary>Ends the archive.</summary>
    void Finish();
}

/// <summary>A root filesystem as a tar, with the bytes Docker's export has.</summary>
internal sealed class TarOutput(TarWriter tar) : IRootFsOutput
{
    public void Add(TarEntry entry, in FileNames names, Stream? content, CancellationToken cancellationToken)
    {
        if (entry.Name != names.First)
        {
            entry = entry with
            {
                Kind = TarEntryKind.HardLink,
                LinkName = names.First,
                Size = 0,
                StoredSize = 0,
                Sparse = null,
                Xattrs = [],
            };
        }

        tar.Add(entry, content, cancellationToken);
    }

    public void Finish() => tar.Finish();
}
