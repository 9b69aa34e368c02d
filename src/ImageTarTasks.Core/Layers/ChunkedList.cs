namespace ImageTarTasks.Core.Layers;

/// <summary>
/// A list of structs that grows in blocks: nothing is copied or doubled when it grows, and elements are used in place.
/// </summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int BlockBits = 14;
    private const int BlockMask = (1 << BlockBits) - 1;

    private readonly List<T[]> _blocks = [];

    /// <summary>The number of elements.</summary>
    public int Count { get; private set; }

    /// <summary>An element, in place.</summary>
    public ref T this[int index] => ref _blocks[index >> BlockBits][index & BlockMask];

    /// <summary>Adds an element; returns its index.</summary>
    public int Add(T element)
    {
        if (Count >> BlockBits == _blocks.Count)
        {
            _blocks.Add(new T[1 << BlockBits]);
        }

        this[Count] = element;
        return Count++;
    }
}
