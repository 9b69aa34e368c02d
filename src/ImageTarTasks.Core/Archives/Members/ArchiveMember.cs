using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>The kind of a member of an archive, as far as images need it.</summary>
internal enum MemberKind
{
    File,
    Directory,
    SymbolicLink,
    HardLink,

    /// <summary>A device, a FIFO or a socket.</summary>
    Special,
}

/// <summary>The header of one member of an archive, or of one file of a folder.</summary>
/// <param name="Name">The name as the archive has it.</param>
/// <param name="Kind">The kind.</param>
/// <param name="LinkTarget">The target of a link, as written.</param>
/// <param name="Size">Bytes of content.</param>
internal readonly record struct ArchiveMember(ByteString Name, MemberKind Kind, ByteString LinkTarget, long Size);

/// <summary>The members of an archive, front to back, each readable while it is the current one.</summary>
internal abstract class ArchiveMembers : IDisposable
{
    /// <summary>The next member, or null after the last.</summary>
    public abstract ArchiveMember? Next(CancellationToken cancellationToken);

    /// <summary>Whether content that is not requested is skipped without being read.</summary>
    public abstract bool CanSkip { get; }

    /// <summary>The content of the current member, which must be a file.</summary>
    public abstract Stream Content { get; }

    /// <summary>
    /// Opens the content of the current member as an independent stream, which another thread may read while this
    /// object moves on. Returns null when that is impossible; then use <see cref="Content"/>.
    /// </summary>
    public abstract Stream? OpenContentIndependently();

    /// <summary>
    /// Reads the rest after the last member, so that the checks at the end of the outer compression are made.
    /// </summary>
    public abstract void Finish(CancellationToken cancellationToken);

    public abstract void Dispose();
}
