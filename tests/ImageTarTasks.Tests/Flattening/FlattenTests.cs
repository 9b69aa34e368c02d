using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Flattening;

[TestClass]
public sealed class FlattenTests
{
    // Words are those of LayerTar; layers stand lowest first, separated by |.
    [TestMethod]
    [DataRow("opaque first", "d/ d/a=1 d/b=1 | d/ d/.wh..wh..opq= d/c=2", "d/ d/c=2")]
    [DataRow("opaque last", "d/ d/a=1 | d/ d/c=2 d/.wh..wh..opq=", "d/ d/c=2")]
    [DataRow("opaque keeps the directory's attributes", "d/@750 d/a=1 | d/.wh..wh..opq=", "d/@750")]
    [DataRow("opaque in the lowest layer", "d/ d/.wh..wh..opq= d/a=1", "d/ d/a=1")]
    [DataRow("opaque of what is not there makes nothing", "z=1 | nd/.wh..wh..opq=", "z=1")]
    [DataRow("opaque root", "a=1 d/ d/b=1 | .wh..wh..opq= c=2", "c=2")]
    [DataRow(
        "opaque of a new directory in place of a link leaves the link's target alone",
        "o/ o/k=1 x→o | x/ x/.wh..wh..opq= x/a=2",
        "o/ x/ o/k=1 x/a=2"
    )]
    [DataRow("whiteout below a new directory in place of a link", "o/ o/k=1 x→o | x/.wh.k= x/", "o/ x/ o/k=1")]
    [DataRow("whiteout of a file", "f=1 g=1 | .wh.f=", "g=1")]
    [DataRow("whiteout of a directory", "d/ d/a=1 d/e/ d/e/x=1 | .wh.d=", "")]
    [DataRow("whiteout before a new file", "f=1 | .wh.f= f=2", "f=2")]
    [DataRow("whiteout after a new file", "z=1 | f=2 .wh.f=", "z=1 f=2")]
    [DataRow("whiteout of a directory that is made again", "d/ d/a=1 | .wh.d= d/ d/b=2", "d/ d/b=2")]
    [DataRow("and whose new attributes stand first", "d/@700 d/a=1 | d/b=2 .wh.d=", "d/ d/b=2")]
    [DataRow("whiteout and return in three layers", "a/ a/foo=1 | .wh.a= | a/ a/baz=3", "a/ a/baz=3")]
    [DataRow("whiteouts of what is missing", "z=1 | .wh.nope= nd/ nd/.wh.q=", "nd/ z=1")]
    [DataRow(
        "whiteout through a link",
        "usr/ usr/lib/ usr/lib/a=1 lib→usr/lib | lib/.wh.a=",
        "usr/ usr/lib/ lib→usr/lib"
    )]
    [DataRow("whiteout of a link that goes away with its directory", "o/ o/a=1 l→o | .wh.l= l/.wh.a=", "o/ o/a=1")]
    [DataRow("whiteout with content", "f=1 | .wh.f=data", "")]
    [DataRow("whiteout as a hard link, as AUFS wrote them", "f=1 g=1 | .wh.f= .wh.g⇒.wh.f", "")]
    [DataRow("AUFS's files are no files", "d/ d/a=1 | d/ d/.wh..wh.foo= .wh..wh.aufs= .wh..wh.orph/", "d/ d/a=1")]
    [DataRow("but may be linked to", ".wh..wh.plnk/ .wh..wh.plnk/1=A a⇒.wh..wh.plnk/1 b⇒.wh..wh.plnk/1", "a=A b⇒a")]
    [DataRow("file to directory", "x=1 | x/ x/a=2", "x/ x/a=2")]
    [DataRow("directory to file", "x/ x/a=1 | x=2", "x=2")]
    [DataRow("a directory that comes back is empty", "x/ x/a=1 | x=2 | x/", "x/")]
    [DataRow("link to directory", "o/ o/k=1 x→o | x/ x/a=2", "o/ x/ o/k=1 x/a=2")]
    [DataRow(
        "entries go through links",
        "usr/ usr/lib/ usr/lib/a=1 lib→usr/lib | lib/b=2",
        "usr/ usr/lib/ usr/lib/a=1 lib→usr/lib usr/lib/b=2"
    )]
    [DataRow("links to nowhere make directories inside the root", "x→/a/../../b | x/f=1", "b/ x→/a/../../b b/f=1")]
    [DataRow("an implied parent replaces a lower file", "x=1@600 | x/a=2", "x/ x/a=2")]
    [DataRow("hard links", "a=A b⇒a c⇒a", "a=A b⇒a c⇒a")]
    [DataRow("a new file does not change an old one's names", "a=A b⇒a c⇒a | a=X", "b=A c⇒b a=X")]
    [DataRow("nor does one in place of a link", "t2=123 t1⇒t2 t3⇒t1 | t1=456", "t2=123 t3⇒t2 t1=456")]
    [DataRow("a whiteout of the target leaves the link", "a=A b⇒a | .wh.a=", "b=A")]
    [DataRow("a whiteout of the target's directory too", "d/ d/a=A x⇒d/a | .wh.d=", "x=A")]
    [DataRow("a link to a lower layer", "a=A z=1 | b⇒a", "a=A b⇒a z=1")]
    [DataRow("which then loses the target", "a=A z=1 | b⇒a | .wh.a=", "b=A z=1")]
    [DataRow("a link to a symbolic link", "t=T s→t h⇒s", "t=T h→t s⇒h")]
    [DataRow("a link with an absolute target", "a=A b⇒/a", "a=A b⇒a")]
    [DataRow("a link through a symbolic link", "d/ d/a=A l→d b⇒l/a", "d/ b=A d/a⇒b l→d")]
    [DataRow("a link's attributes count", "a=A b⇒a@600:7", "a=A@600:7 b⇒a@600:7")]
    [DataRow("a link in place of the directory that holds its target", "d/ d/a=A | d⇒d/a", "d=A")]
    [DataRow("a file twice", "a=1 a=2", "a=2")]
    [DataRow("a directory twice", "d/ d/a=1 d/@700", "d/@700 d/a=1")]
    [DataRow("a directory's new attributes", "d/ d/a=1 | d/@700:5", "d/@700:5 d/a=1")]
    [DataRow("implied parents", "p/q/f=1", "p/ p/q/ p/q/f=1")]
    [DataRow("implied parents keep what is known", "p/@700:3 | p/f=1", "p/@700:3 p/f=1")]
    [DataRow("a child before its directory", "d/a=1 d/@700", "d/@700 d/a=1")]
    [DataRow("the root's attributes", "./@711:3 ./a=1", "./@711:3 a=1")]
    [DataRow("one path in many spellings", "./d//./a=1 | /d/a=2 | d/x/../a=3", "d/ d/a=3")]
    [DataRow("links out of the root are only text", "rel→../../etc/x abs→/etc/x", "rel→../../etc/x abs→/etc/x")]
    [DataRow("a layer three times", "a=1 | a=2 | a=1", "a=1")]
    [DataRow("names that differ by case", "A=1 a=2", "A=1 a=2")]
    [DataRow("directories in byte order before all else", "b=1 a-b/ a/ a/z/ a/b=1", "a/ a/z/ a-b/ b=1 a/b=1")]
    [DataRow("a chain of links", "a→b b→c c/ | a/f=1", "c/ a→b b→c c/f=1")]
    public void Layers_become(string rule, string layers, string expected) =>
        Assert.AreEqual(expected, LayerTar.Show(LayerTar.Flatten(LayerTar.Layers(layers))), rule);

