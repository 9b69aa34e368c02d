using YamlDotNet.RepresentationModel;

namespace ImageTarTasks.PackageTests;

/// <summary>The scripts of the GitHub action and of the Azure steps, run as a runner would: inputs in the environment, files for outputs.</summary>
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
        var inputs = Defaults(action, Commands);
        inputs["version"] = Feed.Instance.Version;
        inputs["store"] = folder.Store;
        var runner = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal)
        {
            ["RUNNER_TEMP"] = folder["temp"],
            ["GITHUB_PATH"] = folder["path.txt"],
            ["GITHUB_OUTPUT"] = folder["output.txt"],
        };
        var log = RunSteps((YamlSequenceNode)action["runs"]["steps"], "run", inputs, "inputs", folder, runner, after: () =>
            runner["PATH"] = string.Join(Path.PathSeparator, File.ReadAllLines(folder["path.txt"])) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"));

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
        var parameters = ((YamlSequenceNode)template["parameters"]).Children
            .ToDictionary(p => Text(p["name"]), p => ((YamlMappingNode)p).Children.TryGetValue("default", out var value) ? Text(value) : Commands, StringComparer.Ordinal);
        parameters["version"] = Feed.Instance.Version;
        parameters["store"] = folder.Store;
        var runner = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal) { ["AGENT_TEMPDIRECTORY"] = folder["temp"] };
        var log = RunSteps((YamlSequenceNode)template["steps"], "bash", parameters, "parameters", folder, runner, after: () =>
            runner["PATH"] = Path.Combine(folder["temp"], "imagetar") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"));

        Assert.Contains("##vso[task.prependpath]" + folder["temp"], log);
        Assert.IsTrue(File.Exists(folder["image of the run.tar"]));
        StringAssert.Matches(log, new System.Text.RegularExpressions.Regex(@"##vso\[task\.setvariable variable=result;isOutput=true\]sha256:[0-9a-f]{64}\s*$"));
    }

    [TestMethod]
    public void A_failing_command_fails_the_step_and_text_of_an_input_is_never_run()
    {
        using var folder = new ProjectFolder();
        var action = Yaml(Path.Combine(Feed.Repository, "action.yml"));
        var run = ((YamlSequenceNode)action["runs"]["steps"]).Children.Single(step => ((YamlMappingNode)step).Children.ContainsKey("id"));
        var environment = new Dictionary<string, string>(Feed.Instance.Environment, StringComparer.Ordinal)
        {
            ["INPUT_ARGUMENTS"] = "tag $(touch evil) `touch evil`;touch evil",
            ["INPUT_VERSION"] = Feed.Instance.Version,
            ["INPUT_STORE"] = folder.Store,
            ["GITHUB_OUTPUT"] = folder["output.txt"],
            ["PATH"] = Path.GetDirectoryName(Feed.Instance.Tool) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
        };
        var result = Dotnet.Run("bash", folder.Root, environment, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", Text(run["run"]));
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.IsFalse(File.Exists(folder["evil"]));
        Assert.IsFalse(File.Exists(folder["output.txt"]));
    }

    private static string RunSteps(
        YamlSequenceNode steps, string scriptKey, Dictionary<string, string> values, string context, ProjectFolder folder, Dictionary<string, string> runner, Action after)
    {
        Directory.CreateDirectory(folder["temp"]);
        var log = "";
        foreach (var step in steps)
        {
            var environment = new Dictionary<string, string>(runner, StringComparer.Ordinal);
            foreach (var (name, value) in (YamlMappingNode)step["env"])
            {
                environment[Text(name)] = values.Aggregate(Text(value), (text, pair) => text.Replace("${{ " + context + "." + pair.Key + " }}", pair.Value, StringComparison.Ordinal));
            }

            var script = Text(step[scriptKey]);
            Assert.DoesNotContain("${{", script, "an expression inside a script is an injection");
            log += Dotnet.Run("bash", folder.Root, environment, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script).Succeeded().Output;
            after();
        }

        return log;
    }

    private static Dictionary<string, string> Defaults(YamlNode action, string arguments) =>
        ((YamlMappingNode)action["inputs"]).Children.ToDictionary(
            input => Text(input.Key),
            input => ((YamlMappingNode)input.Value).Children.TryGetValue("default", out var value) ? Text(value) : arguments,
            StringComparer.Ordinal);

    private static YamlNode Yaml(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(path);
        stream.Load(reader);
        return stream.Documents[0].RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
}
