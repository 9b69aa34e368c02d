using YamlDotNet.RepresentationModel;

namespace ImageTarTasks.PackageTests;

/// <summary>Reads YAML files of CI systems and runs the scripts in them as a runner would.</summary>
internal static class PipelineScripts
{
    public static YamlNode Yaml(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(path);
        stream.Load(reader);
        return stream.Documents[0].RootNode;
    }

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    /// <summary>The text of a key, or null where the mapping lacks it.</summary>
    public static string? Text(YamlNode mapping, string key) =>
        ((YamlMappingNode)mapping).Children.TryGetValue(key, out var value) ? Text(value) : null;

    /// <summary>The keys and texts of a mapping below a key; empty where the mapping lacks it.</summary>
    public static Dictionary<string, string> Texts(YamlNode mapping, string key) =>
        ((YamlMappingNode)mapping).Children.TryGetValue(key, out var values)
            ? ((YamlMappingNode)values).Children.ToDictionary(
                pair => Text(pair.Key),
                pair => Text(pair.Value),
                StringComparer.Ordinal
            )
            : [];

    /// <summary>The inputs of the GitHub action with their defaults; <paramref name="given"/> replaces them.</summary>
    public static Dictionary<string, string> ActionInputs(YamlNode action, IReadOnlyDictionary<string, string> given)
    {
        var inputs = ((YamlMappingNode)action["inputs"]).Children.ToDictionary(
            i => Text(i.Key),
            i => Text(i.Value, "default") ?? "",
            StringComparer.Ordinal
        );
        return Replace(inputs, given);
    }

    /// <summary>
    /// The parameters of the Azure template with their defaults; <paramref name="given"/> replaces them.
    /// </summary>
    public static Dictionary<string, string> TemplateParameters(
        YamlNode template,
        IReadOnlyDictionary<string, string> given
    )
    {
        var parameters = ((YamlSequenceNode)template["parameters"]).Children.ToDictionary(
            p => Text(p["name"]),
            p => Text(p, "default") ?? "",
            StringComparer.Ordinal
        );
        return Replace(parameters, given);
    }

    /// <summary>Runs the steps of the action or of the template; returns what they printed.</summary>
    public static string RunSteps(
        YamlNode steps,
        string scriptKey,
        Dictionary<string, string> values,
        string context,
        string folder,
        Dictionary<string, string> runner,
        Action after
    )
    {
        var log = "";
        foreach (var step in (YamlSequenceNode)steps)
        {
            var environment = new Dictionary<string, string>(runner, StringComparer.Ordinal);
            foreach (var (name, value) in Texts(step, "env"))
            {
                environment[name] = values.Aggregate(
                    value,
                    (text, pair) =>
                        text.Replace("${{ " + context + "." + pair.Key + " }}", pair.Value, StringComparison.Ordinal)
                );
            }

            log += Bash(Text(step[scriptKey]), folder, environment).Succeeded().Output;
            after();
        }

        return log;
    }

    /// <summary>Runs a script of a step.</summary>
    public static ProcessResult Bash(string script, string folder, IReadOnlyDictionary<string, string> environment)
    {
        Assert.DoesNotContain("${{", script, "an expression inside a script is an injection");
        return Dotnet.Run("bash", folder, environment, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script);
    }

    private static Dictionary<string, string> Replace(
        Dictionary<string, string> defaults,
        IReadOnlyDictionary<string, string> given
    )
    {
        foreach (var (name, value) in given)
        {
            Assert.IsTrue(defaults.ContainsKey(name), $"there is no input {name}");
            defaults[name] = value;
        }

        return defaults;
    }
}
