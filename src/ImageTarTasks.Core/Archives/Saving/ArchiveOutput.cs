using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Saving;

/// <summary>Where the members of an archive go, in their order.</summary>
internal abstract class ArchiveOutput
{
    public abstract void AddFolder(string name);

    public abstract void AddDocument(string name, ReadOnlyMemory<byte> content);

    /// <summary>A file of exactly <paramref name="size"/> bytes.</summary>
    public abstract void AddBlob(string name, long size, Stream content, CancellationToken cancellationToken);

    /// <summary>Writes the end of the archive.</summary>
    public abstract void Finish();
}

/// <summary>A tar: times 0, owner 0/0, files 0644, folders 0755.</summary>
internal sealed class TarArchiveOutput(Stream output) : ArchiveOutput
{
    private const int FileMode = 0b110_100_100;
    private const int FolderMode = 0b111_101_101;

    private readonly TarWriter _tar = new(output);

    public override void AddFolder(string name) =>
        _tar.Add(
            new TarEntry
            {
                Name = ByteString.FromText(name + "/"),
                Kind = TarEntryKind.Directory,
                Mode = FolderMode,
            }
        );

    public override void AddDocument(string name, ReadOnlyMemory<byte> content) => _tar.Add(File(name), content.Span);

    public override void AddBlob(string name, long size, Stream content, CancellationToken cancellationToken) =>
        _tar.Add(File(name) with { Size = size }, content, cancellationToken);

    public override void Finish() => _tar.Finish();

    private static TarEntry File(string name) =>
        new()
        {
            Name = ByteString.FromText(name),
            Kind = TarEntryKind.File,
            Mode = FileMode,
        };
}

/// <summary>A folder that is being filled.</summary>
internal sealed class FolderArchiveOutput(AtomicFolder folder) : ArchiveOutput
{
    public override void AddFolder(string name) => folder.AddFolder(name);

    public override void AddDocument(string name, ReadOnlyMemory<byte> content)
    {
        using var bytes = new MemoryStream(content.ToArray(), writable: false);
        folder.AddFile(name, bytes, CancellationToken.None);
    }

    public override void AddBlob(string name, long size, Stream content, CancellationToken cancellationToken) =>
        folder.AddFile(name, content, cancellationToken);

    public override void Finish() { }
}
