using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.Reporting;
using Microsoft.Build.Framework;

namespace ImageTarTasks.TaskBases;

/// <summary>
/// What every task and verb has: the store, cancellation, and one place where failures become coded diagnostics. A task says in
/// <see cref="Run"/> what it does, and nothing else: no <c>catch</c>, no console, no environment.
/// </summary>
/// <remarks>
/// MSBuild looks for <see cref="MSBuildMultiThreadableTaskAttribute"/> on each class, not on its base: every task carries it. It promises
/// that a task keeps no static state and takes paths as items, whose full path MSBuild knows, never from the current directory.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A cancellation source without a timer holds nothing, and MSBuild may call Cancel after Execute returned.")]
[DynamicallyAccessedMembers(ReflectedMembers)]
public abstract class ImageTask : Microsoft.Build.Utilities.Task, ICancelableTask
{
    /// <summary>The members of a task's type that are read by reflection; the native compiler keeps them.</summary>
    internal const DynamicallyAccessedMemberTypes ReflectedMembers =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

    private readonly CancellationTokenSource _cancellationSource = new();
    private bool _failed;

    /// <summary>The folder of the image store. [default: $IMAGETAR_STORE, else imagetar in the user's data folder]</summary>
    [Option(ValueName = "FOLDER")]
    public ITaskItem? Store { get; set; }

    /// <summary>What the tool lends to its verbs; null in a build, which has no standard streams.</summary>
    internal StandardStreams? Streams { get; set; }

    /// <summary>How an environment variable is read; only defaults of options come from there.</summary>
    internal Func<string, string?> ReadEnvironment { get; set; } = Environment.GetEnvironmentVariable;

    /// <summary>Where the task says what it did.</summary>
    private protected ITaskReporter Reporter { get; private set; } = null!;

    /// <summary>Set when the build or the user gives up.</summary>
    private protected CancellationToken CancellationToken => _cancellationSource.Token;

    /// <summary>Whether the task only looks for content in the store, which then need not be there.</summary>
    private protected virtual bool IsReadOnly => false;

    /// <summary>Asks the task to stop soon; what it had begun leaves no trace.</summary>
    public void Cancel() => _cancellationSource.Cancel();

    /// <summary>Runs the task: true when it did all it was asked for, false after it logged why not, or when it was cancelled.</summary>
    public sealed override bool Execute()
    {
        Reporter = Streams?.Reporter ?? new BuildReporter(Log);
        try
        {
            CancellationToken.ThrowIfCancellationRequested();
            CheckChoices();
            var root = StoreLocation.Resolve(Store, ReadEnvironment);
            Run(IsReadOnly ? ImageStore.OpenReadOnly(root, Reporter) : ImageStore.Open(root, Reporter));
            return !_failed;
        }
        catch (ImageTarException failure)
        {
            Reporter.Error(failure.Diagnostic);
        }
        catch (OperationCanceledException)
        {
            // Whoever cancelled knows; MSBuild asks a cancelled task for no error.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Reporter.Error(UsageDiagnostics.InputOutputFailed(failure).Diagnostic);
        }

        return false;
    }

    /// <summary>Does what the task is for, in terms of the core.</summary>
    /// <exception cref="ImageTarException">Anything a user can cause.</exception>
    private protected abstract void Run(ImageStore store);

    /// <summary>
    /// Does <paramref name="action"/> for every argument, whatever happens to the others; then the task fails with all their errors. Those of
    /// <paramref name="toleratedCode"/> are told without failing.
    /// </summary>
    private protected void ForEachArgument(IEnumerable<string> arguments, Action<string> action, string? toleratedCode = null)
    {
        var failures = new List<Diagnostic>();
        foreach (var argument in arguments)
        {
            CancellationToken.ThrowIfCancellationRequested();
            try
            {
                action(argument);
            }
            catch (ImageTarException failure)
            {
                failures.Add(failure.Diagnostic);
            }
        }

        foreach (var failure in failures)
        {
            if (failure.Code == toleratedCode)
            {
                Reporter.Note(failure);
            }
            else
            {
                ReportError(failure);
            }
        }
    }

    /// <summary>Checks every property that allows only some values.</summary>
    /// <exception cref="ImageTarException">ITT1003.</exception>
    private void CheckChoices()
    {
        foreach (var property in GetType().GetProperties())
        {
            if (property.GetCustomAttribute<ChoicesAttribute>() is { } choices && property.GetValue(this) is string value
                && !choices.Values.Contains(value, StringComparer.OrdinalIgnoreCase))
            {
                throw UsageDiagnostics.InvalidChoice(property.Name, value, choices.Values);
            }
        }
    }

    /// <summary>Tells an error and goes on; in the end the task fails.</summary>
    private protected void ReportError(Diagnostic failure)
    {
        _failed = true;
        Reporter.Error(failure);
    }
}
