using System.Globalization;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>What an export takes: memory for names, none for bytes, and no files but its own.</summary>
[TestClass]
public sealed class ExportCostTests
{
    [TestMethod]
    public void A_million_entries_take_less_than_400_MB()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        using (var file = File.Create(folder["million.tar"]))
        {
            var tar = new TarWriter(file);
            for (var number = 0; number < 1_000_000; number++)
            {
                var name = string.Create(
                    CultureInfo.InvariantCulture,
                    $"usr/share/package{number / 20_000:000}/folder{number / 100 % 200:0000}/some-file-name-{number % 100:0000}.txt"
                );
                tar.Add(
                    new TarEntry
                    {
                        Name = ByteString.FromText(name),
                        Kind = TarEntryKind.File,
                        Mode = 0x1a4,
                        ModificationTime = new TarTime(number),
                    },
                    "0123456789abcdef"u8
                );
            }

            tar.Finish();
        }

        imagetar.Run("import", folder["million.tar"], "million:1");
        File.Delete(folder["million.tar"]);
        var export = imagetar.Run("export", "-o", folder["flat.tar"], "million:1");
        Assert.IsGreaterThan(1_000_000, export.PeakMemory, "nothing was measured");
        Assert.IsLessThan(400L << 20, export.PeakMemory, $"{export.PeakMemory >> 20} MiB");
        Assert.IsGreaterThan(1_000_000_000, new FileInfo(folder["flat.tar"]).Length);
    }

    [TestMethod]
    public void Large_files_pass_through_under_a_cap_of_memory_and_hidden_ones_leave_nothing()
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        using (var file = File.Create(folder["large.tar"]))
        {
            var tar = new TarWriter(file);
            foreach (var name in new[] { "kept", "hidden" })
            {
                using var zeros = new ZeroStream(600L << 20);
                tar.Add(
                    new TarEntry
                    {
                        Name = ByteString.FromText(name),
                        Kind = TarEntryKind.File,
                        Mode = 0x1a4,
                        Size = 600L << 20,
                    },
                    zeros
                );
            }

            tar.Finish();
        }

        File.WriteAllBytes(folder["top.tar"], new HandMadeLayer().Whiteout("hidden").ToTar());
        imagetar.Run("import", folder["large.tar"], "large:1");
        imagetar.Run("import", "--base", "large:1", folder["top.tar"], "top:1");
        File.Delete(folder["large.tar"]);
        var capped = new ProgramOptions
        {
            Environment = new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = "0x2000000" },
        };
        var export = imagetar.Try(["export", "-o", folder["flat.tar"], "top:1"], capped).Succeeds();
        Assert.IsLessThan(150L << 20, export.PeakMemory, $"{export.PeakMemory >> 20} MiB");
        Assert.AreSequenceEqual(["kept"], Programs.Run("tar", "-tf", folder["flat.tar"]).Lines);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Clear();
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
