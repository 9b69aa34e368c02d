using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Values;

[TestClass]
public sealed class PlatformTests
{
    [TestMethod]
    [DataRow("linux/amd64", "linux/amd64")]
    [DataRow("Linux/x86_64", "linux/amd64")]
    [DataRow("linux/aarch64", "linux/arm64")]
    [DataRow("linux/arm64/v8", "linux/arm64/v8")]
    [DataRow("linux/arm/v7", "linux/arm/v7")]
    [DataRow("linux/armhf", "linux/arm/v7")]
    [DataRow("linux/armel", "linux/arm/v6")]
    [DataRow("macos/arm64", "darwin/arm64")]
    [DataRow("windows/amd64", "windows/amd64")]
    [DataRow("arm64", "linux/arm64")]
    [DataRow("i386", "linux/386")]
    public void A_platform_is_normalised(string text, string normal) =>
        Assert.AreEqual(normal, Platform.Parse(text).ToString());

    [TestMethod]
    public void A_single_operating_system_takes_the_hosts_architecture() =>
        Assert.AreEqual("linux/" + Platform.Host.Architecture, Platform.Parse("linux").ToString());

    [TestMethod]
    [DataRow("foo")]
    [DataRow("")]
    [DataRow("a/b/c/d")]
    [DataRow("linux/")]
    [DataRow("linux/amd 64")]
    public void What_is_no_platform_is_refused(string text) =>
        Assert.AreEqual("ITT1002", Assert.ThrowsExactly<ImageTarException>(() => Platform.Parse(text)).Diagnostic.Code);

    [TestMethod]
    [DataRow("linux/arm64", "linux/arm64/v8", true)]
    [DataRow("linux/arm64/v8", "linux/arm64", true)]
    [DataRow("linux/arm", "linux/arm/v7", true)]
    [DataRow("linux/arm/v7", "linux/arm/v6", false)]
    [DataRow("linux/amd64", "linux/arm64", false)]
    [DataRow("linux/amd64", "windows/amd64", false)]
    public void A_request_is_satisfied_by_the_same_or_an_unnamed_variant(
        string asked,
        string offered,
        bool satisfied
    ) => Assert.AreEqual(satisfied, Platform.Parse(asked).IsSatisfiedBy(Platform.Parse(offered)));
}
