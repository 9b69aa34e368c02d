using System.Text.RegularExpressions;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Prunes beside those of the real client and engine, on the same images and containers.</summary>
[TestClass]
public sealed partial class HousekeepingTests
{
    [TestMethod, RequiresEngine]
    public void Prunes_print_what_docker_prints()
    {
        using var folder = new TestFolder();
        using var engine = DockerEngine.Start();
        var imagetar = new Imagetar(folder["store"]);
        var layers = 0;
        foreach (var tag in new[] { "kept:1", "free:1", "moved:1" })
        {
            // Each has the layers of the one before, and one more.
            new HandMadeImage(tag, [.. OddLayers.Agreed().Take(++layers)]).Write(folder["image.tar"]);
            engine.Run("load", "-i", folder["image.tar"]);
            imagetar.Run("load", "-i", folder["image.tar"]);
        }

        // A name that moves leaves an image without one.
        engine.Run("tag", "free:1", "moved:1");
        imagetar.Run("tag", "free:1", "moved:1");
        Compare("image", "prune", "-f", "--filter", "label=nosuch");
        Compare("image", "prune", "-f");
        Compare("image", "prune", "-f");
        engine.Run("create", "--network", "none", "--name", "box", "kept:1");
        imagetar.Run("create", "--name", "box", "kept:1");
        Compare("image", "prune", "-af", "--filter", "until=2001-01-01T00:00:00");
        Compare("image", "prune", "-a", "-f");
        Compare("container", "prune", "-f", "--filter", "until=10m");
        Compare("container", "prune", "-f");
        Compare("system", "prune", "-f", "--all");
        Compare("system", "prune", "-af");
        Assert.IsEmpty(imagetar.Run("images", "-q").Lines);
        Assert.IsEmpty(engine.Run("images", "-q").Lines);

        foreach (var verb in new[] { "image", "container", "system" })
        {
            // Without -f both ask, and nobody answers.
            var theirs = engine.Try([verb, "prune"]);
            var ours = imagetar.Try([verb, "prune"]);
            Assert.AreEqual(theirs.ExitCode, ours.ExitCode, $"{theirs}\n{ours}");
            Assert.EndsWith("Are you sure you want to continue? [y/N] ", ours.Output);
            if (verb != "system")
            {
                // What system prune removes besides images and containers is not the same.
                Assert.AreEqual(Normalize(theirs.Output), Normalize(ours.Output));
            }
        }

        void Compare(params string[] words)
        {
            var theirs = engine.Run(words);
            var ours = imagetar.Run(words);
            Assert.AreEqual(Normalize(theirs.Output), Normalize(ours.Output), string.Join(' ', words));
        }
    }

    /// <summary>
    /// IDs of containers are random, sizes are counted differently, the engine's order is that of a map, and it names
    /// digests of manifests that it made itself. The order of lines is that of sections.
    /// </summary>
    private static string Normalize(string output)
    {
        var lines = ContainerId().Replace(Size().Replace(output, "$1SIZE"), "ID").Split('\n');
        var images = lines
            .Where(line => IsOfImage(line) && !line.Contains('@', StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return string.Join('\n', lines.Where(line => !IsOfImage(line)).Concat(images));
    }

    private static bool IsOfImage(string line) =>
        line.StartsWith("untagged: ", StringComparison.Ordinal)
        || line.StartsWith("deleted: ", StringComparison.Ordinal);

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.Multiline)]
    private static partial Regex ContainerId();

    [GeneratedRegex("(Total reclaimed space: ).*")]
    private static partial Regex Size();
}
