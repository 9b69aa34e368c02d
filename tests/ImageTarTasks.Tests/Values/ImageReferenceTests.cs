using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Values;

[TestClass]
public sealed class ImageReferenceTests
{
    [TestMethod]
    [DataRow("ubuntu", "docker.io/library/ubuntu", "ubuntu")]
    [DataRow("ubuntu:22.04", "docker.io/library/ubuntu:22.04", "ubuntu:22.04")]
    [DataRow("index.docker.io/library/a", "docker.io/library/a", "a")]
    [DataRow("library/a/b:1", "docker.io/library/a/b:1", "library/a/b:1")]
    [DataRow("host:5000/a:1", "host:5000/a:1", "host:5000/a:1")]
    [DataRow("[::1]:5000/a", "[::1]:5000/a", "[::1]:5000/a")]
    [DataRow("localhost/a", "localhost/a", "localhost/a")]
    [DataRow("Localhost/a", "Localhost/a", "Localhost/a")]
    [DataRow("xn--a.com/b", "xn--a.com/b", "xn--a.com/b")]
    [DataRow("a__b", "docker.io/library/a__b", "a__b")]
    [DataRow("a--b", "docker.io/library/a--b", "a--b")]
    [DataRow("scratch", "docker.io/library/scratch", "scratch")]
    public void A_name_is_normalised_and_shown_familiar(string text, string full, string familiar)
    {
        var reference = ImageReference.Parse(text);
        Assert.AreEqual(full, reference.Full);
        Assert.AreEqual(familiar, reference.Familiar);
        Assert.AreEqual(reference, ImageReference.Parse(reference.Full));
        Assert.AreEqual(reference, ImageReference.Parse(reference.Familiar));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a..b")]
    [DataRow("a___b")]
    [DataRow("a.-b")]
    [DataRow("_a")]
    [DataRow("a_")]
    [DataRow("a:-x")]
    [DataRow("a:")]
    [DataRow("a/")]
    [DataRow("/a")]
    [DataRow("a//b")]
    [DataRow("a@sha256:abc")]
    [DataRow("a b")]
    [DataRow("a:1\n")]
    [DataRow("../a")]
    public void What_the_grammar_does_not_have_is_refused(string text)
    {
        var error = Assert.ThrowsExactly<ImageTarException>(() => ImageReference.Parse(text));
        Assert.AreEqual("ITT1001", error.Diagnostic.Code);
        Assert.Contains("invalid reference format", error.Message);
    }

    [TestMethod]
    [DataRow("a-", "!")]
    [DataRow("a", "!")]
    [DataRow("a_", "_")]
    [DataRow("a.", "/")]
    [DataRow("a/", "-")]
    [DataRow("a-.", "/a")]
    [DataRow("-", "a")]
    public void Nothing_that_repeats_makes_a_refusal_slow(string repeated, string end)
    {
        foreach (var length in new[] { 20, 200, 2000, 2_000_000 })
        {
            Assert.IsFalse(
                ImageReference.TryParse(
                    string.Concat(Enumerable.Repeat(repeated, length / repeated.Length)) + end,
                    out _,
                    out var reason
                )
            );
            Assert.AreEqual("invalid reference format", reason);
        }
    }

    [TestMethod]
    public void Upper_case_is_refused_in_Dockers_words() =>
        Assert.Contains(
            "invalid reference format: repository name (library/Bad) must be lowercase",
            Assert.ThrowsExactly<ImageTarException>(() => ImageReference.Parse("Bad")).Message
        );

    [TestMethod]
    public void Sixty_four_hex_digits_are_no_name() =>
        Assert.Contains(
            "cannot specify 64-byte hexadecimal strings",
            Assert.ThrowsExactly<ImageTarException>(() => ImageReference.Parse(new string('a', 64))).Message
        );

    [TestMethod]
    public void Names_and_tags_have_a_longest_form()
    {
        Assert.AreEqual(255, ImageReference.Parse(new string('a', 247)).Path.Length);
        Assert.ThrowsExactly<ImageTarException>(() => ImageReference.Parse(new string('a', 248)));
        Assert.AreEqual(128, ImageReference.Parse("a:" + new string('t', 128)).Tag!.Length);
        Assert.ThrowsExactly<ImageTarException>(() => ImageReference.Parse("a:" + new string('t', 129)));
    }
}
