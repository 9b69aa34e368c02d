using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>
/// Packs a file or folder of this machine with its own attributes: folders before their content, names
/// in byte order, hard links recognised.
/// </summary>
internal sealed class HostTreePacker(OverlayLayerWriter output, IReporter reporter)
{
    private readonly HardLinks _links = new();

    /// <summary>Writes the file or folder at <paramref name="path"/>.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="name">The name it gets.</param>
    /// <param name="skipFolder">Whether only the content of the folder is written.</param>
    /// <param name="owner">The owner of everything, or null for the owners on the disk.</param>
    /// <param name="check">Called for every entry before it is written.</param>
    /// <param name="cancellationToken">Stops between entries and inside content.</param>
    /// <exception cref="ImageTarException">
    /// ITT2412, ITT2413, ITT2408, and the errors of <paramref name="check"/>.
    /// </exception>
    public void Write(
        string path,
        ByteString name,
        bool skipFolder,
        Owner? owner,
        Action<TarEntry> check,
        CancellationToken cancellationToken
    )
    {
        var pending = new Stack<(string Path, ByteString Name, bool Skip)>([(path, name, skipFolder)]);
        while (pending.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (next.Skip || Add(next.Path, next.Name, owner, check, cancellationToken))
            {
                foreach (var child in HostFiles.Children(next.Path).OrderByDescending(child => child.Name))
                {
                    pending.Push(
                        (
                            child.Path,
                            next.Name.IsEmpty
                                ? child.Name
                                : ByteString.FromUnits($"{next.Name.Units}/{child.Name.Units}"),
                            false
                        )
                    );
                }
            }
        }
    }

    private bool Add(
        string path,
        ByteString name,
        Owner? owner,
        Action<TarEntry> check,
        CancellationToken cancellationToken
    )
    {
        var file = FolderFile.Of(path);
        if (file.Kind is not { } kind)
        {
            reporter.Warn(PackingDiagnostics.SocketSkipped(path));
            return false;
        }

        var entry = new TarEntry
        {
            Name = name,
            Kind = kind,
            Mode = file.Mode,
            Uid = owner?.Uid ?? file.Uid,
            Gid = owner?.Gid ?? file.Gid,
            ModificationTime = file.ModificationTime,
            Size = file.Size,
            StoredSize = file.Size,
            LinkName = kind == TarEntryKind.SymbolicLink ? PackedFile.LinkTarget(path) : default,
            DeviceMajor = file.DeviceMajor,
            DeviceMinor = file.DeviceMinor,
            Xattrs = FolderFile.Xattrs(path, XattrChoice.All),
        };
        check(entry);
        entry = _links.Link(entry, file.Identity);
        if (entry.Kind == TarEntryKind.File)
        {
            using var content = HostFiles.Open(path, file.Size);
            output.Add(entry, content, cancellationToken);
        }
        else
        {
            output.Add(entry, null, cancellationToken);
        }

        return kind == TarEntryKind.Directory;
    }
}
