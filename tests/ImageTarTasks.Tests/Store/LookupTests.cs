using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

[TestClass]
public sealed class LookupTests
{
    [TestMethod]
    public void Names_and_IDs_are_found_by_Dockers_rules()
    {
        using var fixture = new StoreFixture();
        var app = ImageBuilder.Of(1, "app");
        var tool = ImageBuilder.Of(1, "tool");
        var appTarget = fixture.Publish(app, "app:1", "app", "example.com/team/app:2");
        fixture.Publish(tool, "tool:1");
        var store = fixture.Store;
        foreach (
            var text in new[]
            {
                "app",
                "app:latest",
                "docker.io/library/app:1",
                "index.docker.io/app:1",
                "example.com/team/app:2",
                app.Id.ToString(),
                app.Id.Digest.Hex,
                app.Id.Digest.Hex[..12],
                "sha256:" + app.Id.Digest.Hex[..12],
                appTarget.Digest.Value,
                "app@" + appTarget.Digest,
                "app:nosuch@" + appTarget.Digest,
                appTarget.Digest.Hex[..20],
            }
        )
        {
            Assert.AreEqual(app.Id, store.Find(text).Id, text);
        }

        Assert.AreEqual(tool.Id, store.Find("tool:1").Id);
    }

    [TestMethod]
    [DataRow("nosuch", "No such image: nosuch:latest")]
    [DataRow("app:2", "No such image: app:2")]
    [DataRow("example.com/app:1", "No such image: example.com/app:1")]
    [DataRow(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "No such image: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )]
    [DataRow("sha256:", null)]
    [DataRow("Bad UPPER", null)]
    [DataRow("", null)]
    public void What_is_not_there_is_told_in_Dockers_words(string text, string? words)
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "app:1");
        var failure = Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Find(text));
        Assert.AreEqual(words is null ? "ITT1001" : "ITT3010", failure.Diagnostic.Code);
        if (words is not null)
        {
            Assert.AreEqual(words, failure.Message);
        }
    }

    [TestMethod]
    public void A_prefix_of_two_IDs_finds_nothing_and_a_tag_beats_a_prefix()
    {
        using var fixture = new StoreFixture();
        var images = new List<ImageBuilder>();
        for (var i = 0; images.GroupBy(image => image.Id.Digest.Hex[0]).All(group => group.Count() < 2); i++)
        {
            images.Add(ImageBuilder.Of(1, i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        foreach (var image in images)
        {
            fixture.Publish(image);
        }

        var shared = images.GroupBy(image => image.Id.Digest.Hex[0]).Single(group => group.Count() == 2).Key.ToString();
        Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.Find(shared));
        var tagged = images.First(image => image.Id.Digest.Hex[0] != shared[0] || images.Count == 2);
        fixture.Store.Tag(fixture.Store.Find(tagged.Id.ToString()), ImageReference.Parse(shared));
        Assert.AreEqual(tagged.Id, fixture.Store.Find(shared).Id);
    }

    [TestMethod]
    [DataRow("app", "app:1 app:2|app:3")]
    [DataRow("docker.io/library/app", "app:1 app:2|app:3")]
    [DataRow("app:2", "app:2")]
    [DataRow("other", "other:1")]
    [DataRow("@id", "")]
    [DataRow("@short", "")]
    [DataRow("@manifest", "")]
    public void Saving_a_repository_takes_all_its_tags_and_an_ID_takes_none(string argument, string expected)
    {
        using var fixture = new StoreFixture();
        var first = ImageBuilder.Of(1, "1");
        var target = fixture.Publish(first, "app:2", "app:1", "other:1");
        fixture.Publish(ImageBuilder.Of(1, "3"), "app:3");
        var selected = fixture.Store.Select(
            argument switch
            {
                "@id" => first.Id.ToString(),
                "@short" => first.Id.Short,
                "@manifest" => "app@" + target.Digest,
                _ => argument,
            }
        );
        Assert.AreEqual(
            expected,
            string.Join('|', selected.Select(selection => string.Join(' ', selection.References)))
        );
        Assert.AreEqual(first.Id, selected[0].Image.Id);
    }

    [TestMethod]
    public void Images_are_listed_newest_first()
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Of(1, "a").With("created", "2020-01-01T00:00:00Z"), "a:1");
        fixture.Publish(ImageBuilder.Of(1, "b").With("created", "2022-01-01T00:00:00Z"), "b:1");
        fixture.Publish(ImageBuilder.Of(1, "c").With("created", null), "c:1");
        fixture.Publish(ImageBuilder.Of(1, "d").With("created", "2021-01-01T00:00:00Z"), "d:1");
        Assert.AreEqual(
            "b:1 d:1 a:1 c:1",
            string.Join(' ', fixture.Store.List().SelectMany(image => image.References))
        );
    }

    [TestMethod]
    public void A_damaged_image_is_listed_with_a_warning_and_spoils_no_other()
    {
        using var fixture = new StoreFixture();
        var bad = fixture.Publish(ImageBuilder.Of(1, "bad"), "bad:1");
        fixture.Publish(ImageBuilder.Of(1, "good"), "good:1");
        File.Delete(fixture.Blob(bad.Digest));
        var images = fixture.Store.List();
        Assert.IsNull(images.Single(image => image.References[0].Familiar == "bad:1").Image);
        Assert.IsNotNull(images.Single(image => image.References[0].Familiar == "good:1").Image);
        Assert.AreEqual("ITT9301", fixture.Reporter.Warnings.Single().Code);
        Assert.AreEqual(
            "ITT3020",
            Assert.ThrowsExactly<ImageTarException>(() => fixture.Store.OpenImage(bad)).Diagnostic.Code
        );
    }

    [TestMethod]
    public void A_tag_moves_and_its_old_image_stays()
    {
        using var fixture = new StoreFixture();
        var (one, two) = (ImageBuilder.Of(1, "1"), ImageBuilder.Of(1, "2"));
        fixture.Publish(one, "a:1");
        fixture.Publish(two, "b:1");
        Assert.IsNull(fixture.Store.Tag(fixture.Store.Find("b:1"), ImageReference.Parse("c")));
        Assert.AreEqual(two.Id, fixture.Store.Find("c:latest").Id);
        Assert.AreEqual(one.Id, fixture.Store.Tag(fixture.Store.Find("b:1"), ImageReference.Parse("a:1"))!.Id);
        Assert.IsNull(fixture.Store.Tag(fixture.Store.Find("b:1"), ImageReference.Parse("a:1")));
        Assert.AreEqual("a:1 b:1 c:latest", string.Join(' ', fixture.Store.Find(two.Id.ToString()).References));
        Assert.IsEmpty(fixture.Store.Find(one.Id.ToString()).References);
        StoreFixture.AssertConsistent(fixture.Root);
    }

    [TestMethod]
    [DataRow("sha256:x", "refusing to create an ambiguous tag using digest algorithm as name")]
    [DataRow(
        "a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "refusing to create a tag with a digest reference"
    )]
    public void Some_names_cannot_be_tags(string name, string words)
    {
        using var fixture = new StoreFixture();
        fixture.Publish(ImageBuilder.Small(), "a:1");
        Assert.AreEqual(
            words,
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    fixture.Store.Tag(fixture.Store.Find("a:1"), ImageReference.Parse(name))
                )
                .Message
        );
    }
}
