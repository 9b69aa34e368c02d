using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// One hostile input, given to the tool in a folder of its own with a store that already holds an image. The work
/// stands three folders deep, so that what climbs out with <c>../</c> is seen.
/// </summary>
internal sealed partial class HostileTrial : IDisposable
{
    private const string Image = "hostile:1";

    private readonly HostileInput _input;
    private readonly Canary _canary;
    private readonly TestFolder _folder = new();
    private readonly string _work;
    private readonly string _source;
    private readonly Imagetar _imagetar;
    private readonly List<ProgramResult> _results = [];
    private string[] _before = [];
    private TarListing? _output;

    public HostileTrial(HostileInput input, string inputs, Canary canary)
    {
        _input = input;
        _canary = canary;
        _work = _folder["a/b/c"];
        Directory.CreateDirectory(_work);
        _imagetar = new Imagetar(Path.Combine(_work, "store"));
        _source = Path.Combine(inputs, input.File);
        if (input.Verb == "layout")
        {
            Directory.CreateDirectory(Path.Combine(_work, "layout"));
            Programs.Run("tar", "-xf", _source, "-C", Path.Combine(_work, "layout"));
            _source = Path.Combine(_work, "layout");
        }
    }

    private string OutputFile => Path.Combine(_work, "out.tar");

    /// <summary>What the tool said, in short.</summary>
    public string Said =>
        string.Join(" | ", _results.Select(result => $"exit {result.ExitCode} {UntrustedHead(result.Error)}"));

    /// <summary>Runs it; yields every invariant that does not hold, and how.</summary>
    public IEnumerable<string> Violations()
    {
        Prepare();
        Act();
        return _input
            .Invariants.Select(invariant => (invariant, fault: Check(invariant)))
            .Where(pair => pair.fault is not null)
            .Select(pair => $"{pair.invariant}: {pair.fault}");
    }

    public void Dispose() => _folder.Dispose();

    private void Prepare()
    {
        var good = _folder["a/good.tar"];
        new HandMadeImage("seed:1", new HandMadeLayer().File("seed", "seed").ToTar()).Write(good);
        _imagetar.Run("load", "-i", good);
        File.Delete(good);
    }

    private void Act()
    {
        string[] limits =
        [
            .. _input.Options.SelectMany(option =>
                new[]
                {
                    "--" + option[..option.IndexOf('=', StringComparison.Ordinal)],
                    option[(option.IndexOf('=', StringComparison.Ordinal) + 1)..],
                }
            ),
        ];
        var image = Image;
        if (_input.Verb == "import-rootfs")
        {
            if (!Step(["import", .. limits, _source, Image]))
            {
                return;
            }
        }
        else
        {
            if (!Step(["load", .. limits, "-i", _source]))
            {
                return;
            }

            image =
                _results[^1]
                    .Lines.LastOrDefault(line => line.StartsWith("Loaded image", StringComparison.Ordinal))
                    ?.Split(": ", 2)[1]
                ?? "";
        }

        if (_input.Verb is "export-flatten" or "import-rootfs" && Step(["create", image]))
        {
            Step(["export", "-o", OutputFile, _results[^1].Output.Trim()]);
        }
    }

    private bool Step(string[] arguments)
    {
        _before = [.. _imagetar.Content()];
        var options = new ProgramOptions { Folder = _work, Timeout = TimeSpan.FromSeconds(60) };
        if (_input.Invariants.Contains("no-network"))
        {
            var environment = new Dictionary<string, string?> { ["IMAGETAR_STORE"] = _imagetar.Store };
            _results.Add(
                Programs.Try(
                    "strace",
                    ["-f", "-qq", "-e", "trace=connect", "-o", _folder["a/trace"], Imagetar.Executable, .. arguments],
                    options with
                    {
                        Environment = environment,
                    }
                )
            );
        }
        else
        {
            _results.Add(_imagetar.Try(arguments, options));
        }

        return _results[^1].ExitCode == 0;
    }

