using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;
using static ImageTarTasks.PackageTests.PipelineScripts;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>
/// Runs the steps of an Azure pipeline: its scripts, this repository's template, and a check of what is published.
/// </summary>
internal static partial class AzureRunner
{
    /// <summary>Runs the pipeline in the folder of the page; returns what its steps printed.</summary>
    public static string Run(PageFolder folder, string pipeline)
    {
        var runner = new Dictionary<string, string>(folder.Environment, StringComparer.Ordinal)
        {
            ["AGENT_TEMPDIRECTORY"] = folder["agent-temp"],
        };
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Build.ArtifactStagingDirectory"] = folder["agent-staging"],
        };
        Directory.CreateDirectory(folder["agent-temp"]);
        Directory.CreateDirectory(folder["agent-staging"]);
        var log = "";
        foreach (var step in (YamlSequenceNode)Yaml(folder[pipeline])["steps"])
        {
            if (Text(step, "task") is { } task)
            {
                Assert.AreEqual("UseDotNet@2", task, "nobody has said what to do with this task");
            }
            else if (Text(step, "publish") is { } file)
            {
                Assert.IsTrue(File.Exists(Expand(file)), file);
            }
            else if (Text(step, "bash") is { } script)
            {
                var environment = new Dictionary<string, string>(runner, StringComparer.Ordinal);
                foreach (var (name, value) in Texts(step, "env"))
                {
                    environment[name] = Expand(value);
                }

                log += Bash(Expand(script), folder.Root, environment).Succeeded().Output;
            }
            else
            {
                var template = Yaml(folder[Text(step["template"])]);
                var given = Texts(step, "parameters")
                    .ToDictionary(pair => pair.Key, pair => Expand(pair.Value), StringComparer.Ordinal);
                var output = RunSteps(
                    template["steps"],
                    "bash",
                    TemplateParameters(template, given),
                    "parameters",
                    folder.Root,
                    runner,
                    after: () =>
                        runner["PATH"] =
                            Path.Combine(folder["agent-temp"], "imagetar")
                            + Path.PathSeparator
                            + folder.Environment["PATH"]
                );
                variables["imagetar.result"] = Result().Match(output).Groups[1].Value;
                log += output;
            }
        }

        return log;

        // As Azure does, what is not a variable stays: $(pwd) is for the shell.
        string Expand(string text) =>
            Variable().Replace(text, match => variables.GetValueOrDefault(match.Groups[1].Value, match.Value));
    }

    [GeneratedRegex(@"\$\(([\w.]+)\)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"##vso\[task\.setvariable variable=result;isOutput=true\](.*)")]
    private static partial Regex Result();
}
