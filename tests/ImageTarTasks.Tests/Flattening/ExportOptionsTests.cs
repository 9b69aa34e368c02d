using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Options;

namespace ImageTarTasks.Tests.Flattening;

/// <summary>What the options of an export make of the same layers; words are those of <see cref="LayerTar"/>.</summary>
[TestClass]
public sealed class ExportOptionsTests
{
    [TestMethod]
    [DataRow("a folder with what is in it", "a/ a/x=1 b/ b/y=2", "a", "", "a/ a/x=1")]
    [DataRow(
        "parents keep their attributes",
        "a/@700:3 a/b/@711 a/b/x=1 a/z=1",
        "a/b/x",
        "",
        "a/@700:3 a/b/@711 a/b/x=1"
    )]
    [DataRow("anywhere", "a/ a/x.so=1 b/ b/y=2 c.so=3", "**/*.so", "", "a/ a/x.so=1 c.so=3")]
    [DataRow("several", "a=1 b=2 c=3", "a;c", "", "a=1 c=3")]
    [DataRow("a folder left out", "a/ a/x=1 b/ b/y=2", "", "a", "b/ b/y=2")]
    [DataRow("what is in a folder left out", "a/ a/x=1 b=2", "", "a/**", "a/ b=2")]
    [DataRow("leaving out is stronger", "a/ a/x=1 a/y=2 a/z/ a/z/x=3", "a", "a/z;**/y", "a/ a/x=1")]
    [DataRow("below what is left out nothing is taken", "a/ a/x=1", "a/x", "a", "")]
    [DataRow("a link whose target is left out has the content", "a/ a/x=1 b⇒a/x c⇒a/x", "", "a", "b=1 c⇒b")]
    [DataRow("one of a pair", "x=1 y⇒x", "y", "", "y=1")]
    [DataRow("what matches nothing", "x=1", "nope", "", "")]
    [DataRow("a link is not followed", "lib→usr/lib usr/ usr/lib/ usr/lib/a=1", "lib/a", "", "")]
    public void Include_and_exclude_choose_paths(
        string rule,
        string layers,
        string include,
        string exclude,
        string expected
    )
    {
        var filter = OptionValues.ParseFilter(Words(include), Words(exclude));
        Assert.AreEqual(
            expected,
            LayerTar.Show(LayerTar.Flatten(LayerTar.Layers(layers), options: new ExportOptions { Filter = filter })),
            rule
        );

        static string[] Words(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries);
    }

    [TestMethod]
    public void Owner_replaces_every_owner()
    {
        var flat = LayerTar.Flatten(
            LayerTar.Layers("d/@755:7 d/f=1@644:8 l→x h⇒d/f@644:8"),
            options: new ExportOptions { Owner = new Owner(1, 2) }
        );
        Assert.IsTrue(LayerTar.Entries(flat).All(entry => entry is { Uid: 1, Gid: 2 }));
        Assert.HasCount(4, LayerTar.Entries(flat).ToArray());
    }

    [TestMethod]
    [DataRow(999, 0, 999L, 0)]
    [DataRow(1000, 0, 1000L, 0)]
    [DataRow(2000, 0, 1000L, 5)]
    public void Later_times_become_the_newest_allowed_and_earlier_ones_stay(
        int newest,
        int nanoseconds,
        long expected,
        int expectedNanoseconds
    )
    {
        // Entries are of the second 1000.
        var layer = new MemoryStream();
        var tar = new TarWriter(layer);
        tar.Add(LayerTar.Entry("f=", out _) with { ModificationTime = new TarTime(1000, 5) }, Stream.Null);
        tar.Finish();
        var flat = LayerTar.Flatten(
            [layer.ToArray()],
            options: new ExportOptions { MaxModificationTime = new TarTime(newest, nanoseconds) }
        );
        Assert.AreEqual(new TarTime(expected, expectedNanoseconds), LayerTar.Entries(flat).Single().ModificationTime);
    }