    [TestMethod]
    public void As_many_links_are_followed_for_one_path_as_a_kernel_follows()
    {
        Assert.AreEqual(40, Limits.SymlinkHops);
        StringAssert.Contains(Flattened(Chain(40, "")), "d/x");
        Assert.AreEqual("ITT2404", Refused(Chain(41, "")));
        // Targets of 200 bytes, each through "./" many times: 20 of them are 4000 bytes, 21 are more than 4096.
        var detour = string.Concat(Enumerable.Repeat("./", 98));
        StringAssert.Contains(Flattened(Chain(20, detour)), "d/x");
        Assert.AreEqual("ITT2404", Refused(Chain(21, detour)));

        // d, and links l0 to d, l1 to l0, ...; then a file below the last one.
        static string Chain(int links, string detour) =>
            "d/ "
            + string.Concat(Enumerable.Range(0, links).Select(i => $"l{i}→{detour}{(i == 0 ? "d" : "l" + (i - 1))} "))
            + $"l{links - 1}/x=1";

        static string Flattened(string layers) => LayerTar.Show(LayerTar.Flatten(LayerTar.Layers(layers)));

        static string Refused(string layers) =>
            Assert.ThrowsExactly<ImageTarException>(() => LayerTar.Flatten(LayerTar.Layers(layers))).Diagnostic.Code;
    }

