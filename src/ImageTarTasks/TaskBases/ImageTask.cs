using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Options;
using ImageTarTasks.Reporting;
using Microsoft.Build.Framework;

namespace ImageTarTasks.TaskBases;

/// <summary>
/// The base of every task and verb: the store, cancellation, and the one place where failures become coded diagnostics.
/// A task implements <see cref="Run"/> and contains no <c>catch</c>, no console and no environment.
/// </summary>
/// <remarks>
/// MSBuild looks for <see cref="MSBuildMultiThreadableTaskAttribute"/> on each class and not on its base, so every task
/// has it. It promises that a task has no static state but a lock, takes paths as items, whose full path MSBuild knows,
/// and not from the current directory, and changes nothing of the process. Defaults of options come from the
/// environment that MSBuild was started with, which is only read. What a build sets for itself is in the
/// TaskEnvironment of MSBuild; a class that takes it (IMultiThreadableTask) cannot be loaded by MSBuild 18.0, which is
/// supported.
/// </remarks>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "A cancellation source without a timer holds nothing, and MSBuild may call Cancel after "
        + "Execute returned."
)]
[DynamicallyAccessedMembers(ReflectedMembers)]
public abstract class ImageTask : Microsoft.Build.Utilities.Task, ICancelableTask
{
    /// <summary>The members of a task's type that are read by reflection; the native compiler keeps them.</summary>
    internal const DynamicallyAccessedMemberTypes ReflectedMembers =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

    /// <summary>Orders the tasks of a build that ask for its lease at the same time.</summary>
    private static readonly Lock Leases = new();

    private readonly CancellationTokenSource _cancellationSource = new();
    private bool _failed;

    /// <summary>
    /// The folder of the image store. [default: $IMAGETAR_STORE, else imagetar in the user's data folder]
    /// </summary>
    [Option(ValueName = "FOLDER")]
    public ITaskItem? Store { get; set; }

    /// <summary>The standard streams of the tool; null in a build, which has none.</summary>
    internal StandardStreams? Streams { get; set; }

    /// <summary>Reads an environment variable. Only defaults of options come from there.</summary>
    internal Func<string, string?> ReadEnvironment { get; set; } = Environment.GetEnvironmentVariable;

    /// <summary>Receives the results and messages of the task.</summary>
    private protected ITaskReporter Reporter { get; private set; } = null!;

    /// <summary>Set when the build or the user gives up.</summary>
    private protected CancellationToken CancellationToken => _cancellationSource.Token;

    /// <summary>Whether the task only looks for content in the store, which then need not be there.</summary>
    private protected virtual bool IsReadOnly => false;

    /// <summary>Requests the task to stop soon. Unfinished work leaves no trace.</summary>
    public void Cancel() => _cancellationSource.Cancel();

    /// <summary>
    /// Runs the task: true when it succeeded; false after it logged an error, or when it was cancelled.
    /// </summary>
    public sealed override bool Execute()
    {
        Reporter = Streams?.Reporter ?? new BuildReporter(Log);
        try
        {
            CancellationToken.ThrowIfCancellationRequested();
            CheckChoices();
            var root = StoreLocation.Resolve(Store, ReadEnvironment);
            Run(IsReadOnly ? ImageStore.OpenReadOnly(root, Reporter, CancellationToken) : OpenStore(root));
            return !_failed;
        }
        catch (ImageTarException failure)
        {
            Reporter.Error(failure.Diagnostic);
        }
        catch (OperationCanceledException)
        {
            // The user knows about the cancellation. MSBuild expects no error from a cancelled task.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Reporter.Error(UsageDiagnostics.InputOutputFailed(failure).Diagnostic);
        }

        return false;
    }

    /// <summary>
    /// Opens the store. What a task of a build uses stays until the build ends, so that a later task of the same build
    /// finds it, whatever is pruned meanwhile. MSBuild disposes the lease at the end of the build.
    /// </summary>
    private ImageStore OpenStore(string root)
    {
        var store = ImageStore.Open(root, Reporter, CancellationToken);
        if (Streams is null && BuildEngine is IBuildEngine4 engine)
        {
            const RegisteredTaskObjectLifetime Lifetime = RegisteredTaskObjectLifetime.Build;
            var key = (typeof(BuildLease), root);
            lock (Leases)
            {
                store.Lease = engine.GetRegisteredTaskObject(key, Lifetime) as BuildLease;
                if (store.Lease is null)
                {
                    store.Lease = new BuildLease();
                    engine.RegisterTaskObject(key, store.Lease, Lifetime, allowEarlyCollection: false);
                }
            }
        }

        return store;
    }

    /// <summary>Does the work of the task by means of the core.</summary>
    /// <exception cref="ImageTarException">Any error that a user can cause.</exception>
    private protected abstract void Run(ImageStore store);

    /// <summary>
    /// Runs <paramref name="action"/> for every argument, even when others fail. Then the task fails with all their
    /// errors. Errors of <paramref name="toleratedCode"/> are reported without failing the task.
    /// </summary>
    private protected void ForEachArgument(
        IEnumerable<string> arguments,
        Action<string> action,
        string? toleratedCode = null
    )
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
            if (
                property.GetCustomAttribute<ChoicesAttribute>() is { } choices
                && property.GetValue(this) is string value
                && !choices.Values.Contains(value, StringComparer.OrdinalIgnoreCase)
            )
            {
                throw UsageDiagnostics.InvalidChoice(property.Name, value, choices.Values);
            }
        }
    }

    /// <summary>Reports an error and continues. The task fails at its end.</summary>
    private protected void ReportError(Diagnostic failure)
    {
        _failed = true;
        Reporter.Error(failure);
    }
}
