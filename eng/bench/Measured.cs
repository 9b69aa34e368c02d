using System.Runtime.InteropServices;

namespace ImageTarTasks.Bench;

/// <summary>What one run of a program cost.</summary>
internal sealed record Cost(double Wall, double Cpu, long PeakBytes, long ReadBytes, long WrittenBytes, int ExitCode)
{
    /// <summary>Bytes written that are not in what is left at the end.</summary>
    public long TemporaryBytes { get; init; }
}

/// <summary>
/// Runs a program and measures it as a whole process: CPU time from wait4 (children it waited for included); the bytes
/// it asked the system to read and write from /proc/PID/io, read while it is dead but not yet reaped; the peak memory
/// of the process and its children by looking every few milliseconds (wait4's would count this program, which the
/// process is before it becomes another).
/// </summary>
internal static unsafe partial class Measured
{
    private const int WaitForPid = 1;
    private const int ExitedButStaying = 0x01000004;
    private const int TypicalRusage = 144;
    private const int SampleMilliseconds = 4;

    public static Cost Run(string folder, string output, params IReadOnlyList<string> command)
    {
        // By a shell that is replaced: it changes folder and redirects.
        string[] words =
        [
            "/bin/sh",
            "-c",
            $"cd \"$0\" && exec \"$@\" >\"{output}\" 2>\"{output}.err\" </dev/null",
            folder,
            .. command,
        ];
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var pid = Spawn(words);
        var info = stackalloc byte[128];
        var peak = 0L;
        using var ended = new ManualResetEventSlim();
        var sampler = new Thread(() =>
        {
            do
            {
                peak = Math.Max(peak, Resident(pid));
            } while (!ended.Wait(SampleMilliseconds));
        });
        sampler.Start();
        while (WaitId(WaitForPid, pid, info, ExitedButStaying) != 0) { }

        var wall = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
        ended.Set();
        sampler.Join();
        var io = ReadIo(pid);
        var usage = stackalloc long[TypicalRusage / sizeof(long)];
        int status;
        if (Wait4(pid, &status, 0, usage) != pid)
        {
            throw new InvalidOperationException($"{command[0]} cannot be waited for");
        }

        return new Cost(
            wall,
            usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6),
            peak,
            io.Read,
            io.Written,
            (status & 0x7f) != 0 ? 128 : (status >> 8) & 0xff
        );
    }

    /// <summary>Starts a program that stays, its output into a file; stopped by <see cref="Stop"/>.</summary>
    public static int Start(string output, params IReadOnlyList<string> command) =>
        Spawn(["/bin/sh", "-c", $"exec \"$@\" >\"{output}\" 2>&1 </dev/null", "sh", .. command]);

    /// <summary>Asks a started program to end, and waits for it.</summary>
    public static void Stop(int pid)
    {
        const int Terminate = 15;
        int status;
        _ = Kill(pid, Terminate);
        _ = Wait4(pid, &status, 0, null);
    }

    /// <summary>The largest resident size of a process since <see cref="ForgetPeak"/>.</summary>
    public static long Peak(int pid) =>
        File.ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]
            is var kilobytes
            ? long.Parse(kilobytes, null) * 1024
            : 0;

    /// <summary>Sets the peak of a process to what it has now.</summary>
    public static void ForgetPeak(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    /// <summary>Bytes read and written so far by a process.</summary>
    public static (long Read, long Written) ReadIo(int pid)
    {
        var values = File.ReadLines($"/proc/{pid}/io")
            .Select(line => line.Split(": "))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], null));
        return (values["rchar"], values["wchar"]);
    }

    /// <summary>The largest resident sizes of a process and of the children it has now; 0 when it has ended.</summary>
    private static long Resident(int pid)
    {
        try
        {
            var sum = 0L;
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    sum += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) * 1024;
                }
            }

            foreach (
                var child in File.ReadAllText($"/proc/{pid}/task/{pid}/children")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            )
            {
                sum += Resident(int.Parse(child, null));
            }

            return sum;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static int Spawn(string[] words)
    {
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .Select(pair => $"{pair.Key}={pair.Value}")
            .ToArray();
        var arguments = Pointers(words);
        var variables = Pointers(environment);
        int pid;
        var error = PosixSpawn(&pid, words[0], 0, 0, arguments, variables);
        return error == 0 ? pid : throw new InvalidOperationException($"{words[0]} does not start: error {error}");
    }

    /// <summary>Kept until the program ends: a few kilobytes a run.</summary>
    private static nint* Pointers(string[] texts)
    {
        var pointers = (nint*)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(nint));
        for (var i = 0; i < texts.Length; i++)
        {
            pointers[i] = Marshal.StringToCoTaskMemUTF8(texts[i]);
        }

        return pointers;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int PosixSpawn(
        int* pid,
        string path,
        nint actions,
        nint attributes,
        nint* arguments,
        nint* environment
    );

    [LibraryImport("libc", EntryPoint = "waitid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int WaitId(int kind, int id, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "wait4")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Wait4(int pid, int* status, int options, long* usage);
}
