using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.PackageTests;

/// <summary>What the packages say about themselves and about the libraries inside them.</summary>
[TestClass]
public sealed class PackageContentTests
{
    private const string TaskPackage = "ImageTarTasks";
    private const string ToolPackage = "ImageTarTasks.Tool";

    [TestMethod]
    [DataRow(TaskPackage)]
    [DataRow(ToolPackage)]
    public void The_package_names_its_pages_licence_icon_and_newest_changes(string id)
    {
        using var package = Open(id);
        using var text = package.GetEntry(id + ".nuspec")!.Open();
        var nuspec = XDocument.Load(text).Root!.Elements().Single();
        string Value(string name) => nuspec.Elements().Single(element => element.Name.LocalName == name).Value;

        Assert.AreEqual("MIT", Value("license"));
        Assert.StartsWith("https://github.com/", Value("projectUrl"));
        Assert.IsNotNull(package.GetEntry(Value("readme")));
        using (var icon = package.GetEntry(Value("icon"))!.Open())
        {
            var signature = new byte[4];
            icon.ReadExactly(signature);
            CollectionAssert.AreEqual(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, signature);
        }

        // The gallery takes 35,000 characters.
        var changes = Value("releaseNotes");
        Assert.IsLessThan(35_000, changes.Length);
        var changelog = File.ReadAllText(Path.Combine(Feed.Repository, "CHANGELOG.md"));
        Assert.Contains(changes.ReplaceLineEndings(), changelog.ReplaceLineEndings());
        Assert.StartsWith("### ", changes);
    }

    [TestMethod]
    [DataRow(TaskPackage)]
    [DataRow(ToolPackage)]
    public void The_notices_name_every_library_in_the_package_with_its_version_and_licence(string id)
    {
        using var package = Open(id);
        using var stream = package.GetEntry("THIRD-PARTY-NOTICES.txt")!.Open();
        var notices = new StreamReader(stream).ReadToEnd();
        var libraries = LibrariesIn(package);
        Assert.IsNotEmpty(libraries);
        foreach (var (name, version) in libraries)
        {
            // "  Name Version   Copyright ...", below a line with the name of the licence.
            var line = notices.IndexOf($"  {name} {version}", StringComparison.Ordinal);
            Assert.IsGreaterThan(0, line, $"the notices do not name {name} {version}");
            var licence = notices[..line]
                .Split('\n')
                .Last(text => text.EndsWith("(its text is below):", StringComparison.Ordinal));
            Assert.StartsWith(LicenceOf(name, version).Split('-')[0], licence, $"{name} {version}");
        }
    }

    [TestMethod]
    [RequiresProgram("bash")]
    public void The_bill_of_materials_lists_the_libraries_in_the_package()
    {
        using var folder = new ProjectFolder();
        // The package folder of the user: what to list is what was restored.
        Dotnet.Run("bash", Feed.Repository, WithPackagesOfUser(), "build.sh", "sbom", folder.Root).Succeeded();
        foreach (var id in new[] { TaskPackage, ToolPackage })
        {
            var file = Directory
                .GetFiles(folder.Root, id + ".*.cdx.json")
                .Single(path => char.IsAsciiDigit(Path.GetFileName(path)[id.Length + 1]));
            using var bill = JsonDocument.Parse(File.ReadAllText(file));
            var listed = bill
                .RootElement.GetProperty("components")
                .EnumerateArray()
                .Select(part => (part.GetProperty("name").GetString()!, part.GetProperty("version").GetString()!));
            using var package = Open(id);
            CollectionAssert.AreEqual(LibrariesIn(package).Order().ToArray(), listed.Order().ToArray(), id);
        }
    }

    private static ZipArchive Open(string id) =>
        ZipFile.OpenRead(Path.Combine(Feed.Instance.Packages, $"{id}.{Feed.Instance.Version}.nupkg"));

    private static Dictionary<string, string> WithPackagesOfUser() =>
        Feed
            .Instance.Environment.Where(variable => variable.Key != "NUGET_PACKAGES")
            .ToDictionary(StringComparer.Ordinal);

    /// <summary>The NuGet packages that have a file in this one, by the list of dependencies beside the assemblies.</summary>
    private static List<(string Name, string Version)> LibrariesIn(ZipArchive package)
    {
        var files = package.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        using var stream = package
            .Entries.Single(entry => entry.Name.EndsWith(".deps.json", StringComparison.Ordinal))
            .Open();
        using var document = JsonDocument.Parse(stream);
        var kinds = document.RootElement.GetProperty("libraries");
        return document
            .RootElement.GetProperty("targets")
            .EnumerateObject()
            .SelectMany(target => target.Value.EnumerateObject())
            .Where(library => kinds.GetProperty(library.Name).GetProperty("type").GetString() == "package")
            .Where(library =>
                new[] { "runtime", "runtimeTargets" }.Any(group =>
                    library.Value.TryGetProperty(group, out var assets)
                    && assets.EnumerateObject().Any(asset => files.Contains(Path.GetFileName(asset.Name)))
                )
            )
            .Select(library => library.Name.Split('/'))
            .Select(parts => (parts[0], parts[1]))
            .ToList();
    }

    /// <summary>The licence a NuGet package states, as an SPDX expression.</summary>
    private static string LicenceOf(string name, string version)
    {
        var packages =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var nuspec = Directory.GetFiles(Path.Combine(packages, name.ToLowerInvariant(), version), "*.nuspec");
        return XDocument
            .Load(nuspec.Single())
            .Descendants()
            .Single(element => element.Name.LocalName == "license")
            .Value;
    }
}
