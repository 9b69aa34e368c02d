using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Archives;

[TestClass]
public sealed class MemberNameTests
{
    [TestMethod]
    [DataRow("manifest.json", "manifest.json")]
    [DataRow("./manifest.json", "manifest.json")]
    [DataRow("././a//b/", "a/b")]
    [DataRow("a/./b", "a/b")]
    [DataRow("...", "...")]
    [DataRow("a\\b", "a\\b")]
    public void Spellings_of_a_name_are_one_key(string name, string key) =>
        Assert.AreEqual(key, MemberName.Normalize(name)?.ToText());

    [TestMethod]
    [DataRow("/manifest.json")]
    [DataRow("../manifest.json")]
    [DataRow("a/../manifest.json")]
    [DataRow("a/..")]
    [DataRow("")]
    [DataRow(".")]
    [DataRow("./")]
    [DataRow("/")]
    public void Absolute_and_climbing_names_are_no_key(string name) => Assert.IsNull(MemberName.Normalize(name));

    [TestMethod]
    [DataRow("b/layer.tar", "../a/layer.tar", "a/layer.tar")]
    [DataRow("layer.tar", "blobs//x", "blobs/x")]
    [DataRow("a/b/c", "./d", "a/b/d")]
    [DataRow("a/b", "../../c", null)]
    [DataRow("a/b", "/etc/passwd", null)]
    [DataRow("a", ".", null)]
    public void A_link_is_followed_inside_the_archive_only(string link, string target, string? key) =>
        Assert.AreEqual(key, MemberName.Follow(ByteString.FromText(link), ByteString.FromText(target))?.ToText());
}
