using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tool;

/// <summary>Says what it was <see cref="Words"/> given.</summary>
/// <remarks>Only tests have it.</remarks>
[Verb("echo", "test echo", Example = "imagetar echo -aq hello")]
public sealed class EchoTask : ImageTask
{
    /// <summary>The words.</summary>
    [Argument(0, "WORD")]
    public string[] Words { get; set; } = [];

    /// <summary>All of it.</summary>
    [Option("-a", "--all")]
    public bool All { get; set; }

    /// <summary>Less of it.</summary>
    [Option("-q", "--quiet")]
    public bool Quiet { get; set; }

    /// <summary>A thing.</summary>
    [Option]
    public string? NoTrunc { get; set; }

    /// <summary>Several things.</summary>
    [Option("-c", "--change", ValueName = "THING")]
    public string[] Changes { get; set; } = [];

    /// <summary>One or two.</summary>
    [Option, Choices("one", "two")]
    public string Number { get; set; } = "one";

    /// <summary>A file.</summary>
    [Option("-o", "--output")]
    public ITaskItem? OutputFile { get; set; }

    /// <summary>What goes wrong.</summary>
    [Option]
    public string? Fail { get; set; }

    private protected override void Run(ImageStore store)
    {
        switch (Fail)
        {
            case "io":
                throw new IOException("the disk said no\n##vso[task.setvariable]");
            case "bug":
                throw new InvalidOperationException("a bug");
            case "cancel":
                Cancel();
                CancellationToken.ThrowIfCancellationRequested();
                break;
            case "warn":
                Reporter.Warn(ValueDiagnostics.InvalidReference("x", "doubtful").Diagnostic);
                break;
            case "each":
                ForEachArgument(Words, word => throw UsageDiagnostics.FileNotFound(word), toleratedCode: null);
                return;
            case "tolerate":
                ForEachArgument(Words, word => throw UsageDiagnostics.FileNotFound(word), toleratedCode: "ITT1005");
                return;
            case "progress":
                Reporter.Progress("e3c855d44764", "Loading layer", 1024, 2048);
                Reporter.Progress("e3c855d44764", "Loading layer", 2048, 2048);
                break;
            case "bytes":
                Streams!.Output.Write(new byte[100_000]);
                break;
            default:
                break;
        }

        foreach (
            var (name, value) in new (string, string?)[]
            {
                ("words", string.Join('|', Words)),
                ("all", All ? "yes" : null),
                ("quiet", Quiet ? "yes" : null),
                ("no-trunc", NoTrunc),
                ("changes", string.Join('|', Changes)),
                ("number", Number == "one" ? null : Number),
                ("output", OutputFile?.ItemSpec),
            }
        )
        {
            if (!string.IsNullOrEmpty(value))
            {
                Reporter.Result($"{name}={value}");
            }
        }
    }
}

/// <summary>Starts a program.</summary>
[Verb("start")]
public sealed class StartTask : ImageTask
{
    /// <summary>The program's name.</summary>
    [Argument(0, "PROGRAM")]
    public string Program { get; set; } = "";

    /// <summary>What it is told.</summary>
    [Argument(1, "COMMAND", IsOptional = true, IsTrailingCommand = true)]
    public string[] Command { get; set; } = [];

    /// <summary>A name.</summary>
    [Option]
    public string? Name { get; set; }

    private protected override void Run(ImageStore store) =>
        Reporter.Result($"{Name}: {Program}: {string.Join('|', Command)}");
}
