using System.Runtime.InteropServices;
using ImageTarTasks.Tool;
using ImageTarTasks.Tool.Terminal;
using ImageTarTasks.Verbs;

using var console = ToolConsole.ForCurrentProcess();
var tool = new CommandLineTool(Verb.All, console, Environment.GetEnvironmentVariable);

// The first Ctrl+C asks the verb to undo what it began; the second one meets the system's own answer.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, tool.Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, tool.Stop);
return tool.Run(args);
