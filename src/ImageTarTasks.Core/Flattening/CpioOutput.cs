using System.Globalization;
using System.Text;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// Writes a root filesystem as a cpio archive in the <c>newc</c> format, which the Linux kernel unpacks as an initramfs
/// (Documentation/driver-api/early-userspace/buffer-format.rst). The format has no extended attributes and no files of
/// 4 GiB or more. Its times are whole seconds from 1970 to 2106; times outside become the nearest possible ones.
/// </summary>
/// <remarks>
/// The first name of a file has the content and the other names have none, as the kernel and GNU cpio expect. Each name
/// of a link, device or pipe is a file of its own.
/// </remarks>
internal sealed class CpioOutput(Stream target) : IRootFsOutput
{
    private const int HeaderLength = 110;

    /// <summary>The name of the entry that ends an archive.</summary>
    private const string Trailer = "TRAILER!!!";

    private readonly byte[] _header = new byte[HeaderLength];
    private long _written;
    private int _nextInode;
    private int _inode;

    /// <summary>How many files had extended attributes, which are not in the result.</summary>
    public long LostXattrs { get; private set; }

    public void Add(TarEntry entry, in FileNames names, Stream? content, CancellationToken cancellationToken)
    {
        var isFirst = entry.Name == names.First;
        var isLink = entry.Kind == TarEntryKind.File && !isFirst;
        if (!isLink)
        {
            _inode = ++_nextInode;
            LostXattrs += isFirst && entry.Xattrs.Count > 0 ? 1 : 0;
        }

        var name = entry.Name.Units.TrimEnd('/');
        if (name == Trailer)
        {
            throw FlatteningDiagnostics.NameEndsCpio(entry.Name);
        }

        var body = entry.Kind == TarEntryKind.SymbolicLink ? entry.LinkName.ToBytes() : [];
        var size =
            entry.Kind == TarEntryKind.File
                ? isFirst
                    ? entry.Size
                    : 0
                : body.Length;
        if (size > uint.MaxValue)
        {
            throw FlatteningDiagnostics.TooLargeForCpio(entry.Name, size);
        }

        var links =
            entry.Kind == TarEntryKind.File ? names.Count
            : entry.Kind == TarEntryKind.Directory ? 2
            : 1;
        WriteHeader(TypeOf(entry.Kind) | (uint)entry.Mode, entry, _inode, links, (uint)size, name);
        Write(body);
        if (content is not null)
        {
            var copied = StreamCopy.Copy(content, target, cancellationToken);
            _written += copied;
            if (copied != size)
            {
                throw TarDiagnostics.TarContentLength(entry.Name, size, longer: copied > size);
            }
        }

        Pad(4);
    }

    public void Finish()
    {
        WriteHeader(0, new TarEntry { Name = default, Kind = TarEntryKind.File }, 0, 1, 0, Trailer);
        Pad(512);
    }

    private static uint TypeOf(TarEntryKind kind) =>
        kind switch
        {
            TarEntryKind.File => 0x8000,
            TarEntryKind.Directory => 0x4000,
            TarEntryKind.SymbolicLink => 0xa000,
            TarEntryKind.CharacterDevice => 0x2000,
            TarEntryKind.BlockDevice => 0x6000,
            TarEntryKind.Fifo => 0x1000,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };

    private void WriteHeader(uint mode, TarEntry entry, int inode, int links, uint size, string name)
    {
        "070701"u8.CopyTo(_header);
        Span<uint> fields =
        [
            (uint)inode,
            mode,
            (uint)entry.Uid,
            (uint)entry.Gid,
            (uint)links,
            (uint)Math.Clamp(entry.ModificationTime.Seconds, 0, uint.MaxValue),
            size,
            0,
            0,
            entry.DeviceMajor,
            entry.DeviceMinor,
            (uint)name.Length + 1,
            0,
        ];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i].TryFormat(_header.AsSpan(6 + (8 * i)), out _, "x8", CultureInfo.InvariantCulture);
        }

        Write(_header);
        Write(Encoding.Latin1.GetBytes(name + "\0"));
        Pad(4);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        target.Write(bytes);
        _written += bytes.Length;
    }

    private void Pad(int block)
    {
        Span<byte> zeros = stackalloc byte[512];
        zeros.Clear();
        Write(zeros[..(int)((block - (_written % block)) % block)]);
    }
}
