using System.Reflection;
using System.Runtime.InteropServices;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Presentation.Templates;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>Shows the version of this program, and of what it runs on.</summary>
/// <remarks>
/// Docker's client asks a server. Here they are one program, so a template reads the same from Client and Server.
/// </remarks>
[MSBuildMultiThreadableTask]
[Verb("version", Example = "imagetar version --format '{{.Client.Version}}'")]
public sealed class ShowVersion : ImageTask
{
    /// <summary>How to print: json, or a template of Go's.</summary>
    [Option("-f", "--format", ValueName = "FORMAT")]
    public string? Format { get; set; }

    /// <summary>The version, such as 0.1.0.</summary>
    [Output]
    public string Version { get; set; } = "";

    /// <summary>The store is not looked at.</summary>
    private protected override bool IsReadOnly => true;

    private protected override void Run(ImageStore store)
    {
        var version = ProgramVersion.Current;
        Version = version.Text;
        var program = new RecordValue("imagetar")
            .With("Version", new SafeText(version.Text))
            .With("GitCommit", new SafeText(version.Commit))
            .With("Runtime", new SafeText(RuntimeInformation.FrameworkDescription))
            .With("Os", new SafeText(Platform.Host.Os))
            .With("Arch", new SafeText(Platform.Host.Architecture));
        if (!string.IsNullOrEmpty(Format))
        {
            var both = new RecordValue("versionInfo").With("Client", program).With("Server", program);
            Reporter.Result(Template.ParseFormat(Format).Execute(both));
            return;
        }

        Reporter.Result("Client:");
        Reporter.Result($" Version:    {version.Text}");
        Reporter.Result($" Git commit: {version.Commit}");
        Reporter.Result($" Runtime:    {RuntimeInformation.FrameworkDescription}");
        Reporter.Result($" OS/Arch:    {Platform.Host}");
    }
}

/// <summary>The version of this program, as the build wrote it.</summary>
/// <param name="Text">The version, such as <c>0.1.0</c>.</param>
/// <param name="Commit">The commit it was built from, or empty.</param>
internal sealed record ProgramVersion(string Text, string Commit)
{
    /// <summary>The version of these tasks, which is that of the tool, too.</summary>
    public static ProgramVersion Current { get; } =
        typeof(ProgramVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')
            is [var text, .. var commit]
            ? new ProgramVersion(text, commit.FirstOrDefault() ?? "")
            : throw new InvalidOperationException("the assembly has no version");
}
