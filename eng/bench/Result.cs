using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ImageTarTasks.Bench;

/// <summary>What a program's runs of a job came to, beside imagetar's runs of the same rounds.</summary>
internal sealed class Result(string job, string program, Cost[] costs, Cost[] ours)
{
    public const string Header =
        "| job | program | seconds (min..max) | ratio (min..max) | CPU s | peak MB | read MB | "
        + "written MB | not kept MB |\n|---|---|---|---|---|---|---|---|---|";

    public static JsonSerializerOptions JsonOptions { get; } = new() { WriteIndented = true };

    public string Job => job;

    public string Program => program;

    public bool Failed => costs.Any(cost => cost.ExitCode != 0);

    public double Wall => Median(cost => cost.Wall);

    public string Row
    {
        get
        {
            // Each round ran the programs one after another, so a ratio is taken within a round.
            var ratios = costs.Zip(ours, (other, own) => other.Wall / own.Wall).Order().ToArray();
            var ratio =
                program == "imagetar"
                    ? ""
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{ratios[ratios.Length / 2]:0.00} ({ratios[0]:0.00}..{ratios[^1]:0.00})"
                    );
            return Failed
                ? $"| {job} | {program} | failed | | | | | | |"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {job} | {program} | {Wall:0.000} "
                        + $"({costs.Min(cost => cost.Wall):0.000}..{costs.Max(cost => cost.Wall):0.000}) | "
                        + $"{ratio} | {Median(cost => cost.Cpu):0.00} | {Median(cost => cost.PeakBytes) / 1e6:0} "
                        + $"| {Median(cost => cost.ReadBytes) / 1e6:0} | "
                        + $"{Median(cost => cost.WrittenBytes) / 1e6:0} | "
                        + $"{(program is "docker" or "tar|docker" ? null : Median(cost => cost.TemporaryBytes) / 1e6):0} "
                        + $"|"
                );
        }
    }

    public object ForJson =>
        new
        {
            job,
            program,
            failed = Failed,
            runs = costs,
        };

    private double Median(Func<Cost, double> value) => costs.Select(value).Order().ElementAt(costs.Length / 2);
}

/// <summary>The table as bars.</summary>
internal static class Chart
{
    private const int BarHeight = 14;
    private const int Left = 330;
    private const int Width = 500;

    public static string Draw(IReadOnlyList<Result> results)
    {
        var svg = new StringBuilder();
        var y = 10;
        foreach (var job in results.Where(result => !result.Failed).GroupBy(result => result.Job))
        {
            var longest = job.Max(result => result.Wall);
            foreach (var result in job)
            {
                var colour = result.Program switch
                {
                    "imagetar" => "#2a7",
                    "limit" => "#bbb",
                    _ => "#57c",
                };
                var width = Math.Max(1, Width * result.Wall / longest);
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<text x=\"{Left - 8}\" y=\"{y + 11}\" text-anchor=\"end\">{result.Job}: {result.Program}</text>"
                );
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect x=\"{Left}\" y=\"{y}\" width=\"{width:0.0}\" height=\"{BarHeight - 2}\" fill=\"{colour}\"/>"
                );
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<text x=\"{Left + width + 6:0.0}\" y=\"{y + 11}\">{result.Wall:0.00} s</text>\n"
                );
                y += BarHeight;
            }

            y += BarHeight / 2;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + Width + 80}\" "
                + $"height=\"{y + 10}\" font-family=\"sans-serif\" font-size=\"11\">\n{svg}</svg>\n"
        );
    }
}
