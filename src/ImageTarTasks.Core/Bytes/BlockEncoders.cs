using System.Collections.Concurrent;

namespace ImageTarTasks.Bytes;

/// <summary>
/// Those who compress blocks: no more than so many, lent to encoders that work side by side or one after another, and used again. So memory depends on their
/// number and not on how much is compressed.
/// </summary>
/// <param name="most">How many there are at most.</param>
/// <param name="make">Makes one.</param>
internal sealed class BlockEncoders(int most, Func<BlockEncoder> make) : IDisposable
{
    private readonly SemaphoreSlim _left = new(most);
    private readonly ConcurrentBag<BlockEncoder> _free = [];

    /// <summary>For encoders on <paramref name="threads"/> threads: one each, one that waits for its turn, and one that is being filled.</summary>
    public static BlockEncoders For(int threads, Func<BlockEncoder> make) => new(threads + 2, make);

    /// <summary>One, or null when all are lent.</summary>
    public BlockEncoder? TryTake() => _left.Wait(0) ? Next() : null;

    /// <summary>One, when there is one again. Who waits here must hold none.</summary>
    public BlockEncoder Take()
    {
        _left.Wait();
        return Next();
    }

    /// <summary>Gives one back that is not at work any more.</summary>
    public void Return(BlockEncoder encoder)
    {
        encoder.Clear();
        _free.Add(encoder);
        _left.Release();
    }

    /// <summary>Frees those that were given back.</summary>
    public void Dispose()
    {
        while (_free.TryTake(out var encoder))
        {
            encoder.Dispose();
        }

        _left.Dispose();
    }

    private BlockEncoder Next() => _free.TryTake(out var encoder) ? encoder : make();
}
