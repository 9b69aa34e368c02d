// Times imagetar beside other programs and beside what the machine allows: `dotnet run --project eng/bench -c Release
// -- [--quick]`. With `parts`: parts of the core, by BenchmarkDotNet.
using System.Text.Json;
using ImageTarTasks.Bench;

if (args is ["limit", .. var limit])
{
    return Limit.Run(limit);
}

if (args is ["parts", .. var filter])
{
    return Parts.Run(filter);
}

if (args is ["nothing"])
{
    Console.WriteLine("nothing");
    return 0;
}

var quick = args.Contains("--quick");
var scratch = Path.GetFullPath(Option("--scratch") ?? "artifacts/bench");
var runs = int.Parse(Option("--runs") ?? (quick ? "3" : "5"), null);
var only = Option("--only");
var isCold = args.Contains("--cold");
var portable = Path.GetFullPath("src/ImageTarTasks.Tool/bin/Release/net10.0/imagetar");
var imagetar = Path.GetFullPath(
    Option("--imagetar") ?? "artifacts/native/publish/ImageTarTasks.Tool/release_linux-x64/imagetar"
);
if (!File.Exists(imagetar))
{
    Console.Error.WriteLine($"{imagetar} is missing: eng/pack-tool.sh, or --imagetar PATH");
    return 2;
}

Directory.CreateDirectory(scratch);
var inputs = new Inputs(scratch);
var scale = quick ? 10 : 1;
inputs.Make("layers", 12, 5834 / scale, 92_000_000 / scale, all: true);
if (!quick)
{
    inputs.Make("million", 1, 1_000_000, 100_000_000, all: false);
    inputs.Make("big", 1, 400, 2_000_000_000, all: false);
}

using var docker = args.Contains("--no-docker") ? null : DockerEngine.TryStart(scratch);
var jobs = new Jobs(imagetar, File.Exists(portable) ? portable : null, Environment.ProcessPath!, docker);
foreach (var script in jobs.Preparations(quick))
{
    if (Run(["/bin/sh", "-c", script]).ExitCode != 0)
    {
        Console.Error.WriteLine($"preparation failed: {script}\n{File.ReadAllText(OutputFile() + ".err")}");
        return 1;
    }
}

var results = new List<Result>();
Console.WriteLine(Result.Header);
foreach (var job in jobs.All(quick).Where(job => only is null || job.Name.Contains(only, StringComparison.Ordinal)))
{
    var costs = job.Contenders.Select(_ => new List<Cost>()).ToArray();
    for (var run = 0; run <= runs; run++)
    {
        for (var turn = 0; turn < job.Contenders.Length; turn++)
        {
            // In another order each round: what one leaves behind (memory to be found again, a daemon's last work)
            // would burden always the same next one.
            var i = (turn + run) % job.Contenders.Length;

            // What an earlier run left to be written to the disk must not be this one's burden.
            Run([
                "/bin/sh",
                "-c",
                job.Contenders[i].Before + "; sync" + (isCold ? "; echo 3 >/proc/sys/vm/drop_caches" : ""),
            ]);
            var left = Left();
            var cost =
                job.Contenders[i].Name == "docker"
                    ? WithEngine(() => Run(job.Contenders[i].Command))
                    : Run(job.Contenders[i].Command);
            cost = cost with { TemporaryBytes = Math.Max(0, cost.WrittenBytes - (Left() - left)) };
            if (cost.ExitCode != 0)
            {
                Console.Error.WriteLine(
                    $"{job.Name}: {job.Contenders[i].Name} ended with {cost.ExitCode}: "
                        + $"{File.ReadAllText(OutputFile() + ".err").Trim()}"
                );
            }

            // The first run warms the page cache and is not counted.
            if (run > 0)
            {
                costs[i].Add(cost);
            }
        }
    }

    for (var i = 0; i < job.Contenders.Length; i++)
    {
        results.Add(new Result(job.Name, job.Contenders[i].Name, [.. costs[i]], [.. costs[0]]));
        Console.WriteLine(results[^1].Row);
    }
}

File.WriteAllText(
    Path.Combine(scratch, "results.json"),
    JsonSerializer.Serialize(results.Select(result => result.ForJson), Result.JsonOptions)
);
File.WriteAllText(Path.Combine(scratch, "results.svg"), Chart.Draw(results));
Console.WriteLine(
    $"\n{scratch}/results.json, results.svg; {Environment.ProcessorCount} processors, median "
        + $"of {runs} runs, page cache {(isCold ? "cold" : "warm")}"
);
return results.Any(result => result.Program == "imagetar" && result.Failed) ? 1 : 0;

string? Option(string name) =>
    Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

string OutputFile() => Path.Combine(scratch, "output");

// Bytes of everything a job makes, inputs and the engine aside.
long Left() =>
    "out.tar out.packed out.limit fresh fresh-skopeo store-once"
        .Split(' ')
        .Select(name => Path.Combine(scratch, name))
        .Sum(path =>
            File.Exists(path) ? new FileInfo(path).Length
            : Directory.Exists(path)
                ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
            : 0
        );

Cost Run(string[] command) => Measured.Run(scratch, OutputFile(), command);

// Most of docker's work is its daemon's.
Cost WithEngine(Func<Cost> run)
{
    Measured.ForgetPeak(docker!.Pid);
    var before = Measured.ReadIo(docker.Pid);
    var cost = run();
    var after = Measured.ReadIo(docker.Pid);
    return cost with
    {
        PeakBytes = cost.PeakBytes + Measured.Peak(docker.Pid),
        ReadBytes = cost.ReadBytes + after.Read - before.Read,
        WrittenBytes = cost.WrittenBytes + after.Written - before.Written,
    };
}
