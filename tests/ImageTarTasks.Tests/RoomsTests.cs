using System.Text.RegularExpressions;
using System.Xml.Linq;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests;

/// <summary>
/// Holds the map of the rooms (docs/design/architecture.md): every folder of <c>src</c> is a room, its files have its
/// namespace, and it uses only the rooms listed for it.
/// </summary>
[TestClass]
public sealed partial class RoomsTests
{
    /// <summary>
    /// Each room of the core and the rooms it uses. A room may also use the room around it, and that room may use it:
    /// <c>IO/Compression/Gzip</c> is a part of <c>IO/Compression</c>.
    /// </summary>
    private static readonly Dictionary<string, string> Core = new(StringComparer.Ordinal)
    {
        ["GoFormats"] = "",
        ["Text"] = "",
        ["Diagnostics"] = "Text",
        ["Values"] = "Diagnostics Text",
        ["Oci"] = "Diagnostics GoFormats Text Values",
        ["Paths"] = "Diagnostics Text Values",
        ["Dockerfile"] = "Diagnostics GoFormats Oci Text",
        ["IO"] = "Diagnostics Text Values",
        ["IO/Compression"] = "Diagnostics IO/Pipelines IO/Streams Values",
        ["IO/Compression/Gzip"] = "IO/Streams",
        ["IO/Compression/Xz"] = "Values",
        ["IO/Compression/Zstd"] = "Diagnostics Values",
        ["IO/Files"] = "Diagnostics IO/Pipelines IO/Streams Text Values",
        ["IO/Pipelines"] = "IO/Streams Values",
        ["IO/Streams"] = "Diagnostics Values",
        ["Tar"] = "Diagnostics Text Values",
        ["Tar/Headers"] = "Diagnostics Text Values",
        ["Tar/Indexing"] = "Diagnostics IO/Compression IO/Streams Tar/Reading Text Values",
        ["Tar/Reading"] = "Diagnostics IO/Files IO/Streams Tar/Headers Text Values",
        ["Tar/Writing"] = "Diagnostics Tar/Headers Tar/Reading Text",
        ["Layers"] = "Diagnostics Paths Tar Tar/Writing Text Values",
        ["Packing"] = "Diagnostics IO IO/Files IO/Streams Layers Paths Tar Tar/Writing Text Values",
        ["Store"] = "Diagnostics Oci Tar/Indexing Text Values",
        ["Store/Blobs"] = "Diagnostics IO/Pipelines IO/Streams Oci Store/Files Values",
        ["Store/Checking"] = "Diagnostics Oci Store/Blobs Store/Files Store/Layers Store/Names Values",
        ["Store/Collecting"] =
            "Diagnostics Oci Store/Blobs Store/Containers Store/Files Store/Layers Store/Names Values",
        ["Store/Containers"] = "Diagnostics GoFormats Oci Store/Files Values",
        ["Store/Files"] = "Diagnostics IO/Files Oci Text Values",
        ["Store/Layers"] =
            "Diagnostics IO/Compression IO/Compression/Gzip IO/Compression/Zstd IO/Files IO/Pipelines IO/Streams Oci Store/Files Tar/Headers Tar/Indexing Tar/Reading Values",
        ["Store/Names"] = "Diagnostics Oci Store/Blobs Store/Files Text Values",
        ["Store/Writing"] =
            "Diagnostics IO/Pipelines Oci Store/Blobs Store/Files Store/Layers Store/Names Tar/Indexing Tar/Writing Values",
        ["Flattening"] =
            "Diagnostics IO IO/Compression IO/Files IO/Streams Layers Oci Packing Paths Store Tar Tar/Writing Text",
        ["Importing"] =
            "Diagnostics Dockerfile IO/Compression IO/Streams Layers Oci Packing Store Store/Writing Tar Tar/Indexing Tar/Reading Text Values",
        ["Containers"] =
            "Diagnostics Dockerfile Flattening IO/Compression Layers Oci Packing Paths Store Store/Writing Tar Tar/Reading Tar/Writing Text Values",
        ["Archives"] = "Diagnostics Text Values",
        ["Archives/Contents"] =
            "Archives/Delta Archives/Members Diagnostics Oci Store Store/Blobs Store/Writing Tar/Indexing Text Values",
        ["Archives/Delta"] =
            "Archives/Members Diagnostics GoFormats IO IO/Compression IO/Streams Oci Store Tar/Headers Tar/Reading Text Values",
        ["Archives/Docker"] = "Archives/Contents Archives/Members Diagnostics Oci Store Store/Writing Text Values",
        ["Archives/Loading"] =
            "Archives/Contents Archives/Delta Archives/Docker Archives/Members Archives/Oci Diagnostics IO/Pipelines Oci Store Store/Writing Text Values",
        ["Archives/Members"] = "Diagnostics IO IO/Compression IO/Streams Tar Tar/Headers Tar/Reading Text Values",
        ["Archives/Oci"] = "Archives/Contents Diagnostics Oci Store Text Values",
        ["Archives/Saving"] =
            "Archives/Delta Archives/Docker Diagnostics GoFormats IO/Compression IO/Files IO/Streams Oci Store Store/Layers Tar Tar/Writing Text Values",
        ["Verification"] =
            "Archives Archives/Contents Archives/Loading Diagnostics Layers Oci Store Store/Layers Store/Writing Tar Tar/Indexing Values",
    };

