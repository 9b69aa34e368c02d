using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

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
        Assert.AreEqual(
            "No such container: nosuch",
            Assert.ThrowsExactly<ImageTarException>(() => store.RemoveContainer("nosuch")).Message
        );
    }

    [TestMethod]
    public void The_command_is_the_images_when_the_user_gives_none()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(
            ImageBuilder
                .Small()
                .With(
                    "config",
                    new System.Text.Json.Nodes.JsonObject
                    {
                        ["Entrypoint"] = new System.Text.Json.Nodes.JsonArray("/e"),
                        ["Cmd"] = new System.Text.Json.Nodes.JsonArray("c"),
                    }
                ),
            "a:1"
        );
        var image = fixture.Store.Find("a:1");
        Assert.AreEqual(
            "/e c",
            string.Join(' ', fixture.Store.CreateContainer(image, "a:1", null, null, null).Command)
        );
        Assert.AreEqual(
            "/e x y",
            string.Join(' ', fixture.Store.CreateContainer(image, "a:1", null, ["x", "y"], null).Command)
        );
        Assert.HasCount(2, fixture.Store.Containers().Select(container => container.Name).Distinct().ToArray());
    }

    [TestMethod]
    public void Layers_that_several_writers_add_at_once_are_all_there()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var container = fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "web", null, null);
        Parallel.For(
            0,
            8,
            number =>
            {
                using var writer = fixture.Open().BeginWrite();
                writer.AddLayer(container, writer.Stage(ImageBuilder.TarOf(($"f{number}", "x"))), 1);
            }
        );

        var layers = fixture.Open().FindContainer("web")!.Layers;
        Assert.HasCount(8, layers.Select(layer => layer.DiffId).Distinct().ToArray());
        Assert.IsTrue(layers.All(layer => fixture.Store.Has(layer.Descriptor)));
    }

    [TestMethod]
    public void A_layer_for_a_container_that_went_away_is_refused_and_swept()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var container = fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "web", null, null);
        using var writer = fixture.Store.BeginWrite();
        var blob = writer.Stage(ImageBuilder.TarOf(("f", "x")));
        fixture.Store.RemoveContainer("web");
        Assert.AreEqual(
            "ITT3031",
            Assert.ThrowsExactly<ImageTarException>(() => writer.AddLayer(container, blob, 1)).Diagnostic.Code
        );
        Assert.IsFalse(fixture.Store.Has(new Descriptor(MediaTypes.OciLayer, blob.Digest, blob.Size)));
    }

    [TestMethod]
    public void A_container_has_at_most_as_many_layers_as_an_image()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var container = fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "web", null, null);
        using var writer = fixture.Store.BeginWrite();
        var blob = writer.Stage(ImageBuilder.TarOf(("f", "x")));
        Assert.AreEqual(
            "ITT3034",
            Assert
                .ThrowsExactly<ImageTarException>(() => writer.AddLayer(container, blob, Limits.Layers))
                .Diagnostic.Code
        );
        Assert.HasCount(1, writer.AddLayer(container, blob, Limits.Layers - 1).Layers);
    }

    [TestMethod]
    public void A_name_in_use_is_a_conflict_in_Dockers_words()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var image = fixture.Store.Find("a:1");
        var first = fixture.Store.CreateContainer(image, "a:1", "web", null, null);
        Assert.AreEqual(
            $"Conflict. The container name \"/web\" is already in use by container \"{first.Id}\". "
                + $"You have to remove (or rename) that container to be able to reuse that name.",
            Assert
                .ThrowsExactly<ImageTarException>(() => fixture.Store.CreateContainer(image, "a:1", "web", null, null))
                .Message
        );
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
        var failure = Assert.ThrowsExactly<ImageTarException>(() =>
            fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", name, null, null)
        );
        Assert.AreEqual("ITT3032", failure.Diagnostic.Code);
        Assert.EndsWith(", only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", failure.Message);
    }

    [TestMethod]
    [DataRow("", false)]
    [DataRow("{", false)]
    [DataRow("{\"name\":\"broken\"}", true)]
    [DataRow("{\"id\":\"x\",\"name\":\"broken\",\"image\":7}", true)]
    public void A_broken_container_costs_itself_alone(string content, bool hasName)
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        var image = fixture.Publish(ImageBuilder.Of(2), "b:1");
        fixture.Store.CreateContainer(fixture.Store.Find("a:1"), "a:1", "web", null, null);
        var broken = fixture.Store.CreateContainer(fixture.Store.Find("b:1"), "b:1", "broken", null, null);
        File.WriteAllText(fixture.Store.Context.Layout.Container(broken.Id), content);

        var store = fixture.Open();
        Assert.AreEqual("web", Assert.ContainsSingle(store.Containers()).Name);
        var told = Assert.ContainsSingle(fixture.Reporter.Warnings);
        Assert.AreEqual("ITT9304", told.Code);
        Assert.Contains(hasName ? "container broken" : broken.Id, told.Message);
        Assert.AreEqual("web", store.FindContainer("web")!.Name);
        store.CreateContainer(store.Find("a:1"), "a:1", "more", null, null);
        store.RenameContainer("more", "other");
        store.RemoveContainer("other");
        Assert.StartsWith(
            "ITT23",
            Assert.ThrowsExactly<ImageTarException>(() => store.FindContainer(broken.Id[..12])).Diagnostic.Code
        );

        // Its image is unknown, so nothing may be deleted.
        store.Remove("b:1", force: false);
        Assert.Contains("ITT9305", fixture.Reporter.Warnings.Select(warning => warning.Code));
        Assert.IsTrue(store.Has(image));

        var removed = store.RemoveContainer(hasName ? "broken" : broken.Id[..12]);
        Assert.AreEqual(broken.Id, removed.Id);
        Assert.AreEqual(hasName ? "broken" : null, removed.Name);
        fixture.Reporter.Warnings.Clear();
        Assert.HasCount(1, fixture.Open().Containers());
        Assert.IsEmpty(fixture.Reporter.Warnings);

        // What was released in the meantime goes as old content that nothing refers to.
        File.SetLastWriteTimeUtc(fixture.Blob(image.Digest), DateTime.UtcNow.AddHours(-2));
        fixture.Open().RemoveContainer("web");
        Assert.IsFalse(fixture.Store.Has(image));
        StoreFixture.AssertConsistent(fixture.Root);
    }
}
