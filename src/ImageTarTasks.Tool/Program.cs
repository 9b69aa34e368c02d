using System.Runtime.InteropServices;
using ImageTarTasks.Tool;
using ImageTarTasks.Tool.Terminal;
using ImageTarTasks.Verbs;

using var console = ToolConsole.ForCurrentProcess();
var tool = new CommandLineTool(Verb.All, console, Environment.GetEnvironmentVariable);

// The first Ctrl+C cancels the verb, which then undoes its unfinished work. The second one ends the process.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, tool.Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, tool.Stop);
return tool.Run(args);
