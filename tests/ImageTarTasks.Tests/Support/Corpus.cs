using System.Text.Json;
using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Tests.Archives;

namespace ImageTarTasks.Tests.Support;

/// <summary>The corpus of real and hand-made archives with what tools say of them.</summary>
internal static class Corpus
{
    /// <summary>The facts, a JSON object an archive or layout.</summary>
    public static IEnumerable<JsonElement> Facts =>
        File.ReadLines(SharedInputs.PathOf("corpus/facts/images.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Every archive and layout there are facts about, relative to the corpus.</summary>
    public static IEnumerable<string> Files => Facts.Select(fact => fact.GetProperty("file").GetString()!);

    /// <summary>Does something with an archive or layout.</summary>
    public static T Open<T>(string file, Func<ArchiveInput, T> use)
    {
        var path = SharedInputs.PathOf("corpus/" + file);
        if (Directory.Exists(path))
        {
            return use(new ArchiveInput { DisplayName = file, Folder = path });
        }

        using var stream = File.OpenRead(path);
        return use(new ArchiveInput { DisplayName = file, Stream = stream });
    }

    /// <summary>Loads an archive or layout.</summary>
    public static IReadOnlyList<LoadedImage> Load(LoadingFixture fixture, string file) =>
        Open(file, input => fixture.Load(input));
}
