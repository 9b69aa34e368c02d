using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>Layers with the odd cases of flattening.</summary>
internal static class OddLayers
{
    private static readonly Xattr Capability = new(
        ByteString.FromText("security.capability"),
        // Version 2, effective, permitted: bit 13, cap_net_raw.
        ByteString.FromBytes([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    );

    private static readonly string LongName = new('l', 140);

    /// <summary>
    /// Cases about which Docker's overlay2 and the specification agree. No paths Docker itself puts into containers.
    /// </summary>
    public static byte[][] Agreed() =>
        [
            new HandMadeLayer()
                .Directory("meta", 0x3ff)
                .Directory("meta/closed", 0x1c0, 7, 8)
                .File("meta/tool", "#!", 0x9ed)
                .File("meta/group", "g", 0x5ed, 10, 20)
                .File("meta/secret", "s", 0)
                .File("meta/ping", "p", 0x1ed, xattrs: Capability)
                .File("meta/owned", "o", 0x1a4, 3_000_000, 4_000_000)
                .File("meta/nobody", "n", 0x1a4, 65534, 65534)
                .File("meta/early", "e", time: 86_400)
                .File("meta/late", "l", time: 4_102_444_800)
                .File("meta/fraction", "f", time: 1_500_000_000, nanoseconds: 250_000_000)
                .Device("meta/null", TarEntryKind.CharacterDevice, 1, 3)
                .Device("meta/loop", TarEntryKind.BlockDevice, 7, 300)
                .Fifo("meta/fifo")
                .Directory("names")
                .Directory("names/" + LongName)
                .File($"names/{LongName}/{LongName}", "long")
                .File("names/naïve 世界", "text")
                .File("names/-rf \"quoted' \\back", "odd")
                .File("names/line\nbreak", "two lines")
                .File("names/case", "c")
                .File("names/Case", "C")
                .SymbolicLink("names/to-long", $"{LongName}/{LongName}")
                .SymbolicLink("names/dangling", "../no/such")
                .SymbolicLink("names/absolute", "/names/case")
                .SymbolicLink("names/escape", "../../../../etc/passwd")
                .Directory("change")
                .File("change/over", "old")
                .File("change/gone", "gone")
                .Directory("change/gonedir")
                .File("change/gonedir/below", "b")
                .File("change/kept", "kept")
                .File("change/file-dir", "f")
                .Directory("change/dir-file")
                .File("change/dir-file/below", "b")
                .SymbolicLink("change/link-dir", "../names")
                .Directory("change/dir-link")
                .File("change/dir-link/below", "b")
                .Directory("opaque")
                .File("opaque/old", "o")
                .Directory("opaque/sub")
                .File("opaque/sub/old", "o")
                .Directory("links")
                .File("links/a", "A")
                .HardLink("links/b", "links/a")
                .HardLink("links/c", "links/a")
                .File("links/x", "X")
                .HardLink("links/y", "links/x")
                .SymbolicLink("links/s", "a")
                .HardLink("links/t", "links/s")
                .Directory("perm", 0x1ed)
                .File("perm/inside", "i")
                .ToTar(),
            new HandMadeLayer()
                .Directory("change", time: 1_600_000_100)
                .File("change/over", "new and longer")
                .Whiteout("change/gone")
                .Whiteout("change/gonedir")
                .Whiteout("change/never-was")
                .Directory("change/file-dir")
                .File("change/file-dir/below", "b")
                .File("change/dir-file", "f")
                .Directory("change/link-dir")
                .File("change/link-dir/below", "b")
                .SymbolicLink("change/dir-link", "../names")
                .Directory("opaque")
                .Opaque("opaque")
                .File("opaque/new", "n")
                .Directory("links")
                .File("links/a", "another")
                .Whiteout("links/x")
                .Directory("perm", 0x1c0, 5, 6)
                .ToTar(),
            new HandMadeLayer()
                .Directory("change")
                .File("change/gone", "back")
                .Directory("change/gonedir")
                .File("change/gonedir/other", "o")
                .Directory("links")
                .Whiteout("links/b")
                .Directory("empty")
                .File("empty-file")
                .ToTar(),
        ];

    /// <summary>Cases overlay2 gets differently from the specification; umoci goes by the specification.</summary>
    public static byte[][] Contested() =>
        [
            new HandMadeLayer()
                .Directory("replaced")
                .File("replaced/old", "o")
                .Directory("parent", 0x1c0, 7, 8)
                .File("parent/old", "o")
                .Directory("usr")
                .Directory("usr/lib")
                .File("usr/lib/a", "a")
                .File("usr/lib/b", "b")
                .SymbolicLink("lib", "usr/lib")
                .Directory("opaque", 0x1e8, 3, 4)
                .File("opaque/old", "o")
                .File("target", "T")
                .File("same", "old")
                .File("ancient", "a", time: -86_400)
                .File(
                    "attributes",
                    "x",
                    xattrs: new Xattr(ByteString.FromText("user.note"), ByteString.FromText("kept"))
                )
                .ToTar(),
            new HandMadeLayer()
                .Whiteout("replaced")
                .Directory("replaced")
                .File("replaced/new", "n")
                .File("parent/new", "n")
                .File("lib/c", "c")
                .Whiteout("lib/a")
                .Opaque("opaque")
                .HardLink("linked", "target")
                .File("same", "new")
                .Whiteout("same")
                .ToTar(),
        ];

    /// <summary>An opaque marker in the root: everything below it goes.</summary>
    public static byte[][] OpaqueRoot() =>
        [
            new HandMadeLayer().File("old", "o").Directory("dir").File("dir/old", "o").ToTar(),
            new HandMadeLayer().Opaque("").File("new", "n").ToTar(),
        ];
}