    [TestMethod]
    [DataRow(XattrChoice.All, "security.capability;trusted.t;user.u")]
    [DataRow(XattrChoice.Capabilities, "security.capability")]
    [DataRow(XattrChoice.None, "")]
    public void Extended_attributes_are_kept_as_chosen(XattrChoice choice, string expected)
    {
        Xattr[] all =
        [
            .. new[] { "security.capability", "trusted.t", "user.u" }.Select(name => new Xattr(
                ByteString.FromText(name),
                ByteString.FromBytes([0, 1, 255])
            )),
        ];
        var layer = new MemoryStream();
        var tar = new TarWriter(layer);
        tar.Add(LayerTar.Entry("f=", out _) with { Xattrs = all }, Stream.Null);
        tar.Finish();
        var entry = LayerTar
            .Entries(LayerTar.Flatten([layer.ToArray()], options: new ExportOptions { Xattrs = choice }))
            .Single();
        Assert.AreEqual(expected, string.Join(';', entry.Xattrs.Select(xattr => xattr.Name.ToText())));
        Assert.IsTrue(entry.Xattrs.All(xattr => xattr.Value == all[0].Value));
    }

    [TestMethod]
    [DataRow(
        "an empty image",
        "",
        "dev/ dev/pts/ dev/shm/ etc/ proc/ sys/ .dockerenv=@755 dev/console=@755 "
            + "etc/hostname=@755 etc/hosts=@755 etc/mtab→/proc/mounts etc/resolv.conf=@755"
    )]
    [DataRow(
        "files and links of these names go",
        "etc/@700:5 etc/hosts=mine etc/mtab=x etc/resolv.conf→../run/r sys→x",
        "dev/ dev/pts/ dev/shm/ etc/@700:5 proc/ sys/ .dockerenv=@755 dev/console=@755 "
            + "etc/hostname=@755 etc/hosts=@755 etc/mtab→/proc/mounts etc/resolv.conf=@755"
    )]
    [DataRow(
        "folders stay",
        "proc/@555 proc/f=1 etc/hosts/",
        "dev/ dev/pts/ dev/shm/ etc/ etc/hosts/ proc/@555 sys/ proc/f=1 .dockerenv=@755 "
            + "dev/console=@755 etc/hostname=@755 etc/mtab→/proc/mounts etc/resolv.conf=@755"
    )]
    [DataRow(
        "links as parents go",
        "etc→usr usr/ usr/f=1",
        "dev/ dev/pts/ dev/shm/ etc/ proc/ sys/ usr/ usr/f=1 .dockerenv=@755 dev/console=@755 "
            + "etc/hostname=@755 etc/hosts=@755 etc/mtab→/proc/mounts etc/resolv.conf=@755"
    )]
    public void Dockers_own_files_are_put_in(string what, string layer, string expected)
    {
        var merge = new LayerMerge();
        var layers = LayerTar.Layers(layer);
        merge.Add(() => LayerTar.Entries(layers[0]), new ContentLocation("test"));
        DockerEngineFiles.AddTo(merge.Tree, "", new TarTime(5), 1);

        var flat = new MemoryStream();
        new FlatWriter(merge.Tree, new TarOutput(new TarWriter(flat)), new ExportOptions()).Write(
            _ => new LayerContent(new MemoryStream(layers[0]), new ContentLocation("test")),
            CancellationToken.None
        );
        Assert.AreEqual(expected, LayerTar.Show(flat.ToArray()), what);
    }

    [TestMethod]
    public void The_working_directory_is_made_through_links()
    {
        var merge = new LayerMerge();
        merge.Add(() => LayerTar.Entries(LayerTar.Of("w→srv", "srv/@700")), new ContentLocation("test"));
        DockerEngineFiles.AddTo(merge.Tree, "/w/a/../b", new TarTime(5), 1);

        Assert.IsGreaterThanOrEqualTo(0, merge.Tree.Find(merge.Tree.Find(MergedTree.Root, "srv"), "b"));
        Assert.IsLessThan(0, merge.Tree.Find(merge.Tree.Find(MergedTree.Root, "srv"), "a"));
    }
}
