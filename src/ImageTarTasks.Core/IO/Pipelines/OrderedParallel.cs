namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// Runs the same work for several members at once, each on a thread of its own. Results are delivered in the order in
/// which the work began, and the failure that is thrown is that of the first one. So the result does not depend on the
/// number of threads.
/// </summary>
/// <typeparam name="T">The result of one piece of work.</typeparam>
/// <param name="most">The maximum number at once.</param>
/// <param name="cancellationToken">Stops all work.</param>
internal sealed class OrderedParallel<T>(int most, CancellationToken cancellationToken) : IDisposable
{
    private readonly Queue<(Task<T> Work, Action<T> Tell)> _running = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>Begins one piece of work. At the maximum, waits for the first one and delivers its result.</summary>
    /// <param name="work">Runs on a thread of its own.</param>
    /// <param name="tell">Receives the result, on the caller's thread, in order.</param>
    public void Begin(Func<CancellationToken, T> work, Action<T> tell)
    {
        while (_running.Count >= most)
        {
            CompleteFirst();
        }

        _running.Enqueue(
            (
                Task.Factory.StartNew(
                    () => work(_stop.Token),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                ),
                tell
            )
        );
    }

    /// <summary>Waits for all work and delivers the results.</summary>
    public void CompleteAll()
    {
        while (_running.Count > 0)
        {
            CompleteFirst();
        }
    }

    /// <summary>Stops the work that still runs and waits for its threads.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var (work, _) in _running)
        {
            ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        _stop.Dispose();
    }

    private void CompleteFirst()
    {
        var (work, tell) = _running.Peek();
        var result = work.GetAwaiter().GetResult();
        _running.Dequeue();
        tell(result);
    }
}
