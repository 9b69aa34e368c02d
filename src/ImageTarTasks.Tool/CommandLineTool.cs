using System.Runtime.InteropServices;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Tool.Terminal;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool;

/// <summary>The tool: parses a command line, creates the task it names and executes the task.</summary>
/// <param name="verbs">The verbs of the tool.</param>
/// <param name="console">The standard streams.</param>
/// <param name="readEnvironment">Reads an environment variable.</param>
internal sealed class CommandLineTool(
    IReadOnlyList<Verb> verbs,
    ToolConsole console,
    Func<string, string?> readEnvironment
)
{
    /// <summary>The name of the program.</summary>
    public const string Name = "imagetar";

    // A verb that waits for input would never get to undo anything, so the process does not wait for it without limit.
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private ImageTask? _runningTask;
    private int? _stopExitCode;
    private Timer? _graceTimer;

    /// <summary>
    /// Loads the texts of help pages; called only to print a page. Tests add the texts of their own verbs.
    /// </summary>
    public Func<HelpTexts> LoadHelpTexts { get; init; } = () => new HelpTexts(HelpTexts.Embedded());

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code of the process, one of <see cref="ExitCodes"/>.</returns>
    public int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            var code = Dispatch(arguments);
            console.Flush();
            return code;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.OutputClosed;
        }
    }

    /// <summary>
    /// Handles a signal to stop: cancels the running verb, and ends the process when the verb has not stopped after
    /// three seconds. The next verb removes what a process that ended this way left in the store, as after a kill.
    /// </summary>
    public void Stop(PosixSignalContext signal)
    {
        lock (_lock)
        {
            // The system's default action ends the process at a second signal, or when no verb is running.
            signal.Cancel = _runningTask is not null && _stopExitCode is null;
            var code = signal.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
            _stopExitCode = code;
            _runningTask?.Cancel();
            _graceTimer ??= new Timer(_ => Environment.Exit(code), null, GracePeriod, Timeout.InfiniteTimeSpan);
        }
    }

    private int Dispatch(IReadOnlyList<string> arguments)
    {
        var root = CommandGroup.Create(verbs);
        if (Completion.GetLineToComplete(arguments) is { } line)
        {
            foreach (var proposal in Completion.Complete(root, line, OpenStore))
            {
                console.Out.WriteLine(proposal);
            }

            return ExitCodes.Success;
        }

        switch (CommandParser.Parse(root, arguments))
        {
            case PrintVersion:
                console.Out.WriteLine($"{Name} version {ProgramVersion.Current.Text}");
                return ExitCodes.Success;
            case ShowGroupHelp help:
                CreateHelpPage().Write(help.Group);
                return ExitCodes.Success;
            case ShowVerbHelp help:
                CreateHelpPage().Write(help.Path, help.Verb);
                return ExitCodes.Success;
            case ReportUsageError report:
                console.Errors.WriteLine(report.Error.Text);
                return report.Error.ExitCode;
            case RunVerb command:
                return Execute(command);
            case var unknown:
                throw new InvalidOperationException($"{unknown} has no case here");
        }
    }

    private ImageStore OpenStore() =>
        ImageStore.OpenReadOnly(StoreLocation.Resolve(null, readEnvironment), new ConsoleReporter(console));

    private HelpPage CreateHelpPage() => new(LoadHelpTexts(), console.Out);

    private int Execute(RunVerb command)
    {
        var task = Binder.Bind(command);
        task.Streams = console.CreateStandardStreams();
        task.ReadEnvironment = readEnvironment;
        lock (_lock)
        {
            _runningTask = task;
        }

        var succeeded = task.Execute();
        lock (_lock)
        {
            _runningTask = null;
        }

        return succeeded ? ExitCodes.Success
            : console.OutputIsClosed ? ExitCodes.OutputClosed
            : _stopExitCode ?? ExitCodes.Failure;
    }
}
