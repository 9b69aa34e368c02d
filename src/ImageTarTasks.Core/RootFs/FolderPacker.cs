using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>
/// Packs a folder as a root filesystem, the same bytes for the same content on any machine: names in byte order, a folder before what
/// is in it, owner 0:0, one time for all, the file system's permission bits (0755 on Windows), several names of one file as hard links.
/// The folder itself gets no entry: its mode is whatever the build happened to make it.
/// </summary>
internal sealed class FolderPacker(TarWriter output, TarTime time)
{
    private readonly Dictionary<(ulong Device, ulong Inode), ByteString> _linked = [];

    /// <summary>Sockets left out, as they were met.</summary>
    public List<string> SkippedSockets { get; } = [];

    /// <summary>Writes everything below the absolute path <paramref name="root"/> and ends the tar.</summary>
    /// <exception cref="ImageTarException">ITT2412 something cannot be read; ITT2413 a file changed meanwhile.</exception>
    public void Pack(string root, CancellationToken cancellation)
    {
        var pending = new Stack<(string Path, ByteString Name)>();
        Push(pending, root, default);
        while (pending.TryPop(out var next))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Add(next.Path, next.Name, cancellation))
            {
                Push(pending, next.Path, next.Name);
            }
        }

        output.Finish();
    }

    private static void Push(Stack<(string Path, ByteString Name)> pending, string folder, ByteString name)
    {
        foreach (var child in Children(folder).OrderByDescending(child => child.Name))
        {
            pending.Push((child.Path, name.IsEmpty ? child.Name : ByteString.FromUnits($"{name.Units}/{child.Name.Units}")));
        }
    }

    private static List<(string Path, ByteString Name)> Children(string folder)
    {
        try
        {
            var all = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, MatchType = MatchType.Simple };
            return [.. Directory.EnumerateFileSystemEntries(folder, "*", all).Select(path => (path, ByteString.FromText(Path.GetFileName(path))))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Diagnostics.RootFsNotReadable(folder, e.Message, e);
        }
    }

    /// <summary>Adds one name; true when it is a folder to go into.</summary>
    private bool Add(string path, ByteString name, CancellationToken cancellation)
    {
        if (Whiteout.IsIn(name.Units))
        {
            throw Diagnostics.WhiteoutNameInRootFs(new ContentLocation(path));
        }

        var file = FolderFile.Of(path);
        if (file.Kind is not { } kind)
        {
            SkippedSockets.Add(path);
            return false;
        }

        var entry = new TarEntry
        {
            Name = kind == TarEntryKind.Directory ? ByteString.FromUnits(name.Units + "/") : name,
            Kind = kind,
            Mode = file.Mode,
            ModificationTime = time,
            Size = file.Size,
            StoredSize = file.Size,
            LinkName = kind == TarEntryKind.SymbolicLink ? LinkTarget(path) : default,
            DeviceMajor = file.DeviceMajor,
            DeviceMinor = file.DeviceMinor,
            Xattrs = FolderFile.Xattrs(path),
        };
        if (file.Identity is { } identity && !_linked.TryAdd(identity, name))
        {
            output.Add(
                entry with { Kind = TarEntryKind.HardLink, LinkName = _linked[identity], Size = 0, StoredSize = 0, Xattrs = [] },
                null,
                cancellation);
            return false;
        }

        if (kind == TarEntryKind.File)
        {
            using var content = OpenFile(path, file.Size);
            output.Add(entry, content, cancellation);
        }
        else
        {
            output.Add(entry, null, cancellation);
        }

        return kind == TarEntryKind.Directory;
    }

    private static ByteString LinkTarget(string path)
    {
        var target = new FileInfo(path).LinkTarget ?? throw Diagnostics.FileChanged(path);
        return ByteString.FromText(OperatingSystem.IsWindows() ? target.Replace('\\', '/') : target);
    }

    /// <summary>Opens a file that must keep its size.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    internal static SteadyFileStream OpenFile(string path, long size)
    {
        try
        {
            return new SteadyFileStream(
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan), size);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Diagnostics.RootFsNotReadable(path, e.Message, e);
        }
    }
}

/// <summary>A file of a known size; fails when it turns out to have grown or shrunk.</summary>
internal sealed class SteadyFileStream(FileStream file, long size) : Stream
{
    private long _at;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            var read = file.Read(buffer);
            _at += read;
            return (read == 0 && _at < size) || _at > size ? throw Diagnostics.FileChanged(file.Name) : read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Diagnostics.RootFsNotReadable(file.Name, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