    [TestMethod]
    [DataRow("a whiteout of nothing", "z=1 | d/.wh.=", "ITT2407", "d/.wh.")]
    [DataRow("a whiteout of .", "d/ | d/.wh..=", "ITT2407", "d/.wh..")]
    [DataRow("a whiteout of ..", "d/ | d/.wh...=", "ITT2407", "d/.wh...")]
    [DataRow("a whiteout that is a link", "a=1 | .wh.a→x", "ITT2407", ".wh.a")]
    [DataRow("a whiteout with something below it", "a=1 | .wh.a/b=", "ITT2407", ".wh.a/b")]
    [DataRow("out of the root", "d/ d/../../x=1", "ITT2401", "d/../../x")]
    [DataRow("a whiteout out of the root", "a=1 | ../.wh.a=", "ITT2401", "../.wh.a")]
    [DataRow("a link's target out of the root", "a⇒../etc/passwd", "ITT2401", "a")]
    [DataRow("the root as a file", ".=1", "ITT2402", ".")]
    [DataRow("the root as a link", ".→/etc", "ITT2402", ".")]
    [DataRow("a file as parent in one layer", "f=1 f/x=2", "ITT2403", "f/x")]
    [DataRow("a file as parent behind a link", "f=1 l→f | l/x=2", "ITT2403", "l/x")]
    [DataRow("a loop of links as parent", "a→b b→a a/x=1", "ITT2404", "a/x")]
    [DataRow("a link to nothing", "h⇒nothing", "ITT2405", "h")]
    [DataRow("a link to itself", "h⇒h", "ITT2405", "h")]
    [DataRow("a link to itself in a higher layer", "h=1 | h⇒./h", "ITT2405", "h")]
    [DataRow("a link before its target", "h⇒a a=1", "ITT2405", "h")]
    [DataRow("a link to a file the same layer hides", "a=1 | .wh.a= b⇒a", "ITT2405", "b")]
    [DataRow("a link to a directory", "d/ h⇒d", "ITT2406", "h")]
    [DataRow("a link to the root", "h⇒/", "ITT2406", "h")]
    [DataRow("a link to a whiteout's name made through a symbolic link", "l→.wh.x | l/a=1", "ITT2401", "l/a")]
    public void Layers_are_refused(string rule, string layers, string code, string entry)
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(() => LayerTar.Flatten(LayerTar.Layers(layers)), rule);

