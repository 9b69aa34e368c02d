using System.Collections;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>MSBuild as a task sees it; keeps what it is told.</summary>
internal sealed class BuildLog : IBuildEngine
{
    public List<BuildErrorEventArgs> Errors { get; } = [];

    public List<BuildWarningEventArgs> Warnings { get; } = [];

    public List<BuildMessageEventArgs> Messages { get; } = [];

    /// <summary>What a build shows at normal verbosity.</summary>
    public IEnumerable<string?> Shown =>
        Messages.Where(m => m.Importance == MessageImportance.High).Select(m => m.Message);

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 0;

    public int ColumnNumberOfTaskNode => 0;

    public string ProjectFileOfTaskNode => "test.proj";

    /// <summary>Executes a task; the test fails unless it does as expected.</summary>
    public static BuildLog Of(ImageTask task, bool succeeds = true)
    {
        var log = new BuildLog();
        task.BuildEngine = log;
        Assert.AreEqual(succeeds, task.Execute(), string.Join('\n', log.Errors.Select(e => e.Message)));
        Assert.AreEqual(
            succeeds,
            log.Errors.Count == 0,
            "MSBuild reports MSB4181 for a task that fails without an error"
        );
        return log;
    }

    public bool BuildProjectFile(
        string projectFileName,
        string[] targetNames,
        IDictionary globalProperties,
        IDictionary targetOutputs
    ) => false;

    public void LogCustomEvent(CustomBuildEventArgs e) { }

    public void LogErrorEvent(BuildErrorEventArgs e) => Errors.Add(e);

    public void LogMessageEvent(BuildMessageEventArgs e) => Messages.Add(e);

    public void LogWarningEvent(BuildWarningEventArgs e) => Warnings.Add(e);
}
