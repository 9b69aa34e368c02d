using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>What a member of an archive is, as far as images care.</summary>
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
/// <param name="Name">The name as it stands there.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkTarget">Where a link points to, as written.</param>
/// <param name="Size">Bytes of content.</param>
internal readonly record struct ArchiveMember(ByteString Name, MemberKind Kind, ByteString LinkTarget, long Size);

/// <summary>The members of an archive, front to back, each readable while it is the current one.</summary>
internal abstract class ArchiveMembers : IDisposable
{
    /// <summary>The next member, or null after the last.</summary>
    public abstract ArchiveMember? Next(CancellationToken cancellation);

    /// <summary>Whether content that nobody asks for is passed over without being read.</summary>
    public abstract bool CanSkip { get; }

    /// <summary>The content of the current member, which must be a file.</summary>
    public abstract Stream Content { get; }

    /// <summary>
    /// The content of the current member as a stream of the caller's own, which another thread may read while this goes on; null when it cannot be had so.
    /// Then <see cref="Content"/> has it still.
    /// </summary>
    public abstract Stream? OpenApart();

    /// <summary>Reads what follows the last member, so that the checks at the end of the outer compression are made.</summary>
    public abstract void Finish(CancellationToken cancellation);

    public abstract void Dispose();
}
