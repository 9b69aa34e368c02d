using CsCheck;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Values;

[TestClass]
public sealed class DigestTests
{
    private const string Empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [TestMethod]
    public void The_digest_of_nothing_is_known() => Assert.AreEqual(Empty, Digest.Of([]).Value);

    [TestMethod]
    [DataRow("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [DataRow("SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555")]
    [DataRow("sha256:../../../../../../../../../../../../../../../../../../../etc/passwd")]
    [DataRow("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    [DataRow("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [DataRow("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("ubuntu")]
    [DataRow("")]
    [DataRow(null)]
    public void What_is_no_digest_is_refused(string? text)
    {
        Assert.IsFalse(Digest.TryParse(text, out _));
        Assert.ThrowsExactly<FormatException>(() => Digest.Parse(text!));
    }

    [TestMethod]
    public void Every_digest_parses_back() =>
        Gen.Byte.Array[0, 100].Sample(bytes => Digest.Parse(Digest.Of(bytes).Value) == Digest.Of(bytes));

    [TestMethod]
    public void A_chain_starts_with_the_first_layer_and_hashes_text_from_there()
    {
        // Known answer: sha256 of the two DiffIDs' text with one space between, computed with sha256sum.
        var layer = new DiffId(Digest.Parse(Empty));
        var chain = ChainId.Of([layer, layer]);
        Assert.AreEqual(Empty, chain[0].ToString());
        Assert.AreEqual("sha256:de9d9016b852e46e9f3973e20d3a6d17e120f7144931d50cd6e2a8ad53e81960", chain[1].ToString());
    }
}