    /// <summary>The rooms of the tasks and of the tool. Which rooms of the core they use is free.</summary>
    private static readonly Dictionary<string, string> Tasks = new(StringComparer.Ordinal)
    {
        ["Options"] = "",
        ["Reporting"] = "",
        ["Files"] = "Options Reporting",
        ["Presentation"] = "Reporting",
        ["Presentation/Templates"] = "",
        ["TaskBases"] = "Options Presentation Presentation/Templates Reporting",
        ["Tasks"] = "Files Options Presentation Presentation/Templates Reporting TaskBases",
        ["Tasks/Housekeeping"] = "Options Presentation Presentation/Templates TaskBases",
        ["Verbs"] = "Options TaskBases",
    };

    private static readonly Dictionary<string, string> Tool = new(StringComparer.Ordinal)
    {
        ["."] = "",
        ["CommandLine"] = "",
        ["Terminal"] = "",
    };

    private static string Source => Path.Combine(SharedInputs.Repository, "src");

    [TestMethod]
    public void A_room_of_the_core_uses_only_the_rooms_listed_for_it() =>
        AssertMap("ImageTarTasks.Core", "ImageTarTasks.Core", Core);

    [TestMethod]
    public void A_room_of_the_tasks_uses_only_the_rooms_listed_for_it() =>
        AssertMap("ImageTarTasks", "ImageTarTasks", Tasks);

    [TestMethod]
    public void A_room_of_the_tool_uses_only_the_rooms_listed_for_it() =>
        AssertMap("ImageTarTasks.Tool", "ImageTarTasks.Tool", Tool);

    [TestMethod]
    public void No_two_rooms_of_the_core_use_each_other()
    {
        // By the outermost rooms: Store, not Store/Names. Within one of them the table says which part uses which.
        static string Outermost(string room) => room.Split('/')[0];
        var uses = Core.GroupBy(room => Outermost(room.Key), StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group =>
                    group
                        .SelectMany(room => Words(room.Value))
                        .Select(Outermost)
                        .Where(used => used != group.Key)
                        .ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );
        while (uses.Count > 0)
        {
            var lowest = uses.Where(room => room.Value.Count == 0).Select(room => room.Key).ToArray();
            Assert.IsNotEmpty(lowest, "these use each other in a circle: " + string.Join(", ", uses.Keys));
            foreach (var room in lowest)
            {
                uses.Remove(room);
            }

            foreach (var used in uses.Values)
            {
                used.ExceptWith(lowest);
            }
        }
    }

