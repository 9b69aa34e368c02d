using System.Reflection;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Verbs;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tool;

[TestClass]
public sealed class TasksPageTests
{
    /// <summary>What scripts and projects rely on: a line that changes here breaks them.</summary>
    private static readonly string[] Verbs =
    [
        "commit, container commit: [-a --author] [-c --change] [--created] [-m --message] [-p "
            + "--pause] [--store] CONTAINER [REPOSITORY[:TAG]]",
        "cp, container cp: [-a --archive] [-L --follow-link] [--store] SOURCE [SOURCE...] DESTINATION",
        "create, container create: [--name] [--platform] [--store] IMAGE [COMMAND] [ARG...]",
        "diff, container diff: [--json] [--store] CONTAINER",
        "export, container export: [--compression] [--config] [--docker-compat] [--exclude] "
            + "[--format] [--include] [--mtime] [-o --output] [--owner] [--platform] [--store] "
            + "[--xattrs] CONTAINER|IMAGE",
        "import, image import: [--base] [-c --change] [--chmod] [--config-from] [--created] "
            + "[--exclude] [--exclude-from] [--keep-history] [--max-download] [--max-unpacked] [-m "
            + "--message] [--mtree] [--owner] [--platform] [--sha256] [--store] [--xattrs] SOURCE "
            + "[REPOSITORY[:TAG]]",
        "load, image load: [--image] [-i --input] [--json] [--max-unpacked] "
            + "[--missing-platforms] [--no-tags] [--on-conflict] [--platform] [-q --quiet] [--store] "
            + "[--tag]",
        "rename, container rename: [--store] CONTAINER NEW_NAME",
        "rm, container rm, container remove: [-f --force] [--store] CONTAINER [CONTAINER...]",
        "rmi, image rm, image remove: [-f --force] [--no-prune] [--store] IMAGE [IMAGE...]",
        "save, image save: [--all-tags] [--compression] [--except] [--format] [--json] "
            + "[--layer-compression] [--missing-platforms] [-o --output] [--platform] [--store] IMAGE "
            + "[IMAGE...]",
        "tag, image tag: [--store] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        "verify, image verify: [--json] [--max-unpacked] [--missing-platforms] [-q --quiet] [--store] ARCHIVE",
    ];

    [TestMethod]
    public void Verbs_and_options_are_those_people_rely_on()
    {
        var lines = ToolRun
            .Product.Select(v =>
                $"{string.Join(", ", v.Paths)}: "
                + $"{string.Join(' ', v.Options.Select(o => $"[{string.Join(' ', o.Names)}]"))}{v.Usage["[OPTIONS]".Length..]}"
            )
            .ToArray();
        foreach (var expected in Verbs)
        {
            Assert.Contains(expected, lines, string.Join('\n', lines));
        }
    }

    [TestMethod]
    public void The_page_of_tasks_is_made_of_the_tasks()
    {
        var page = Path.Combine(SharedInputs.Repository, "docs", "reference", "tasks.md");
        var text = TasksPage.Text(ToolRun.Product);
        if (Environment.GetEnvironmentVariable("IMAGETAR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, text);
        }

        Assert.AreEqual(
            text,
            File.ReadAllText(page).ReplaceLineEndings("\n"),
            "docs/reference/tasks.md is out of date; a comment in it says how to write it anew"
        );
    }

    [TestMethod]
    public void Every_task_is_a_verb_that_MSBuild_may_run_beside_others_and_is_known_to_projects()
    {
        var props = File.ReadAllText(Path.Combine(SharedInputs.Repository, "build", "ImageTarTasks.props"));
        var tasks = typeof(ImageTask)
            .Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(ImageTask)) && !t.IsAbstract)
            .ToArray();
        Assert.IsGreaterThan(7, tasks.Length);
        foreach (var task in tasks)
        {
            Assert.Contains(task, Verb.All.Select(verb => verb.TaskType), $"{task.Name} is no verb");
            Assert.IsTrue(
                task.IsDefined(typeof(MSBuildMultiThreadableTaskAttribute), inherit: false),
                $"{task.Name} lacks [MSBuildMultiThreadableTask]"
            );
            Assert.Contains($"TaskName=\"{task.FullName}\"", props);
            Assert.IsEmpty(
                task.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
                    .Where(f => !f.IsLiteral && !f.IsInitOnly),
                task.Name
            );
        }
    }

    [TestMethod]
    public void No_two_verbs_share_a_path_and_no_two_options_a_name()
    {
        CollectionAssert.AllItemsAreUnique(ToolRun.Product.SelectMany(v => v.Paths).ToArray());
        foreach (var verb in ToolRun.Product)
        {
            CollectionAssert.AllItemsAreUnique(
                verb.Options.SelectMany(o => o.Names).Append("--help").Append("-h").ToArray(),
                verb.Paths[0]
            );
        }
    }
}
