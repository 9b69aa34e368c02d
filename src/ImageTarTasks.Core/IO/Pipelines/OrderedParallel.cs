namespace ImageTarTasks.Core.IO.Pipelines;

/// <summary>
/// Does the same for several members at once, each on a thread of its own. What comes of them is told in the order in which they were begun, and
/// the failure that is thrown is that of the first one, so nobody can tell how many were at work.
/// </summary>
/// <typeparam name="T">What comes of one.</typeparam>
/// <param name="most">How many at once.</param>
/// <param name="cancellation">Stops all.</param>
internal sealed class OrderedParallel<T>(int most, CancellationToken cancellation) : IDisposable
{
    private readonly Queue<(Task<T> Work, Action<T> Tell)> _running = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

    /// <summary>Begins one; when there are too many, waits for the first of them and tells it.</summary>
    /// <param name="work">On a thread of its own.</param>
    /// <param name="tell">On the caller's, in order.</param>
    public void Begin(Func<CancellationToken, T> work, Action<T> tell)
    {
        while (_running.Count >= most)
        {
            TellFirst();
        }

        _running.Enqueue((Task.Factory.StartNew(() => work(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), tell));
    }

    /// <summary>Waits for all and tells them.</summary>
    public void TellAll()
    {
        while (_running.Count > 0)
        {
            TellFirst();
        }
    }

    /// <summary>Stops those that are still at work, and waits until they are gone.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var (work, _) in _running)
        {
            ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        _stop.Dispose();
    }

    private void TellFirst()
    {
        var (work, tell) = _running.Peek();
        var result = work.GetAwaiter().GetResult();
        _running.Dequeue();
        tell(result);
    }
}
