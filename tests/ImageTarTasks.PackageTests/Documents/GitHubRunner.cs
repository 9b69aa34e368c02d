using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;
using static ImageTarTasks.PackageTests.PipelineScripts;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// Runs the one job of a GitHub workflow: its scripts, this repository's action, and a check of what is uploaded.
/// </summary>
internal static partial class GitHubRunner
{
    /// <summary>Runs the job in the folder of the page; returns what its steps printed.</summary>
    public static string Run(PageFolder folder, string workflow)
    {
        var job = ((YamlMappingNode)Yaml(folder[workflow])["jobs"]).Children.Single().Value;
        var runner = new Dictionary<string, string>(folder.Environment, StringComparer.Ordinal)
        {
            ["RUNNER_TEMP"] = folder["runner-temp"],
            ["GITHUB_PATH"] = folder["runner-path"],
            ["GITHUB_OUTPUT"] = folder["runner-output"],
        };
        Directory.CreateDirectory(folder["runner-temp"]);
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        var log = "";
        foreach (var step in (YamlSequenceNode)job["steps"])
        {
            File.WriteAllText(folder["runner-output"], "");
            if (Text(step, "run") is { } script)
            {
                var environment = new Dictionary<string, string>(runner, StringComparer.Ordinal);
                foreach (var (name, value) in Texts(step, "env"))
                {
                    environment[name] = Expression().Replace(value, match => outputs[match.Groups[1].Value]);
                }

                log += Bash(script, folder.Root, environment).Succeeded().Output;
            }
            else
            {
                log += Use(Text(step["uses"]), Texts(step, "with"), folder, runner);
            }

            if (
                Text(step, "id") is { } id
                && OutputFile().Match(File.ReadAllText(folder["runner-output"])) is { Success: true } output
            )
            {
                outputs[$"steps.{id}.outputs.{output.Groups["name"].Value}"] = output.Groups["value"].Value;
            }
        }

        return log;
    }

    private static string Use(
        string action,
        Dictionary<string, string> inputs,
        PageFolder folder,
        Dictionary<string, string> runner
    )
    {
        switch (action.Split('@')[0])
        {
            case "actions/checkout" or "actions/setup-dotnet":
                return "";
            case "actions/upload-artifact":
                Assert.IsTrue(File.Exists(folder[inputs["path"]]), inputs["path"]);
                return "";
            case "imagetartasks/imagetartasks":
                var own = Yaml(Path.Combine(Feed.Repository, "action.yml"));
                return RunSteps(
                    own["runs"]["steps"],
                    "run",
                    ActionInputs(own, inputs),
                    "inputs",
                    folder.Root,
                    runner,
                    after: () =>
                        runner["PATH"] =
                            string.Join(Path.PathSeparator, File.ReadAllLines(folder["runner-path"]))
                            + Path.PathSeparator
                            + folder.Environment["PATH"]
                );
            default:
                throw new InvalidDataException($"{action}: nobody has said what to do with this action");
        }
    }

    [GeneratedRegex(@"\$\{\{ ([\w.]+) \}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"^(?<name>\w+)<<(?<mark>.+)\n(?<value>(.|\n)*?)\n\k<mark>\n", RegexOptions.Multiline)]
    private static partial Regex OutputFile();
}
