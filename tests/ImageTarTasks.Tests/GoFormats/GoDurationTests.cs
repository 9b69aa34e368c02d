using ImageTarTasks.Core.GoFormats;

namespace ImageTarTasks.Tests.GoFormats;

[TestClass]
public sealed class GoDurationTests
{
    [TestMethod]
    [DataRow("1m30s", 90_000_000_000L)]
    [DataRow("-1.5h", -5400_000_000_000L)]
    [DataRow("2562047h", 9223369200000000000L)]
    public void A_duration_is_numbers_and_units(string text, long nanoseconds)
    {
        Assert.IsTrue(GoDuration.TryParse(text, out var parsed, out _));
        Assert.AreEqual(nanoseconds, parsed);
    }

    [TestMethod]
    [DataRow("2562048h")]
    [DataRow("99999999999999999h")]
    [DataRow("99999999999999999999h")]
    [DataRow("9223372036s854775808ns")]
    public void A_duration_of_more_than_292_years_is_none(string text) =>
        Assert.IsFalse(GoDuration.TryParse(text, out _, out _));
}
