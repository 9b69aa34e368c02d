using CsCheck;
using ImageTarTasks.Presentation;

namespace ImageTarTasks.Tests.Presentation;

/// <summary>Sizes, ages, widths, tables and patterns: known answers are those of Docker's client.</summary>
[TestClass]
public sealed class HumanTextTests
{
    [TestMethod]
    [DataRow(0L, "0B")]
    [DataRow(8L, "8B")]
    [DataRow(999L, "999B")]
    [DataRow(1000L, "1kB")]
    [DataRow(1005L, "1kB")]
    [DataRow(1234567L, "1.23MB")]
    [DataRow(999499L, "999kB")]
    [DataRow(999500L, "1e+03kB", DisplayName = "Docker's own oddity")]
    [DataRow(72800000L, "72.8MB")]
    [DataRow(5000000000L, "5GB")]
    [DataRow(long.MaxValue, "9.22EB")]
    public void Sizes_have_three_digits(long bytes, string expected) =>
        Assert.AreEqual(expected, HumanSize.Format(bytes));

    [TestMethod]
    [DataRow(999500L, "999.5kB")]
    [DataRow(999999L, "1000kB")]
    [DataRow(2048L, "2.048kB")]
    [DataRow(75270000L, "75.27MB")]
    public void Virtual_sizes_have_four_digits(long bytes, string expected) =>
        Assert.AreEqual(expected, HumanSize.Format(bytes, 4));

    [TestMethod]
    [DataRow(-5.0, "Less than a second")]
    [DataRow(0.9, "Less than a second")]
    [DataRow(1.5, "1 second")]
    [DataRow(59.9, "59 seconds")]
    [DataRow(60.0, "About a minute")]
    [DataRow(119.0, "About a minute")]
    [DataRow(120.0, "2 minutes")]
    [DataRow(3599.0, "59 minutes")]
    [DataRow(3600.0, "About an hour")]
    [DataRow(5400.0, "2 hours", DisplayName = "hours are rounded")]
    [DataRow(47.4 * 3600, "47 hours")]
    [DataRow(47.6 * 3600, "2 days")]
    [DataRow(13.9 * 86400, "13 days")]
    [DataRow(14.0 * 86400, "2 weeks")]
    [DataRow(59.0 * 86400, "8 weeks")]
    [DataRow(60.0 * 86400, "2 months")]
    [DataRow(729.0 * 86400, "24 months")]
    [DataRow(730.0 * 86400, "2 years")]
    [DataRow(2000.0 * 365 * 86400, "292 years", DisplayName = "the longest duration there is")]
    public void Ages_are_rough(double seconds, string expected) =>
        Assert.AreEqual(expected, HumanAge.Format(TimeSpan.FromSeconds(seconds)));

    [TestMethod]
    [DataRow("abc", 3)]
    [DataRow("", 0)]
    [DataRow("日本", 4)]
    [DataRow("a日", 3)]
    [DataRow("\U0001f600", 2)]
    [DataRow("é", 1)]
    public void Wide_characters_take_two_cells(string text, int cells) =>
        Assert.AreEqual(cells, DisplayWidth.Measure(text));

    [TestMethod]
    [DataRow("12345", 5, "12345")]
    [DataRow("123456", 5, "1234…")]
    [DataRow("日本語日本語", 6, "日本…")]
    [DataRow("日本語", 6, "日本語")]
    public void Long_text_ends_in_an_ellipsis(string text, int max, string expected) =>
        Assert.AreEqual(expected, DisplayWidth.Ellipsis(text, max));

    [TestMethod]
    public void An_ellipsis_never_makes_text_wider() =>
        Gen.Select(Gen.String[Gen.Char["ab日本é "], 0, 40], Gen.Int[1, 30])
            .Sample(
                (text, max) =>
                {
                    var cut = DisplayWidth.Ellipsis(text, max);
                    Assert.IsLessThanOrEqualTo(max, DisplayWidth.Measure(cut));
                    Assert.StartsWith(cut.TrimEnd('…'), text);
                }
            );

    [TestMethod]
    public void Columns_are_as_wide_as_their_widest_cell()
    {
        Assert.AreSequenceEqual(
            ["NAME         SIZE      X", "averylong1   1         ", "日本         22        y"],
            TextTable.Align(["NAME\tSIZE\tX", "averylong1\t1\t", "日本\t22\ty"])
        );
        Assert.AreSequenceEqual(["one", "two"], TextTable.Align(["one", "two"]));
    }

    [TestMethod]
    public void A_line_without_a_column_ends_it() =>
        Assert.AreSequenceEqual(
            ["a         b", "no tab", "averylongcell   b"],
            TextTable.Align(["a\tb", "no tab", "averylongcell\tb"])
        );
}
