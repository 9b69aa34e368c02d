using System.Text;
using System.Xml.Linq;
using ImageTarTasks.Tool;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Tool.Terminal;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tests.Tool;

/// <summary>What one command line did, in this process.</summary>
internal sealed record ToolRun(int ExitCode, byte[] OutBytes, string Errors)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The verbs of the product.</summary>
    public static IReadOnlyList<Verb> Product { get; } = Verb.All;

    /// <summary>Runs a command line over the store at <paramref name="store"/>.</summary>
    public static ToolRun Of(string store, params string[] arguments) => Of(store, new Setting(), arguments);

    /// <summary>Runs a command line.</summary>
    public static ToolRun Of(string store, Setting setting, params string[] arguments)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        using var console = new ToolConsole(
            setting.Input ?? Stream.Null,
            new StandardOutputStream(setting.Output ?? output),
            errors
        )
        {
            InputIsTerminal = setting.InputIsTerminal,
            OutputIsTerminal = setting.OutputIsTerminal,
            ErrorIsTerminal = setting.ErrorIsTerminal,
            Width = () => 120,
        };
        var tool = new CommandLineTool(
            setting.Verbs ?? Product,
            console,
            setting.Environment ?? (name => name == "IMAGETAR_STORE" ? store : null)
        )
        {
            LoadHelpTexts = () =>
                new HelpTexts(
                    HelpTexts.Embedded(),
                    XDocument.Load(Path.Combine(AppContext.BaseDirectory, "ImageTarTasks.Tests.xml"))
                ),
        };
        var code = tool.Run(arguments);
        return new ToolRun(code, output.ToArray(), Encoding.UTF8.GetString(errors.ToArray()));
    }

    /// <summary>What stands around the tool.</summary>
    internal sealed record Setting
    {
        public Stream? Input { get; init; }

        public Stream? Output { get; init; }

        public bool InputIsTerminal { get; init; }

        public bool OutputIsTerminal { get; init; }

        public bool ErrorIsTerminal { get; init; }

        public IReadOnlyList<Verb>? Verbs { get; init; }

        public Func<string, string?>? Environment { get; init; }
    }
}
