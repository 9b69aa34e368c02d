using ImageTarTasks.Store;

namespace ImageTarTasks.Archives;

/// <summary>
/// Stages members side by side, each on threads of its own. What is learned of them is told in the order in which they stand in the archive, and the
/// failure that is thrown is that of the first one, so nobody can tell how many were at work.
/// </summary>
/// <param name="most">How many at once.</param>
/// <param name="cancellation">Stops all.</param>
internal sealed class StagingQueue(int most, CancellationToken cancellation) : IDisposable
{
    /// <summary>More at once would wait for one disk.</summary>
    private const int Enough = 4;

    /// <summary>What one may take in the worst case: the window of zstd, and the buffers of its threads.</summary>
    private const long MemoryOfOne = 256L * 1024 * 1024;

    private readonly Queue<(Task<StagedBlob> Staging, Action<StagedBlob> Add)> _running = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

    /// <summary>How many this machine does well at once.</summary>
    public static int Most => (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryOfOne, 1, Math.Min(Enough, Environment.ProcessorCount));

    /// <summary>Begins a member; when there are too many, waits for the first of them and adds it.</summary>
    /// <param name="stage">On a thread of its own.</param>
    /// <param name="add">On the caller's, in order.</param>
    public void Begin(Func<CancellationToken, StagedBlob> stage, Action<StagedBlob> add)
    {
        while (_running.Count >= most)
        {
            AddFirst();
        }

        _running.Enqueue((Task.Factory.StartNew(() => stage(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), add));
    }

    /// <summary>Waits for all and adds them.</summary>
    public void AddAll()
    {
        while (_running.Count > 0)
        {
            AddFirst();
        }
    }

    /// <summary>Stops those that are still at work, and waits until they are gone.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var (staging, _) in _running)
        {
            ((Task)staging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        _stop.Dispose();
    }

    private void AddFirst()
    {
        var (staging, add) = _running.Peek();
        var blob = staging.GetAwaiter().GetResult();
        _running.Dequeue();
        add(blob);
    }
}
