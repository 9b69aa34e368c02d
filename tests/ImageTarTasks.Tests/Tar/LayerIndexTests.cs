using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Indexing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Tar;

[TestClass]
public sealed class LayerIndexTests
{
    private static readonly LayerSummary Summary = new(new DiffId(Digest.Of("x"u8)), 4096, 17, 0, CompressionKind.Zstd);

    [TestMethod]
    public void The_summary_comes_back_and_sha512_fits()
    {
        var digest = Digest.FromHash(new byte[64]);
        var file = new MemoryStream();
        using (var writer = new LayerIndexWriter(file))
        {
            writer.Complete(Summary with { DiffId = new DiffId(digest) });
        }

        Assert.AreEqual(Summary with { DiffId = new DiffId(digest) }, LayerIndex.TryReadSummary(file));
        using var index = LayerIndex.TryOpen(Rewound(file));
        Assert.AreEqual(Summary with { DiffId = new DiffId(digest) }, index!.Summary);
        Assert.IsEmpty(index.ReadEntries());
    }

    [TestMethod]
    public void Any_damaged_byte_and_any_cut_makes_the_index_absent()
    {
        var bytes = Bytes([
            new TarEntry
            {
                Name = ByteString.FromText("a"),
                Kind = TarEntryKind.File,
                Size = 5000,
                StoredSize = 1000,
                Sparse = [new SparseRun(10, 1000)],
            },
            new TarEntry
            {
                Name = ByteString.FromText("b"),
                Kind = TarEntryKind.SymbolicLink,
                LinkName = ByteString.FromText("a"),
                Xattrs = [new Xattr(ByteString.FromText("user.x"), ByteString.FromText("y"))],
            },
        ]);
        Assert.IsNotNull(LayerIndex.TryOpen(new MemoryStream(bytes)));
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            Assert.IsNull(LayerIndex.TryOpen(new MemoryStream(damaged)), $"byte {i}");
            Assert.IsNull(LayerIndex.TryOpen(new MemoryStream(bytes[..i])), $"cut at {i}");
            Assert.IsNull(LayerIndex.TryReadSummary(new MemoryStream(bytes[..i])), $"cut at {i}");
        }
    }

    [TestMethod]
    public void The_summary_is_read_without_the_entries_and_not_believed_when_it_is_damaged()
    {
        var bytes = Bytes([new TarEntry { Name = ByteString.FromText("a"), Kind = TarEntryKind.Directory }]);
        var end = bytes.Length - LayerIndexFormat.TrailerLength;
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x01;
            var isRecord = i >= LayerIndexFormat.Magic.Length && i < end;
            Assert.AreEqual(isRecord, LayerIndex.TryReadSummary(new MemoryStream(damaged)) is not null, $"byte {i}");
        }
    }

    [TestMethod]
    public void An_index_that_was_not_completed_is_absent_and_its_stream_closed()
    {
        var file = new MemoryStream();
        using (var writer = new LayerIndexWriter(file))
        {
            for (var i = 0; i < 20_000; i++)
            {
                writer.Add(new TarEntry { Name = ByteString.FromText($"some/name/{i}"), Kind = TarEntryKind.File });
            }
        }

        Assert.IsGreaterThan(1000, file.Length);
        file.Position = 0;
        Assert.IsNull(LayerIndex.TryOpen(file));
        Assert.IsFalse(file.CanRead);
    }

    [TestMethod]
    public void Content_counts_files_and_targets_of_symbolic_links_once()
    {
        using var writer = new LayerIndexWriter(new MemoryStream());
        writer.Add(
            new TarEntry
            {
                Name = ByteString.FromText("f"),
                Kind = TarEntryKind.File,
                Size = 100,
                StoredSize = 100,
            }
        );
        writer.Add(
            new TarEntry
            {
                Name = ByteString.FromText("h"),
                Kind = TarEntryKind.HardLink,
                LinkName = ByteString.FromText("f"),
            }
        );
        writer.Add(
            new TarEntry
            {
                Name = ByteString.FromText("s"),
                Kind = TarEntryKind.SymbolicLink,
                LinkName = ByteString.FromText("abc"),
            }
        );
        Assert.AreEqual((103L, 3L), (writer.ContentSize, writer.Entries));
    }

    [TestMethod]
    public void An_ordinary_entry_takes_few_bytes()
    {
        var entries = Enumerable
            .Range(0, 1000)
            .Select(i => new TarEntry
            {
                Name = ByteString.FromText($"usr/share/doc/package-{i:D4}/copyright"),
                Kind = TarEntryKind.File,
                Mode = 0x1a4,
                Size = 1234,
                StoredSize = 1234,
                ModificationTime = new TarTime(1_700_000_000),
                HeaderOffset = i * 2048L,
                DataOffset = (i * 2048L) + 512,
            });
        Assert.IsLessThan(60, Bytes([.. entries]).Length / 1000);
    }

    [TestMethod]
    public void Sparse_maps_and_long_values_that_cross_the_buffer_come_back()
    {
        var big = ByteString.FromBytes([.. Enumerable.Range(0, 60_000).Select(i => (byte)i)]);
        List<TarEntry> entries =
        [
            .. Enumerable
                .Range(0, 10)
                .Select(i => new TarEntry
                {
                    Name = ByteString.FromText($"n{i}"),
                    Kind = TarEntryKind.File,
                    Size = 1L << 40,
                    StoredSize = 3,
                    Sparse = [new SparseRun(5, 1), new SparseRun(1L << 39, 2)],
                    Xattrs = [new Xattr(ByteString.FromText("user.big"), big)],
                }),
        ];
        using var index = IndexOf(entries);
        foreach (var (expected, got) in entries.Zip(index.ReadEntries().ToList()))
        {
            CollectionAssert.AreEqual(expected.Sparse!.ToList(), got.Sparse!.ToList());
            Assert.AreEqual(expected.Xattrs[0], got.Xattrs[0]);
            Assert.AreEqual(TarText.Show(expected), TarText.Show(got));
        }
    }

    internal static LayerIndex IndexOf(IReadOnlyList<TarEntry> entries) =>
        LayerIndex.TryOpen(new MemoryStream(Bytes(entries)))!;

    private static byte[] Bytes(IReadOnlyList<TarEntry> entries)
    {
        var file = new MemoryStream();
        using var writer = new LayerIndexWriter(file);
        foreach (var entry in entries)
        {
            writer.Add(entry);
        }

        writer.Complete(Summary with { Entries = entries.Count });
        return file.ToArray();
    }

    private static MemoryStream Rewound(MemoryStream file)
    {
        file.Position = 0;
        return file;
    }
}
