using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;

namespace ImageTarTasks.Tests.Tar;

/// <summary>Reads tars for tests and shows entries as text.</summary>
internal static class TarText
{
    public static readonly ContentLocation Where = new("test.tar");

    public static List<(TarEntry Entry, byte[] Content)> ReadAll(Stream source)
    {
        var reader = new TarReader(source, Where);
        var all = new List<(TarEntry, byte[])>();
        while (reader.Next(CancellationToken.None) is { } entry)
        {
            var content = new MemoryStream();
            reader.Content.CopyTo(content);
            all.Add((entry, content.ToArray()));
        }

        return all;
    }

    public static List<(TarEntry Entry, byte[] Content)> ReadAll(byte[] tar) => ReadAll(new MemoryStream(tar));

    /// <summary>One entry and its content as Latin-1.</summary>
    public static (TarEntry Entry, string Content) ReadOne(byte[] tar)
    {
        var (entry, content) = Assert.ContainsSingle(ReadAll(tar));
        return (entry, Encoding.Latin1.GetString(content));
    }

    public static Diagnostic Refused(byte[] tar) =>
        Assert.ThrowsExactly<ImageTarException>(() => ReadAll(tar)).Diagnostic;

    /// <summary>Everything of an entry that a tar can say, without offsets and stored form.</summary>
    public static string Show(TarEntry entry) =>
        $"{entry.Kind} {entry.Name} {entry.Mode:x} {entry.Uid}:{entry.Gid} {entry.Size} "
        + $"{entry.ModificationTime.Seconds}.{entry.ModificationTime.Nanoseconds} "
        + $"-> {entry.LinkName} {entry.DeviceMajor},{entry.DeviceMinor} "
        + $"[{string.Join(", ", entry.Xattrs.Select(xattr => $"{xattr.Name}={Convert.ToHexString(xattr.Value.ToBytes())}"))}]";

    /// <summary>A stream that cannot seek and gives few bytes at a time, as a network does.</summary>
    public static Stream Trickle(byte[] bytes, int most) => new TrickleStream(bytes, most);

    private sealed class TrickleStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, most));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);

        public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();
    }
}
