namespace ImageTarTasks.Core.IO.Compression;

/// <summary>
/// A pool of block encoders. One encoding stream after another rents them, so memory does not depend on the amount of
/// content. For use by one thread.
/// </summary>
/// <param name="make">Creates an encoder.</param>
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

    /// <summary>Frees the encoders that were returned.</summary>
    public void Dispose()
    {
        while (_free.TryPop(out var encoder))
        {
            encoder.Dispose();
        }
    }
}