    private string? Check(string invariant)
    {
        var (name, argument) = invariant.Split(':', 2) is [var first, var rest] ? (first, rest) : (invariant, "");
        var (path, value) = argument.LastIndexOf('=') is var split and >= 0
            ? (argument[..split], argument[(split + 1)..])
            : (argument, "");
        var last = _results[^1];
        return name switch
        {
            "exit!=0" => last.ExitCode != 0 ? null : "it was accepted",
            "exit==0" => last.ExitCode == 0 ? null : "it was refused",
            "no-crash" => Crash(),
            "no-escape" => _canary.Harm() ?? Escaped() ?? Leaked(),
            "no-partial-output" => File.Exists(OutputFile) ? "there is an output file"
            : Directory.GetFileSystemEntries(_work).Length > 2 ? "there are files beside the store"
            : null,
            "store-unchanged" => _before.SequenceEqual(_imagetar.Content())
                ? null
                : "the store is another: " + string.Join(", ", _imagetar.Content().Except(_before)),
            "rss<300MB" => _results.Max(result => result.PeakMemory) is var peak && peak < 300L << 20
                ? null
                : $"{peak >> 20} MiB",
            "time<20s" => _results.Max(result => result.ProcessorTime) is var longest
            && longest < TimeSpan.FromSeconds(20)
                ? null
                : $"{longest}",
            "log-clean" => _results.Any(result => Dirty().IsMatch(result.Output + "\n" + result.Error))
                ? "control characters, or a line a CI system obeys"
                : null,
            "no-network" => File.ReadAllText(_folder["a/trace"]).Contains("AF_INET", StringComparison.Ordinal)
                ? "it connected"
                : null,
            "err-names" => last.Error.Contains(argument, StringComparison.Ordinal) ? null : "not named",
            _ when last.ExitCode != 0 => "there is no output",
            "out-has" => Output().BeginningOf(path) is { } content && Output().TypeOf(path) == 'f'
                ? content.StartsWith(value, StringComparison.Ordinal)
                    ? null
                    : $"begins with {UntrustedHead(content)}"
                : "not there, or no file",
            "out-lacks" => Output().TypeOf(argument) == '\0' ? null : "is there",
            "out-type" => (Output().TypeOf(path), value)
                is
                    ('f', "file")
                    or
                    ('d', "dir")
                    or
                    ('l', "symlink")
                    or
                    ('c', "char")
                    or
                    ('p', "fifo")
                ? null
                : $"is '{Output().TypeOf(path)}'",
            "out-name-hex" => Output()
                .Paths.Any(entry => Convert.ToHexStringLower(Encoding.Latin1.GetBytes(entry)) == argument)
                ? null
                : "no such name",
            "out-no-under-link" => Output()
                .Paths.FirstOrDefault(entry => Above(entry).Any(parent => Output().TypeOf(parent) == 'l'))
                is { } below
                ? UntrustedHead(below)
                : null,
            "unique-out" => Output().Entries.Count == Output().Entries.Distinct().Count()
                ? null
                : "a path is there twice",
            _ => "this invariant is not known to the test",
        };
    }

    private string? Crash()
    {
        foreach (var result in _results)
        {
            if (result.ExitCode >= 128 || Stack().IsMatch(result.Error + result.Output))
            {
                return $"exit {result.ExitCode}, or a stack trace";
            }

            if (result.ExitCode != 0 && !CodedLine().IsMatch(result.Error))
            {
                return "no coded line";
            }
        }

        return null;
    }

    private string? Escaped()
    {
        string[] expected = ["a", "a/b", "a/b/c", "a/trace"];
        var strange = Directory
            .EnumerateFileSystemEntries(
                _folder.Root,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    MaxRecursionDepth = 2,
                    AttributesToSkip = 0,
                }
            )
            .Select(entry => Path.GetRelativePath(_folder.Root, entry))
            .Except(expected)
            .Where(entry => !entry.StartsWith("a/b/c/", StringComparison.Ordinal))
            .ToList();
        return strange.Count == 0 ? null : "made " + string.Join(", ", strange);
    }

    private string? Leaked()
    {
        var token = Encoding.ASCII.GetBytes(_canary.Token);
        if (_results.Any(result => (result.Output + result.Error).Contains(_canary.Token, StringComparison.Ordinal)))
        {
            return "the secret was printed";
        }

        var files = Directory
            .EnumerateFiles(_imagetar.Store, "*", SearchOption.AllDirectories)
            .Append(OutputFile)
            .Where(File.Exists);
        return files.FirstOrDefault(file => File.ReadAllBytes(file).AsSpan().IndexOf(token) >= 0) is { } leak
            ? "the secret is in " + leak
            : null;
    }

    private TarListing Output() => _output ??= TarListing.OfFile(OutputFile);

    private static IEnumerable<string> Above(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    private static string UntrustedHead(string text) =>
        Core.Text.UntrustedText.Show(Encoding.UTF8.GetBytes(text.Length > 300 ? text[..300] : text));

    [GeneratedRegex(@"Unhandled exception|^ +at \S+\(|\w+Exception\b", RegexOptions.Multiline)]
    private static partial Regex Stack();

    [GeneratedRegex(@"\berror ITT\d{4}: ")]
    private static partial Regex CodedLine();

    [GeneratedRegex(@"[\x00-\x08\x0b-\x1f\x7f-\x9f]|^\s*(##vso\[|##\[|::)", RegexOptions.Multiline)]
    private static partial Regex Dirty();
}
