using ImageTarTasks.Tests.Support;
using ImageTarTasks.Values;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class ContainersTests
{
    [TestMethod]
    public void A_container_is_found_by_name_ID_and_prefix_in_a_store_opened_anew()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var made = fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "web", ["echo", "<hi>"], null);
        Assert.AreEqual(64, made.Id.Length);
        var store = fixture.Open();
        foreach (var text in new[] { "web", "/web", made.Id, made.Id[..12] })
        {
            var found = store.FindContainer(text)!;
            Assert.AreEqual(made.Id, found.Id, text);
            Assert.AreEqual("echo <hi>", string.Join(' ', found.Command));
            Assert.AreEqual(made.Created, found.Created);
            Assert.AreEqual(made.Image.Digest, found.Image.Digest);
        }

        Assert.IsNull(store.FindContainer("nosuch"));
        Assert.IsNull(store.FindContainer(""));
        Assert.AreEqual("No such container: nosuch", Assert.ThrowsExactly<ImageTarException>(() => store.RemoveContainer("nosuch")).Message);
    }

    [TestMethod]
    public void The_command_is_the_images_when_the_user_gives_none()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small().With("config", new System.Text.Json.Nodes.JsonObject { ["Entrypoint"] = new System.Text.Json.Nodes.JsonArray("/e"), ["Cmd"] = new System.Text.Json.Nodes.JsonArray("c") }), "a:1");
        var image = fixture.Store.Find("a:1");
        Assert.AreEqual("/e c", string.Join(' ', fixture.Store.CreateContainer(image, "a:1", null, null, null).Command));
        Assert.AreEqual("/e x y", string.Join(' ', fixture.Store.CreateContainer(image, "a:1", null, ["x", "y"], null).Command));
        Assert.HasCount(2, fixture.Store.Containers().Select(container => container.Name).Distinct().ToArray());
    }

    [TestMethod]
    public void A_name_in_use_is_a_conflict_in_Dockers_words()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var image = fixture.Store.Find("a:1");
        var first = fixture.Store.CreateContainer(image, "a:1", "web", null, null);
        Assert.AreEqual(
            $"Conflict. The container name \"/web\" is already in use by container \"{first.Id}\". You have to remove (or rename) that container to be able to reuse that name.",
            Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.CreateContainer(image, "a:1", "web", null, null)).Message);
        fixture.Store.RemoveContainer("web");
        Assert.IsNotNull(fixture.Store.CreateContainer(image, "a:1", "/web", null, null));
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("-ab")]
    [DataRow("a b")]
    [DataRow("../x")]
    [DataRow("ab\n")]
    [DataRow("")]
    public void Names_outside_the_grammar_are_refused(string name)
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", name, null, null));
        Assert.AreEqual("ITT3032", failure.Diagnostic.Code);
        Assert.EndsWith(", only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", failure.Message);
    }
}
