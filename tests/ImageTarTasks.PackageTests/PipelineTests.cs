using YamlDotNet.RepresentationModel;
using static ImageTarTasks.PackageTests.PipelineScripts;

namespace ImageTarTasks.PackageTests;

/// <summary>
/// The scripts of the GitHub action and of the Azure steps, run as a runner would: inputs in the environment, files for
/// outputs.
/// </summary>
[TestClass]
[OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
public sealed class PipelineTests
{
    private const string Commands = """
        import -m 'made in a pipeline' rootfs 'pipe/line:1'

        save -o "image of the run.tar" pipe/line:1
        images -q --no-trunc pipe/line
        """;

    [TestMethod]
    public void The_GitHub_action_installs_the_tool_runs_the_commands_and_sets_its_output()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        var action = Yaml(Path.Combine(Feed.Repository, "action.yml"));
        Directory.CreateDirectory(folder["temp"]);
        var inputs = ActionInputs(action, Given(folder));
        var runner = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal)
        {
            ["RUNNER_TEMP"] = folder["temp"],
            ["GITHUB_PATH"] = folder["path.txt"],
            ["GITHUB_OUTPUT"] = folder["output.txt"],
        };
        var log = RunSteps(
            action["runs"]["steps"],
            "run",
            inputs,
            "inputs",
            folder.Root,
            runner,
            after: () =>
                runner["PATH"] =
                    string.Join(Path.PathSeparator, File.ReadAllLines(folder["path.txt"]))
                    + Path.PathSeparator
                    + Environment.GetEnvironmentVariable("PATH")
        );

        Assert.Contains("imagetar save -o", log);
        Assert.IsTrue(File.Exists(folder["image of the run.tar"]));
        var output = File.ReadAllLines(folder["output.txt"]);
        StringAssert.StartsWith(output[0], "result<<end-");
        StringAssert.StartsWith(output[1], "sha256:");
        Assert.AreEqual(output[0]["result<<".Length..], output[2]);
    }

    [TestMethod]
    public void The_Azure_steps_install_the_tool_run_the_commands_and_set_their_output()
    {
        using var folder = new ProjectFolder();
        folder.WriteRootfs();
        var template = Yaml(Path.Combine(Feed.Repository, "eng", "azure", "imagetar-steps.yml"));
        Directory.CreateDirectory(folder["temp"]);
        var parameters = TemplateParameters(template, Given(folder));
        var runner = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal)
        {
            ["AGENT_TEMPDIRECTORY"] = folder["temp"],
        };
        var log = RunSteps(
            template["steps"],
            "bash",
            parameters,
            "parameters",
            folder.Root,
            runner,
            after: () =>
                runner["PATH"] =
                    Path.Combine(folder["temp"], "imagetar")
                    + Path.PathSeparator
                    + Environment.GetEnvironmentVariable("PATH")
        );

        Assert.Contains("##vso[task.prependpath]" + folder["temp"], log);
        Assert.IsTrue(File.Exists(folder["image of the run.tar"]));
        StringAssert.Matches(
            log,
            new System.Text.RegularExpressions.Regex(
                @"##vso\[task\.setvariable variable=result;isOutput=true\]sha256:[0-9a-f]{64}\s*$"
            )
        );
    }

    [TestMethod]
    public void A_failing_command_fails_the_step_and_text_of_an_input_is_never_run()
    {
        using var folder = new ProjectFolder();
        var action = Yaml(Path.Combine(Feed.Repository, "action.yml"));
        var run = ((YamlSequenceNode)action["runs"]["steps"]).Children.Single(step =>
            ((YamlMappingNode)step).Children.ContainsKey("id")
        );
        var environment = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal)
        {
            ["INPUT_ARGUMENTS"] = "tag $(touch evil) `touch evil`;touch evil",
            ["INPUT_VERSION"] = Feed.Instance.Version,
            ["INPUT_STORE"] = folder.Store,
            ["GITHUB_OUTPUT"] = folder["output.txt"],
            ["PATH"] =
                Path.GetDirectoryName(Feed.Instance.Tool)
                + Path.PathSeparator
                + Environment.GetEnvironmentVariable("PATH"),
        };
        var result = Bash(Text(run["run"]), folder.Root, environment);
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.IsFalse(File.Exists(folder["evil"]));
        Assert.IsFalse(File.Exists(folder["output.txt"]));
    }

    private static Dictionary<string, string> Given(ProjectFolder folder) =>
        new(StringComparer.Ordinal)
        {
            ["arguments"] = Commands,
            ["version"] = Feed.Instance.Version,
            ["store"] = folder.Store,
        };
}
