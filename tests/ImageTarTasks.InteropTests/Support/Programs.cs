using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>What a program left behind.</summary>
/// <param name="Command">The command line, for messages.</param>
/// <param name="ExitCode">Its exit code; 128 and a signal's number when one ended it.</param>
/// <param name="Bytes">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
/// <param name="PeakMemory">The most memory it had resident, in bytes, as far as was seen while it ran.</param>
/// <param name="ProcessorTime">
/// The time it computed. The load of the machine does not change it; a program that waits is killed after its timeout.
/// </param>
internal sealed record ProgramResult(
    string Command,
    int ExitCode,
    byte[] Bytes,
    string Error,
    long PeakMemory,
    TimeSpan ProcessorTime
)
{
    /// <summary>Standard output as text.</summary>
    public string Output => Encoding.UTF8.GetString(Bytes);

    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fails the test when the program failed.</summary>
    public ProgramResult Succeeds()
    {
        Assert.AreEqual(0, ExitCode, $"{Command}\n{Output}\n{Error}");
        return this;
    }

    public override string ToString() => $"{Command}\nexit {ExitCode}\n{Output}\n{Error}";
}

/// <summary>How to start a program; the defaults do for most.</summary>
internal sealed record ProgramOptions
{
    /// <summary>Bytes for standard input; empty when null.</summary>
    public byte[]? Input { get; init; }

    /// <summary>A file for standard input, through a pipe.</summary>
    public string? InputFile { get; init; }

    /// <summary>A file for standard output, through a pipe; the result has none then.</summary>
    public string? OutputFile { get; init; }

    /// <summary>Read standard output and forget it, however much it is.</summary>
    public bool DiscardOutput { get; init; }

    /// <summary>Where it runs; the root when null, so that nothing depends on where tests run.</summary>
    public string? Folder { get; init; }

    /// <summary>Variables set over the inherited ones; null unsets.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>After this it is killed and the test fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);
}

/// <summary>Runs programs.</summary>
internal static class Programs
{
    /// <summary>Runs a program to its end and insists on exit code 0.</summary>
    public static ProgramResult Run(string program, params IReadOnlyList<string> arguments) =>
        Try(program, arguments).Succeeds();

    /// <summary>Runs a shell script to its end and insists on exit code 0.</summary>
    public static ProgramResult Shell(string script, string? folder = null) =>
        Try("/bin/sh", ["-ec", script], new ProgramOptions { Folder = folder }).Succeeds();

    /// <summary>Runs a program to its end.</summary>
    public static ProgramResult Try(string program, IReadOnlyList<string> arguments, ProgramOptions? options = null)
    {
        options ??= new ProgramOptions();
        var watch = Stopwatch.StartNew();
        using var process = Start(program, arguments, options);
        var command = program + " " + string.Join(' ', arguments);

        var error = process.StandardError.ReadToEndAsync();
        var output = Task.Run(() => Drain(process, options));
        var input = Task.Run(() => Feed(process, options));
        var peak = 0L;
        var computed = TimeSpan.Zero;
        while (!process.WaitForExit(5))
        {
            peak = Math.Max(peak, PeakMemory(process.Id));
            computed = ProcessorTime(process) ?? computed;
            if (watch.Elapsed > options.Timeout)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                Assert.Fail($"{command}\nhad not ended after {options.Timeout}");
            }
        }

        // A child that outlives the program would hold its pipes open for ever.
        Assert.IsTrue(
            Task.WaitAll([error, output, input], TimeSpan.FromSeconds(30)),
            $"{command}\nended, but its output did not"
        );
        return new ProgramResult(command, process.ExitCode, output.Result, error.Result, peak, computed);
    }

    private static TimeSpan? ProcessorTime(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has just ended.
            return null;
        }
    }

    /// <summary>Starts a program and lets it run; its three streams are pipes.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments, ProgramOptions options)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.Folder ?? "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException(program + " did not start");
    }

    private static byte[] Drain(Process process, ProgramOptions options)
    {
        if (options.DiscardOutput)
        {
            process.StandardOutput.BaseStream.CopyTo(Stream.Null);
            return [];
        }

        if (options.OutputFile is not null)
        {
            using var target = File.Create(options.OutputFile);
            process.StandardOutput.BaseStream.CopyTo(target);
            return [];
        }

        using var bytes = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void Feed(Process process, ProgramOptions options)
    {
        try
        {
            using var target = process.StandardInput.BaseStream;
            if (options.InputFile is not null)
            {
                using var source = File.OpenRead(options.InputFile);
                source.CopyTo(target);
            }
            else
            {
                target.Write(options.Input ?? []);
            }
        }
        catch (IOException)
        {
            // The program may stop reading whenever it likes; its exit code tells whether it should have.
            return;
        }
    }

    private static long PeakMemory(int process)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture) * 1024;
                }
            }

            return 0;
        }
        catch (IOException)
        {
            // It ended between the look and the read.
            return 0;
        }
    }
}
