using System.Diagnostics;

namespace ImageTarTasks.Tests.Archives;

/// <summary>Runs a third-party program as a judge.</summary>
internal static class ThirdParty
{
    /// <summary>What it wrote to standard output; a failure fails the test with what it said.</summary>
    public static byte[] Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output.ToArray();
    }
}
