using ImageTarTasks.Core.IO;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>
/// The files below a folder (an OCI layout, an unpacked archive) as members, in ordinal order. Symbolic links are
/// members and are not followed, because their targets outside the folder are not part of it.
/// </summary>
internal sealed class FolderMembers : ArchiveMembers
{
    private readonly string _root;
    private readonly Stack<string> _pending = new();
    private Stream? _content;

    public FolderMembers(string root)
    {
        _root = root;
        Push("");
    }

    public override bool CanSkip => true;

    public override Stream Content => _content ?? Stream.Null;

    public override ArchiveMember? Next(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _content?.Dispose();
        _content = null;
        return _pending.TryPop(out var name) ? Open(name) : null;
    }

    public override Stream? OpenContentIndependently()
    {
        var content = _content;
        _content = null;
        return content;
    }

    public override void Finish(CancellationToken cancellationToken) { }

    public override void Dispose() => _content?.Dispose();

    private ArchiveMember Open(string name)
    {
        var file = new FileInfo(Path.Combine(_root, name));
        var key = ByteString.FromText(
            Path.DirectorySeparatorChar == '/' ? name : name.Replace(Path.DirectorySeparatorChar, '/')
        );
        try
        {
            if (file.LinkTarget is { } target)
            {
                return new ArchiveMember(key, MemberKind.SymbolicLink, ByteString.FromText(target), 0);
            }

            if (file.Attributes.HasFlag(FileAttributes.Directory))
            {
                Push(name);
                return new ArchiveMember(key, MemberKind.Directory, default, 0);
            }

            // FIFOs, sockets and devices have no length, and opening one could block for ever. So nothing without a
            // length is opened.
            if (file.Length > 0)
            {
                _content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            }

            return new ArchiveMember(key, MemberKind.File, default, file.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.InputNotReadable(file.FullName, error.Message, error);
        }
    }

    private void Push(string folder)
    {
        try
        {
            var names = new DirectoryInfo(Path.Combine(_root, folder))
                .EnumerateFileSystemInfos()
                .Select(file => file.Name)
                .Where(name => folder.Length > 0 || !name.StartsWith('.'))
                .OrderDescending(StringComparer.Ordinal);
            foreach (var name in names)
            {
                _pending.Push(Path.Combine(folder, name));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.InputNotReadable(Path.Combine(_root, folder), error.Message, error);
        }
    }
}
