using System.Security.Cryptography;
using System.Text.Json;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>The tool as its users start it, with a store of its own.</summary>
internal sealed class Imagetar
{
    public Imagetar(string store) => Store = store;

    private static readonly Lazy<string> Chosen = new(Choose);

    /// <summary>
    /// The executable of $IMAGETAR_EXECUTABLE. Without it, the tool as it is published: native code, built when a test
    /// first starts it, because these tests start it two thousand times and the portable one takes a quarter of a
    /// second each time. Where no native code can be built, or with IMAGETAR_EXECUTABLE=portable, the one that is built
    /// beside the tests.
    /// </summary>
    public static string Executable => Chosen.Value;

    /// <summary>The folder of the store.</summary>
    public string Store { get; }

    /// <summary>Runs the tool and insists on exit code 0.</summary>
    public ProgramResult Run(params IReadOnlyList<string> arguments) => Try(arguments).Succeeds();

    /// <summary>Runs the tool.</summary>
    public ProgramResult Try(IReadOnlyList<string> arguments, ProgramOptions? options = null) =>
        Programs.Try(Executable, arguments, WithStore(options ?? new ProgramOptions()));

    /// <summary>Starts the tool and lets it run.</summary>
    public System.Diagnostics.Process Start(IReadOnlyList<string> arguments) =>
        Programs.Start(Executable, arguments, WithStore(new ProgramOptions()));

    /// <summary>What <c>inspect</c> says of an image.</summary>
    public JsonElement Inspect(string image)
    {
        using var document = JsonDocument.Parse(Run("image", "inspect", image).Bytes);
        return document.RootElement[0].Clone();
    }

    /// <summary>
    /// Everything the store promises to others, as lines "path size sha256": the layout file, the index and every blob.
    /// Two listings are equal when a user of the store could see no difference.
    /// </summary>
    public IReadOnlyList<string> Content()
    {
        if (!Directory.Exists(Store))
        {
            return [];
        }

        var files = Directory
            .EnumerateFiles(Store, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Store, file))
            .Where(file => !file.StartsWith(".imagetar/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        return [.. files.Select(Describe)];
    }

    private static string Choose() =>
        Environment.GetEnvironmentVariable("IMAGETAR_EXECUTABLE") switch
        {
            null or "" when NativeBuild.IsPossible => NativeBuild.Publish(
                SharedInputs.Repository,
                Path.Combine(AppContext.BaseDirectory, "native")
            ),
            null or "" or "portable" => Path.Combine(AppContext.BaseDirectory, "imagetar"),
            var other => Path.GetFullPath(other),
        };

    private string Describe(string file)
    {
        using var stream = File.OpenRead(Path.Combine(Store, file));
        return $"{file} {stream.Length} {Convert.ToHexStringLower(SHA256.HashData(stream))}";
    }

    private ProgramOptions WithStore(ProgramOptions options)
    {
        var environment = new Dictionary<string, string?>(options.Environment) { ["IMAGETAR_STORE"] = Store };
        // A user's settings must not decide a test.
        environment.TryAdd("SOURCE_DATE_EPOCH", null);
        environment.TryAdd("DOCKER_DEFAULT_PLATFORM", null);
        return options with { Environment = environment };
    }
}
