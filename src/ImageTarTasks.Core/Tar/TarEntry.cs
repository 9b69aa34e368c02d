using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Tar;

/// <summary>The kind of an entry of a root filesystem.</summary>
public enum TarEntryKind
{
    /// <summary>Types '0', NUL, '7', and sparse files, which are expanded.</summary>
    File,

    /// <summary>Type '5', and old archives' NUL type with a trailing slash.</summary>
    Directory,

    /// <summary>Type '2'.</summary>
    SymbolicLink,

    /// <summary>Type '1': another name for an earlier entry.</summary>
    HardLink,

    /// <summary>Type '3'.</summary>
    CharacterDevice,

    /// <summary>Type '4'.</summary>
    BlockDevice,

    /// <summary>Type '6'.</summary>
    Fifo,
}

/// <summary>
/// A point in time as tar keeps it: seconds from 1970, UTC, possibly negative, and nanoseconds 0..999999999 forward
/// from there.
/// </summary>
public readonly record struct TarTime(long Seconds, int Nanoseconds = 0)
{
    /// <summary>The same instant in .NET's resolution, clamped to its range.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset
            .UnixEpoch.AddTicks(Math.Clamp(Seconds, -62135596800, 253402300799) * TimeSpan.TicksPerSecond)
            .AddTicks(Seconds is < -62135596800 or > 253402300799 ? 0 : Nanoseconds / 100);

    /// <summary>
    /// The earlier one of this time and <paramref name="newest"/>: what <c>tar --clamp-mtime</c> makes of a time.
    /// </summary>
    public TarTime ClampedTo(TarTime newest) =>
        (Seconds, Nanoseconds).CompareTo((newest.Seconds, newest.Nanoseconds)) > 0 ? newest : this;

    /// <summary>From .NET's time.</summary>
    public static TarTime From(DateTimeOffset time)
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0
            ? new TarTime(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100)
            : new TarTime(seconds, (int)rest * 100);
    }
}

/// <summary>An extended attribute (PAX <c>SCHILY.xattr.NAME</c>): name and value as bytes.</summary>
internal readonly record struct Xattr(ByteString Name, ByteString Value);

/// <summary>
/// A run of data of a sparse file: its offset in the file and its length. The runs follow one another in the tar.
/// </summary>
internal readonly record struct SparseRun(long Offset, long Length);

/// <summary>
/// The header of one entry in any dialect (v7, ustar, PAX, GNU), with everything that belongs to the file and nothing
/// that belongs to the dialect. User and group names are left out, because images use the numbers.
/// </summary>
internal sealed record TarEntry
{
    /// <summary>The name exactly as the archive has it, such as <c>./etc/</c>.</summary>
    public required ByteString Name { get; init; }

    /// <summary>The kind of entry.</summary>
    public required TarEntryKind Kind { get; init; }

    /// <summary>Permission bits, 0..07777.</summary>
    public int Mode { get; init; }

    /// <summary>Owner, 0..2^32-1.</summary>
    public long Uid { get; init; }

    /// <summary>Group, 0..2^32-1.</summary>
    public long Gid { get; init; }

    /// <summary>Bytes of content; 0 for everything but files. For a sparse file the expanded length.</summary>
    public long Size { get; init; }

    /// <summary>When the content was last changed.</summary>
    public TarTime ModificationTime { get; init; }

    /// <summary>The target of a symbolic or hard link, as written; empty otherwise.</summary>
    public ByteString LinkName { get; init; }

    /// <summary>The major number of a device.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>The minor number of a device.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes, ordered by name, each name once.</summary>
    public IReadOnlyList<Xattr> Xattrs { get; init; } = [];

    /// <summary>Offset of the first header block (PAX and GNU name blocks included) in the plain tar.</summary>
    public long HeaderOffset { get; init; }

    /// <summary>Offset of the content in the plain tar.</summary>
    public long DataOffset { get; init; }

    /// <summary>
    /// Bytes the content takes in the tar, without padding; differs from <see cref="Size"/> for sparse files only.
    /// </summary>
    public long StoredSize { get; init; }

    /// <summary>The data runs of a sparse file, ascending; null for ordinary files.</summary>
    public IReadOnlyList<SparseRun>? Sparse { get; init; }
}