        Assert.AreEqual(code, refused.Diagnostic.Code, refused.Message);
        Assert.Contains($"entry \"{entry}", refused.Message);
    }

    [TestMethod]
    [DataRow("a part ..", "a/ a/../b=1", "ITT2401")]
    [DataRow("a whiteout", ".wh.config=x", "ITT2408")]
    [DataRow("an opaque marker", "d/.wh..wh..opq=", "ITT2408")]
    public void A_root_filesystem_is_refused_for(string what, string entries, string code)
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(
            () => LayerTar.Flatten(LayerTar.Layers(entries), new LayerMerge(rootFs: true)),
            what
        );

        Assert.AreEqual(code, refused.Diagnostic.Code);
    }

    [TestMethod]
    public void Each_rule_that_fired_is_told_once()
    {
        var merge = new LayerMerge();
        var reporter = new RecordingReporter();

        LayerTar.Flatten(LayerTar.Layers("a=1 a=2 b=1 b=2 c=1 c=2 d=1 d=2 l→x | .wh.b=x | k⇒a l/f=1"), merge);
        merge.Warnings.Report(reporter);

        Assert.IsTrue(reporter.Warnings.All(warning => warning.Code == "ITT9401"));
        CollectionAssert.AreEqual(
            new[]
            {
                "a layer names a path twice, the last one counts: 4 entries (\"a\", \"b\", \"c\", ...)",
                "a hard link joins a file of a lower layer: 1 entry (\"k\")",
                "parents are symbolic links, they were followed inside the root: 1 entry (\"l/f\")",
                "a whiteout has content, which was ignored: 1 entry (\".wh.b\")",
            },
            reporter.Warnings.Select(warning => warning.Message).ToArray()
        );
    }

    [TestMethod]
    public void Ordinary_layers_raise_no_doubt()
    {
        var merge = new LayerMerge();
        var reporter = new RecordingReporter();

        LayerTar.Flatten(LayerTar.Layers("./ d/ d/a=1 l→d h⇒d/a | ./ d/ d/.wh.a= d/b=1 | .wh.l= e/f=1"), merge);
        merge.Warnings.Report(reporter);

        Assert.IsEmpty(reporter.Warnings, string.Join("\n", reporter.Warnings));
    }

    [TestMethod]
    public void Layers_that_add_nothing_to_the_result_are_not_opened()
    {
        var layers = LayerTar.Layers("a=1 s→x e= | .wh.a= b=2 | c/");
        var merge = new LayerMerge();
        foreach (var layer in layers)
        {
            merge.Add(() => LayerTar.Entries(layer), new ContentLocation("test"));
        }

        var opened = new List<int>();
        new FlatWriter(merge.Tree, new TarOutput(new TarWriter(Stream.Null)), new ExportOptions()).Write(
            number =>
            {
                opened.Add(number);
                return new LayerContent(new MemoryStream(layers[number]), new ContentLocation("test"));
            },
            CancellationToken.None
        );

        CollectionAssert.AreEqual(new[] { 1 }, opened);
    }

    [TestMethod]
    public void A_layer_shorter_than_its_index_is_told()
    {
        var layer = LayerTar.Of("a=1");
        var merge = new LayerMerge();
        merge.Add(() => LayerTar.Entries(layer), new ContentLocation("test"));
        var writer = new FlatWriter(merge.Tree, new TarOutput(new TarWriter(Stream.Null)), new ExportOptions());

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            writer.Write(
                _ => new LayerContent(new MemoryStream(layer, 0, 512), new ContentLocation("test")),
                CancellationToken.None
            )
        );

        Assert.AreEqual("ITT2414", refused.Diagnostic.Code);
    }

    [TestMethod]
    public void Opaque_markers_over_many_files_take_linear_work()
    {
        var files = Enumerable.Range(0, 30_000).Select(i => $"d/f{i}=").Prepend("d/").ToArray();
        var layers = Enumerable
            .Range(0, 300)
            .Select(_ => LayerTar.Of("d/", "d/.wh..wh..opq=", "d/x=1"))
            .Prepend(LayerTar.Of(files))
            .ToArray();

        Assert.AreEqual("d/ d/x=1", LayerTar.Show(LayerTar.Flatten(layers)));
    }
}
