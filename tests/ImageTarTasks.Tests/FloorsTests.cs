using System.Text.RegularExpressions;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests;

[TestClass]
public sealed partial class FloorsTests
{
    private static readonly Dictionary<string, int> Floors = new(StringComparer.Ordinal)
    {
        ["Values"] = 0,
        ["Bytes"] = 1,
        ["Tar"] = 1,
        ["Oci"] = 2,
        ["Store"] = 3,
        ["Archives"] = 4,
        ["RootFs"] = 4,
        ["Verification"] = 5,
    };

    /// <summary>Tar builds on nothing of Bytes and the doors build on nothing of each other, though they share a floor.</summary>
    private static readonly string[] AllowedBesides = ["Bytes>Bytes", "Tar>Tar", "Tar>Bytes", "Archives>Archives", "RootFs>RootFs"];

    [TestMethod]
    public void A_folder_of_the_core_uses_only_floors_below()
    {
        var core = Path.Combine(SharedInputs.Repository, "src", "ImageTarTasks.Core");
        var wrong = new List<string>();
        var seen = 0;
        foreach (var (folder, floor) in Floors)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(core, folder), "*.cs", SearchOption.AllDirectories))
            {
                var source = File.ReadAllText(file);
                Assert.Contains($"namespace ImageTarTasks.{folder};", source, $"{file} is not in its folder's namespace");
                foreach (Match match in Use().Matches(source))
                {
                    seen++;
                    var used = match.Groups[1].Value;
                    if (used != folder && Floors[used] >= floor && !AllowedBesides.Contains($"{folder}>{used}"))
                    {
                        wrong.Add($"{folder}/{Path.GetFileName(file)} uses {used}");
                    }
                }
            }
        }

        Assert.IsGreaterThan(20, seen, "the search finds nothing any more");
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void Only_the_task_project_sees_MSBuild()
    {
        var wrong = Directory.EnumerateFiles(Path.Combine(SharedInputs.Repository, "src", "ImageTarTasks.Core"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("Microsoft.Build", StringComparison.Ordinal));
        Assert.IsEmpty(wrong);
    }

    [GeneratedRegex(@"(?:using|[^.\w]ImageTarTasks\.|using ImageTarTasks\.|[\s(<])(?:ImageTarTasks\.)?(Values|Bytes|Tar|Oci|Store|Archives|RootFs|Verification)(?:;|\.[A-Z]\w+)")]
    private static partial Regex Use();
}
