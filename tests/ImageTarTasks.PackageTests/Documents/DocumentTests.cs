using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// Every page with commands, run as it stands in an empty folder; the output it shows is the real one.
/// </summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class DocumentTests
{
    [TestMethod]
    public void README() => Run("README.md");

    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void Tutorial_on_the_command_line() => RunWithEngine("docs/tutorial/command-line.md");

    [TestMethod, RequiresEngine, RequiresProgram("busybox"), RequiresProgram("jq")]
    public void Tutorial_in_a_project() => RunWithEngine("docs/tutorial/project.md");

    [TestMethod, RequiresRoot, RequiresProgram("podman"), RequiresProgram("skopeo"), RequiresProgram("busybox")]
    public void Recipe_air_gapped_bundle() => Run("docs/recipes/air-gapped.md");

    [TestMethod, RequiresProgram("busybox"), RequiresRoot]
    public void Recipe_WSL_distribution() => Run("docs/recipes/wsl.md");

    [TestMethod, RequiresProgram("busybox"), RequiresProgram("cpio"), RequiresRoot]
    public void Recipe_microVM() => Run("docs/recipes/microvm.md");

    [TestMethod, RequiresProgram("skopeo")]
    public void Recipe_delta_delivery() => Run("docs/recipes/delta.md");

    [TestMethod, RequiresProgram("busybox"), RequiresRoot]
    public void Recipe_base_image_from_a_file_share() => Run("docs/recipes/base-from-file-share.md");

    [TestMethod]
    public void Recipe_store_of_a_build_agent() => Run("docs/recipes/build-agent.md");

    [TestMethod]
    public void Recipe_GitHub_Actions()
    {
        using var folder = new PageFolder();
        PageRun.Run("docs/recipes/github-actions.md", folder);
        var log = GitHubRunner.Run(folder, ".github/workflows/image.yml");
        Assert.Contains("Verified image: acme/app:1", log);
        StringAssert.Matches(
            log,
            new System.Text.RegularExpressions.Regex("(?m)^The image ID is sha256:[0-9a-f]{64}$")
        );
        Assert.IsTrue(File.Exists(folder["acme-app.tar.gz"]));
    }

    [TestMethod]
    public void Recipe_Azure_Pipelines()
    {
        using var folder = new PageFolder();
        File.Copy(Path.Combine(Feed.Repository, "eng", "azure", "imagetar-steps.yml"), folder["imagetar-steps.yml"]);
        PageRun.Run("docs/recipes/azure-pipelines.md", folder);
        var log = AzureRunner.Run(folder, "azure-pipelines.yml");
        Assert.Contains("Verified image: acme/app:1", log);
        StringAssert.Matches(
            log,
            new System.Text.RegularExpressions.Regex("(?m)^The image ID is sha256:[0-9a-f]{64}$")
        );
    }

    [TestMethod]
    public void Recipe_GitLab_CI()
    {
        using var folder = new PageFolder();
        PageRun.Run("docs/recipes/gitlab-ci.md", folder);
        var log = GitLabRunner.Run(folder, ".gitlab-ci.yml");
        Assert.Contains("Verified image: acme/app:1", log);
    }

    [TestMethod]
    public void Reference_of_builds_and_pipelines() => Run("docs/reference/pipelines.md");

    [TestMethod]
    public void Every_page_of_the_tutorial_and_the_recipes_is_run()
    {
        var source = File.ReadAllText(
            Path.Combine(Feed.Repository, "tests", "ImageTarTasks.PackageTests", "Documents", "DocumentTests.cs")
        );
        foreach (
            var page in ((string[])["tutorial", "recipes"]).SelectMany(part =>
                Directory.EnumerateFiles(Path.Combine(Feed.Repository, "docs", part))
            )
        )
        {
            Assert.Contains(Path.GetRelativePath(Feed.Repository, page).Replace('\\', '/'), source);
        }
    }

    private static void Run(string page)
    {
        using var folder = new PageFolder();
        PageRun.Run(page, folder);
    }

    private static void RunWithEngine(string page)
    {
        using var engine = DockerEngine.Start();
        using var folder = new PageFolder(engine);
        PageRun.Run(page, folder);
    }
}
