using System.Runtime.Versioning;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Flattening;

[TestClass]
public sealed class DiskOutputTests
{
    [TestMethod, OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_can_read_a_file_before_it_has_its_mode()
    {
        using var folder = new TestFolder();
        var modes = new List<UnixFileMode>();
        var name = ByteString.FromUnits("file");
        var entry = new TarEntry
        {
            Name = name,
            Kind = TarEntryKind.File,
            Mode = 0b110_100_100,
            Size = 3,
        };
        using var content = new Watched(() =>
            modes.AddRange(Directory.GetFiles(folder.Root).Select(File.GetUnixFileMode))
        );
        new DiskOutput(folder.Root, keepOwners: false).Add(
            entry,
            new FileNames(1, name),
            content,
            CancellationToken.None
        );
        Assert.AreNotEqual(0, modes.Count);
        Assert.IsTrue(modes.All(mode => mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite)), $"{modes[0]}");
        Assert.AreEqual(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(folder["file"])
        );
        Assert.AreEqual("xxx", File.ReadAllText(folder["file"]));
    }

    /// <summary>Three bytes; tells of every read.</summary>
    private sealed class Watched(Action onRead) : ForwardReadStream
    {
        private int _left = 3;

        public override int Read(Span<byte> buffer)
        {
            onRead();
            var count = Math.Min(_left, buffer.Length);
            buffer[..count].Fill((byte)'x');
            _left -= count;
            return count;
        }
    }
}