    [TestMethod]
    public void A_room_holds_few_files()
    {
        var crowded = Directory
            .EnumerateDirectories(Source, "*", SearchOption.AllDirectories)
            .Prepend(Source)
            .Where(folder => !IsOutput(folder) && Directory.GetFiles(folder, "*.cs").Length > 20);
        Assert.IsEmpty(crowded);
    }

    [TestMethod]
    public void No_line_of_code_is_longer_than_120_columns()
    {
        // Tests and the bench quote data that no formatter can wrap; CSharpier wraps everything else there.
        var wrong = Files(Source)
            .SelectMany(file =>
                File.ReadLines(file)
                    .Select((line, number) => (line, number: number + 1))
                    .Where(numbered => numbered.line.Length > 120)
                    .Select(numbered => $"{file}:{numbered.number}")
            );
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void Every_room_has_a_page_that_says_what_it_is_for()
    {
        var rooms = Core
            .Keys.Where(room => !room.Contains('/', StringComparison.Ordinal))
            .Select(room => Path.Combine(Source, "ImageTarTasks.Core", room))
            .Concat(
                Tasks
                    .Keys.Where(room => !room.Contains('/', StringComparison.Ordinal))
                    .Select(room => Path.Combine(Source, "ImageTarTasks", room))
            )
            .Append(Path.Combine(Source, "ImageTarTasks.Tool"));
        foreach (var room in rooms)
        {
            var page = Path.Combine(room, "README.md");
            Assert.IsTrue(File.Exists(page), $"{page} is missing");
            Assert.IsInRange(4, 20, File.ReadAllLines(page).Length, page);
        }
    }

    [TestMethod]
    public void The_architecture_page_names_every_room_and_no_type_that_is_gone()
    {
        var page = File.ReadAllText(Path.Combine(SharedInputs.Repository, "docs", "design", "architecture.md"));
        var picture = File.ReadAllText(Path.Combine(SharedInputs.Repository, "docs", "design", "rooms.svg"));
        foreach (var room in Core.Keys.Concat(Tasks.Keys).Where(room => !room.Contains('/', StringComparison.Ordinal)))
        {
            Assert.Contains($">{room}<", picture);
        }

        foreach (var room in Core.Keys.Where(room => !room.Contains('/', StringComparison.Ordinal)))
        {
            Assert.Contains($"`{room}`", page);
        }

        var known = Files(SharedInputs.Repository)
            .SelectMany(file => Word().Matches(File.ReadAllText(file)))
            .Select(word => word.Value)
            .Append("UsingTask")
            .ToHashSet(StringComparer.Ordinal);
        Assert.IsEmpty(
            TypeName().Matches(page).Select(name => name.Groups[1].Value).Where(name => !known.Contains(name))
        );
    }

    [TestMethod]
    public void Projects_refer_to_each_other_in_one_direction()
    {
        Assert.AreEqual("", References("ImageTarTasks.Core"));
        Assert.AreEqual("ImageTarTasks.Core", References("ImageTarTasks"));
        Assert.AreEqual("ImageTarTasks", References("ImageTarTasks.Tool"));

        static string References(string project) =>
            string.Join(
                ' ',
                XDocument
                    .Load(Path.Combine(Source, project, project + ".csproj"))
                    .Descendants("ProjectReference")
                    .Select(reference =>
                        Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))
                    )
            );
    }

    [TestMethod]
    public void Only_the_task_project_sees_MSBuild()
    {
        var wrong = Files(Path.Combine(Source, "ImageTarTasks.Core"))
            .Where(file => File.ReadAllText(file).Contains("Microsoft.Build", StringComparison.Ordinal));
        Assert.IsEmpty(wrong);
    }

    [TestMethod]
    public void Tests_are_in_folders_named_as_the_rooms_they_test()
    {
        var rooms = new[] { "ImageTarTasks.Core", "ImageTarTasks" }
            .SelectMany(project => Directory.GetDirectories(Path.Combine(Source, project)))
            .Select(room => Path.GetFileName(room))
            .Append("Tool")
            .Append("Support")
            .ToHashSet(StringComparer.Ordinal);
        var tests = Path.Combine(SharedInputs.Repository, "tests", "ImageTarTasks.Tests");
        var wrong = new List<string>();
        foreach (var file in Files(tests))
        {
            var path = Path.GetRelativePath(tests, file).Replace('\\', '/').Split('/');
            var room = path.Length == 1 ? "" : "." + path[0];
            if (path.Length > 2 || (path.Length == 2 && !rooms.Contains(path[0])))
            {
                wrong.Add($"{file} is in a folder that is no room");
            }
            else if (
                path[^1] != "Parallel.cs"
                && !File.ReadAllText(file).Contains($"namespace ImageTarTasks.Tests{room};", StringComparison.Ordinal)
            )
            {
                wrong.Add($"{file} is not in the namespace ImageTarTasks.Tests{room}");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    private static void AssertMap(string project, string rootNamespace, Dictionary<string, string> map)
    {
        var folder = Path.Combine(Source, project);
        var wrong = new List<string>();
        var used = map.Keys.ToDictionary(
            room => room,
            _ => new HashSet<string>(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        foreach (var file in Files(folder))
        {
            var relative = Path.GetRelativePath(folder, file).Replace('\\', '/');
            var room = relative.Contains('/', StringComparison.Ordinal) ? relative[..relative.LastIndexOf('/')] : ".";
            if (!map.ContainsKey(room))
            {
                wrong.Add($"{relative} is in a room that is not in the map");
                continue;
            }

            var source = File.ReadAllText(file);
            // The tasks' full names are public: projects may name them in UsingTask.
            var expected =
                room == "." || room.Split('/')[0] == "Tasks"
                    ? rootNamespace
                    : $"{rootNamespace}.{room.Replace('/', '.')}";
            if (relative != "Program.cs" && !source.Contains($"namespace {expected};", StringComparison.Ordinal))
            {
                wrong.Add($"{relative} is not in the namespace {expected}");
            }

            foreach (Match match in Using().Matches(source))
            {
                if (
                    RoomOf(match.Groups[1].Value, rootNamespace, map) is { } other
                    && other != room
                    && !IsPartOf(other, room)
                    && !IsPartOf(room, other)
                )
                {
                    used[room].Add(other);
                }
            }
        }

        foreach (var (room, allowed) in map)
        {
            wrong.AddRange(
                used[room].Except(Words(allowed), StringComparer.Ordinal).Select(other => $"{room} uses {other}")
            );
            wrong.AddRange(
                Words(allowed)
                    .Except(used[room], StringComparer.Ordinal)
                    .Select(other => $"{room} does not use {other} any more: take it off the map")
            );
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    private static string? RoomOf(string name, string rootNamespace, Dictionary<string, string> map)
    {
        if (!name.StartsWith(rootNamespace + ".", StringComparison.Ordinal))
        {
            return null;
        }

        // A "using static" ends with a type.
        var room = name[(rootNamespace.Length + 1)..].Replace('.', '/');
        return map.ContainsKey(room) ? room
            : room.LastIndexOf('/') is > 0 and var slash && map.ContainsKey(room[..slash]) ? room[..slash]
            : null;
    }

    private static bool IsPartOf(string part, string room) =>
        room == "." || part.StartsWith(room + "/", StringComparison.Ordinal);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !IsOutput(Path.GetRelativePath(folder, file)));

    private static bool IsOutput(string path) => path.Split('/', '\\').Any(part => part is "obj" or "bin");

    /// <summary>A name in two or more capitalised words, in backticks: a type.</summary>
    [GeneratedRegex(@"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:\.[A-Z]\w+)?`")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"[A-Z]\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^using (?:static )?(ImageTarTasks[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
