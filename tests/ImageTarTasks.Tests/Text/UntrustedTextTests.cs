using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Text;

[TestClass]
public sealed partial class UntrustedTextTests
{
    private static readonly string[] Pieces =
    [
        "##",
        "#",
        "vso[",
        "[",
        "teamcity[",
        "::",
        ":",
        " ",
        "\n",
        "\u001b",
        "x",
        "ü",
    ];

    [TestMethod]
    [DataRow("plain ünïcödé 世界", "plain ünïcödé 世界")]
    [DataRow("a\nb\tc\r", "a\\nb\\tc\\r")]
    [DataRow("\u001b[31mred", "\\x1B[31mred")]
    [DataRow("a\u202eb", "a\\u{202E}b")]
    [DataRow("##vso[task.setvariable variable=x]y", "# #vso[task.setvariable variable=x]y")]
    [DataRow("## VSO[x]", "# # VSO[x]")]
    [DataRow("##[error]x", "# #[error]x")]
    [DataRow("###[error]x", "## #[error]x")]
    [DataRow("##teamcity[x]", "# #teamcity[x]")]
    [DataRow("::set-output name=x::y", ": :set-output name=x::y")]
    [DataRow("[::1]:5000/a", "[::1]:5000/a")]
    public void Dangerous_text_is_escaped_and_the_rest_kept(string text, string shown) =>
        Assert.AreEqual(shown, UntrustedText.Show(text));

    [TestMethod]
    public void Bytes_that_are_not_text_are_shown_in_hex() =>
        Assert.AreEqual("a\\xFF\\xFEb", UntrustedText.Show([(byte)'a', 0xff, 0xfe, (byte)'b']));

    [TestMethod]
    public void Long_text_is_cut() =>
        Assert.AreEqual(new string('x', 200) + "... (800 more)", UntrustedText.Show(new string('x', 1000)));

    [TestMethod]
    public void No_bytes_at_all_become_a_command_or_a_control_character() =>
        Gen.OneOf(
                Gen.Byte.Array[0, 60],
                Gen.Int[0, Pieces.Length - 1]
                    .Array[0, 12]
                    .Select(picks => Encoding.UTF8.GetBytes(string.Concat(picks.Select(pick => Pieces[pick]))))
            )
            .Sample(bytes =>
            {
                var shown = UntrustedText.Show(bytes);
                return !shown.Any(char.IsControl) && !Command().IsMatch(shown);
            });

    [GeneratedRegex(@"##\s*(vso|teamcity)?\[|^\s*::", RegexOptions.IgnoreCase)]
    private static partial Regex Command();
}
