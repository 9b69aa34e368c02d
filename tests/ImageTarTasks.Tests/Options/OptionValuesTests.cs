using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Options;

[TestClass]
public sealed class OptionValuesTests
{
    [TestMethod]
    [DataRow("0", 0L)]
    [DataRow("4096", 4096L)]
    [DataRow("12B", 12L)]
    [DataRow("1kB", 1000L)]
    [DataRow("1KiB", 1024L)]
    [DataRow("512MiB", 512L * 1024 * 1024)]
    [DataRow("1GB", 1_000_000_000L)]
    [DataRow("1gib", 1L << 30)]
    [DataRow(" 1.5 GiB ", 3L << 29)]
    [DataRow("2TiB", 2L << 40)]
    [DataRow("8000PB", 8_000_000_000_000_000_000L)]
    public void A_size_is_a_number_and_a_unit(string text, long bytes) =>
        Assert.AreEqual(bytes, ByteSize.Parse("x", text).Bytes);

    [TestMethod]
    [DataRow("")]
    [DataRow("1 G")]
    [DataRow("1iB")]
    [DataRow("-1")]
    [DataRow("1e3")]
    [DataRow("1,5GB")]
    [DataRow(".5GB")]
    [DataRow("9999PiB", DisplayName = "more than a file can have")]
    [DataRow("99999999999999999999")]
    [DataRow("１MB", DisplayName = "digits of other scripts")]
    public void Other_words_are_no_size(string text) =>
        Assert.AreEqual(
            "ITT1011",
            Assert.ThrowsExactly<ImageTarException>(() => ByteSize.Parse("x", text)).Diagnostic.Code
        );

    [TestMethod]
    public void A_wrong_time_is_the_fault_of_the_option_or_of_the_variable_that_has_it()
    {
        Assert.AreEqual(
            "ITT1052",
            Assert
                .ThrowsExactly<ImageTarException>(() =>
                    OptionValues.ParseTime("Created", "99999999999999999999", _ => "1")
                )
                .Diagnostic.Code
        );
        Assert.AreEqual(
            "ITT1013",
            Assert
                .ThrowsExactly<ImageTarException>(() => OptionValues.ParseTime("Created", "", _ => "yesterday"))
                .Diagnostic.Code
        );
        Assert.AreEqual(
            DateTimeOffset.UnixEpoch.AddSeconds(7),
            OptionValues.ParseTime("Created", "7", _ => "yesterday")
        );
        Assert.AreEqual(DateTimeOffset.UnixEpoch.AddSeconds(8), OptionValues.ParseTime("Created", null, _ => "8"));
    }

    [TestMethod]
    [DataRow("linux-x64", "linux/amd64")]
    [DataRow("linux-musl-arm64", "linux/arm64")]
    [DataRow("linux-arm", "linux/arm/v7")]
    [DataRow("win-x64", "windows/amd64")]
    [DataRow("win-x86", "windows/386")]
    [DataRow("osx-arm64", "darwin/arm64")]
    [DataRow("linux-s390x", "linux/s390x")]
    [DataRow("linux-ppc64le", "linux/ppc64le")]
    [DataRow("linux-musl-riscv64", "linux/riscv64")]
    [DataRow("linux-loongarch64", "linux/loong64")]
    [DataRow("linux/arm/v6", "linux/arm/v6")]
    public void A_platform_may_be_spelled_as_NET_does(string text, string platform) =>
        Assert.AreEqual(platform, OptionValues.ParsePlatform(text)!.ToString());

    [TestMethod]
    public void The_store_is_where_the_option_the_environment_or_the_system_says()
    {
        using var folder = new TestFolder();
        string Of(string? option, params (string Name, string Value)[] environment) =>
            StoreLocation.Resolve(
                option is null ? null : TaskItems.Create(option),
                name => environment.FirstOrDefault(e => e.Name == name).Value
            );
        Assert.AreEqual(folder["a"], Of(folder["a"], ("IMAGETAR_STORE", folder["b"])));
        Assert.AreEqual(
            folder["b;c%41"],
            Of(null, ("IMAGETAR_STORE", folder["b;c%41"]), ("XDG_DATA_HOME", folder["x"]))
        );
        if (OperatingSystem.IsLinux())
        {
            Assert.AreEqual("/x\\y", Of(null, ("IMAGETAR_STORE", "/x\\y")));
            Assert.AreEqual("/x/imagetar", Of(null, ("XDG_DATA_HOME", "/x"), ("HOME", "/h")));
            Assert.AreEqual("/h/.local/share/imagetar", Of(null, ("XDG_DATA_HOME", "relative"), ("HOME", "/h")));
        }
    }

    [TestMethod]
    [DataRow("a;b.tar")]
    [DataRow("a%3bb.tar")]
    [DataRow("a$(HOME)@(x)'?*.tar")]
    [DataRow("a\\b.tar")]
    public void A_file_name_reaches_the_file_system_to_the_letter(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TestFolder();
        File.WriteAllBytes(folder[name], ArchiveBuilder.Docker((ImageBuilder.Small(), ["demo:1"])).ToTar());
        Assert.AreEqual("Loaded image: demo:1\n", ToolRun.Of(folder["s"], "load", "-i", folder[name]).Out);
        Assert.AreEqual("", ToolRun.Of(folder["s"], "save", "-o", folder["2" + name], "demo:1").Errors);
        Assert.IsTrue(File.Exists(folder["2" + name]));
    }
}
