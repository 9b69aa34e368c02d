using System.Text;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>A layer written entry by entry: what a builder seldom makes, but may.</summary>
internal sealed class HandMadeLayer
{
    /// <summary>The time entries get unless told otherwise.</summary>
    public const long SomeTime = 1_600_000_000;

    private readonly List<(TarEntry Entry, byte[] Content)> _entries = [];

    public HandMadeLayer Directory(string name, int mode = 0x1ed, long uid = 0, long gid = 0, long time = SomeTime) =>
        Add(
            name + "/",
            TarEntryKind.Directory,
            entry => entry with { Mode = mode, Uid = uid, Gid = gid, ModificationTime = new TarTime(time) }
        );

    public HandMadeLayer File(
        string name,
        string content = "",
        int mode = 0x1a4,
        long uid = 0,
        long gid = 0,
        long time = SomeTime,
        int nanoseconds = 0,
        params Xattr[] xattrs
    )
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return Add(
            name,
            TarEntryKind.File,
            entry =>
                entry with
                {
                    Mode = mode,
                    Uid = uid,
                    Gid = gid,
                    ModificationTime = new TarTime(time, nanoseconds),
                    Size = bytes.Length,
                    Xattrs = xattrs,
                },
            bytes
        );
    }

    public HandMadeLayer SymbolicLink(string name, string target) =>
        Add(
            name,
            TarEntryKind.SymbolicLink,
            entry => entry with { LinkName = ByteString.FromText(target), Mode = 0x1ff }
        );

    public HandMadeLayer HardLink(
        string name,
        string target,
        int mode = 0x1a4,
        long uid = 0,
        long gid = 0,
        long time = SomeTime
    ) =>
        Add(
            name,
            TarEntryKind.HardLink,
            entry =>
                entry with
                {
                    LinkName = ByteString.FromText(target),
                    Mode = mode,
                    Uid = uid,
                    Gid = gid,
                    ModificationTime = new TarTime(time),
                }
        );

    public HandMadeLayer Device(string name, TarEntryKind kind, uint major, uint minor) =>
        Add(name, kind, entry => entry with { DeviceMajor = major, DeviceMinor = minor });

    public HandMadeLayer Fifo(string name) => Add(name, TarEntryKind.Fifo, entry => entry);

    /// <summary>Hides what lower layers have at a path.</summary>
    public HandMadeLayer Whiteout(string name)
    {
        var slash = name.LastIndexOf('/') + 1;
        return File(name[..slash] + ".wh." + name[slash..]);
    }

    /// <summary>Hides everything lower layers have in a folder.</summary>
    public HandMadeLayer Opaque(string folder) => File((folder.Length == 0 ? "" : folder + "/") + ".wh..wh..opq");

    /// <summary>The layer as a plain tar.</summary>
    public byte[] ToTar()
    {
        using var stream = new MemoryStream();
        var writer = new TarWriter(stream);
        foreach (var (entry, content) in _entries)
        {
            if (entry.Kind == TarEntryKind.File)
            {
                writer.Add(entry, content);
            }
            else
            {
                writer.Add(entry);
            }
        }

        writer.Finish();
        return stream.ToArray();
    }

    private HandMadeLayer Add(string name, TarEntryKind kind, Func<TarEntry, TarEntry> with, byte[]? content = null)
    {
        var entry = new TarEntry
        {
            Name = ByteString.FromText(name),
            Kind = kind,
            Mode = 0x1a4,
            ModificationTime = new TarTime(SomeTime),
        };
        _entries.Add((with(entry), content ?? []));
        return this;
    }
}
