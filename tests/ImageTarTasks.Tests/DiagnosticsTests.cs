using System.Text.RegularExpressions;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests;

[TestClass]
public sealed partial class DiagnosticsTests
{
    [TestMethod]
    public void Every_code_has_one_factory_and_one_heading_in_the_documentation()
    {
        var factories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(SharedInputs.Repository, "src"),
                "*Diagnostics.cs",
                SearchOption.AllDirectories
            )
        )
        {
            foreach (Match match in Factory().Matches(File.ReadAllText(file)))
            {
                Assert.IsTrue(factories.TryAdd(match.Groups[1].Value, file), $"{match.Groups[1].Value} is made twice");
            }
        }

        // The one code that is not made by the core: build/ImageTarTasks.targets speaks before any assembly can be
        // loaded.
        factories.Add("ITT1020", "build/ImageTarTasks.targets");

        var headings = File.ReadAllLines(Path.Combine(SharedInputs.Repository, "docs", "reference", "diagnostics.md"))
            .Select(line => Heading().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value)
            .ToArray();
        CollectionAssert.AreEqual(
            headings.Order(StringComparer.Ordinal).ToArray(),
            headings,
            "the codes are not in order"
        );
        CollectionAssert.AreEqual(factories.Keys.Order(StringComparer.Ordinal).ToArray(), headings);
    }

    [TestMethod]
    public void No_code_is_made_outside_the_factories()
    {
        var strays = Directory
            .EnumerateFiles(Path.Combine(SharedInputs.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !file.EndsWith("Diagnostics.cs", StringComparison.Ordinal)
                && !file.Contains(
                    $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
                    StringComparison.Ordinal
                )
            )
            .Where(file => Literal().IsMatch(File.ReadAllText(file)));
        Assert.IsEmpty(strays);
    }

    [GeneratedRegex(@"(?:Error|Warning)\(\s*""(ITT\d{4})""")]
    private static partial Regex Factory();

    [GeneratedRegex(@"^### (ITT\d{4})$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"""ITT\d{4}""")]
    private static partial Regex Literal();
}
