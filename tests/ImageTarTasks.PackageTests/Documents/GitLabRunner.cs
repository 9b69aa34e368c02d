using YamlDotNet.RepresentationModel;
using static ImageTarTasks.PackageTests.PipelineScripts;

namespace ImageTarTasks.PackageTests.Documents;

/// <summary>Runs the jobs of a GitLab pipeline, one after another, and checks that their artifacts exist.</summary>
internal static class GitLabRunner
{
    private static readonly string[] Keywords = ["image", "variables", "stages", "default"];

    /// <summary>Runs the pipeline in the folder of the page; returns what its jobs printed.</summary>
    public static string Run(PageFolder folder, string pipeline)
    {
        var root = Yaml(folder[pipeline]);
        var environment = new Dictionary<string, string>(folder.Environment, StringComparer.Ordinal)
        {
            ["CI_PROJECT_DIR"] = folder.Root,
        };
        foreach (var (name, value) in Texts(root, "variables"))
        {
            environment[name] = value.Replace("$CI_PROJECT_DIR", folder.Root, StringComparison.Ordinal);
        }

        var log = "";
        foreach (var (name, job) in ((YamlMappingNode)root).Children.Where(pair => !Keywords.Contains(Text(pair.Key))))
        {
            var lines = Lines(root["default"], "before_script").Concat(Lines(job, "script"));
            log += Bash(string.Join('\n', lines), folder.Root, environment).Succeeded().Output;
            if (((YamlMappingNode)job).Children.TryGetValue("artifacts", out var artifacts))
            {
                foreach (var path in Lines(artifacts, "paths"))
                {
                    Assert.IsTrue(File.Exists(folder[path]), $"{Text(name)}: {path}");
                }
            }
        }

        return log;
    }

    private static IEnumerable<string> Lines(YamlNode mapping, string key) =>
        ((YamlSequenceNode)mapping[key]).Select(Text);
}
