using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using ImageTarTasks.TaskBases;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Tool.Terminal;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tool;

/// <summary>The tool: parses a command line, makes the task it names, and executes that.</summary>
/// <param name="verbs">What it can do.</param>
/// <param name="console">Where it reads and writes.</param>
/// <param name="readEnvironment">How environment variables are read.</param>
internal sealed class CommandLineTool(IReadOnlyList<Verb> verbs, ToolConsole console, Func<string, string?> readEnvironment)
{
    /// <summary>What people type.</summary>
    public const string Name = "imagetar";

    // A response file would turn the argument @name, which Docker takes literally, into the words of a file.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>How long a verb may take to undo what it began; one that waits for input that does not come would take for ever.</summary>
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private ImageTask? _runningTask;
    private int? _stopExitCode;
    private Timer? _graceTimer;

    /// <summary>Loads the texts of help pages; called only when a page is printed. Tests add those of their own verbs.</summary>
    public Func<HelpTexts> LoadHelpTexts { get; init; } = () => new HelpTexts(HelpTexts.Embedded());

    /// <summary>Runs one command line; the answer is the exit code.</summary>
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
    /// Answers a signal: the running verb stops soon, or the process ends without it, as if it were killed; what it leaves then, the next one removes.
    /// </summary>
    public void Stop(PosixSignalContext signal)
    {
        lock (_lock)
        {
            // A second signal, or one before a verb began, ends the process the system's way.
            signal.Cancel = _runningTask is not null && _stopExitCode is null;
            var code = signal.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
            _stopExitCode = code;
            _runningTask?.Cancel();
            _graceTimer ??= new Timer(_ => Environment.Exit(code), null, GracePeriod, Timeout.InfiniteTimeSpan);
        }
    }

    private int Dispatch(IReadOnlyList<string> arguments)
    {
        var tree = new CommandTree(verbs);
        if (tree.FindVerb(arguments, out var depth) is { } named)
        {
            if (!OptionParser.TryParse(named.Verb, arguments.Skip(depth).ToArray(), out var spelled, out var unreadable))
            {
                return WriteUsageError(UsageErrors.InvalidOption(named.Path, unreadable));
            }

            arguments = [.. arguments.Take(depth), .. spelled];
        }

        var parsed = tree.Root.Parse(arguments, Parser);
        var command = parsed.CommandResult.Command;
        if (parsed.Tokens is [{ Type: TokenType.Directive }, ..])
        {
            return parsed.Invoke(new InvocationConfiguration { Output = console.Out, Error = console.Errors });
        }

        if (parsed.GetValue(tree.Version) && command == tree.Root)
        {
            console.Out.WriteLine($"{Name} version {ToolVersion.Text}");
            return ExitCodes.Success;
        }

        if (parsed.GetValue(tree.Help))
        {
            new HelpPage(tree, LoadHelpTexts(), console.Out).Write(command);
            return ExitCodes.Success;
        }

        if (UsageErrors.Find(tree, parsed) is { } fault)
        {
            return WriteUsageError(fault);
        }

        if (tree.FindVerb(command) is not { } verb)
        {
            new HelpPage(tree, LoadHelpTexts(), console.Out).Write(command);
            return ExitCodes.Success;
        }

        return Execute(verb, parsed);
    }

    private int WriteUsageError(UsageError error)
    {
        console.Errors.WriteLine(error.Text);
        return error.ExitCode;
    }

    private int Execute(VerbCommand command, ParseResult parseResult)
    {
        var task = Binder.Bind(command, parseResult);
        task.Streams = console.CreateStandardStreams();
        task.ReadEnvironment = readEnvironment;
        lock (_lock)
        {
            _runningTask = task;
        }

        var done = task.Execute();
        lock (_lock)
        {
            _runningTask = null;
        }

        return done ? ExitCodes.Success
            : console.OutputIsClosed ? ExitCodes.OutputClosed
            : _stopExitCode ?? ExitCodes.Failure;
    }
}
