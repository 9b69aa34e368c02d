namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// Those who compress blocks, lent to one encoder after another and used again, so that memory does not depend on how much is compressed. For one thread.
/// </summary>
/// <param name="make">Makes one more.</param>
internal sealed class BlockEncoders(Func<BlockEncoder> make) : IDisposable
{
    private readonly Stack<BlockEncoder> _free = new();

    /// <summary>One to be filled.</summary>
    public BlockEncoder Take() => _free.TryPop(out var encoder) ? encoder : make();

    /// <summary>Gives one back that is not at work any more.</summary>
    public void Return(BlockEncoder encoder)
    {
        encoder.Clear();
        _free.Push(encoder);
    }

    /// <summary>Frees those that were given back.</summary>
    public void Dispose()
    {
        while (_free.TryPop(out var encoder))
        {
            encoder.Dispose();
        }
    }
}
